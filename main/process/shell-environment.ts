/**
 * The environment a person has in a terminal. A tray app, or a host started at login, has another one: without the PATH that
 * shell start-up files build, no agent is found. The login shell is asked once, for a bounded time, what it has.
 */
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { homedir, userInfo } from 'node:os';
import { basename, delimiter } from 'node:path';
import type { Log } from '#lib/log.ts';
import { endGroup } from './process-group.ts';

/** Start-up files that take longer (or wait for an answer) are not waited for. */
export const SHELL_DEADLINE_MS = 10_000;
/** A shell that prints more than this is not listened to any further. */
export const SHELL_OUTPUT_MAX_BYTES = 4 * 1024 * 1024;

/** Carries the marker into the shell, so that the marker is in none of its words and an echo of them is not mistaken for it. */
const MARKER_VARIABLE = 'BATON_SHELL_MARKER';

/** Left behind by who started Baton, not chosen by the person: it would change how an agent runs. */
const FOREIGN_VARIABLE = /^(ELECTRON_|npm_|BATON_)|^(NODE_OPTIONS|INIT_CWD|CLAUDECODE|_|SHLVL|PWD|OLDPWD)$/i;
/** What npm puts in front of PATH when it runs a script. */
const FOREIGN_PATH_ENTRY = /[\\/]node_modules[\\/]\.bin[\\/]?$|[\\/]node-gyp-bin[\\/]?$/;

export type Environment = Readonly<Record<string, string>>;

export interface ShellEnvironmentOptions {
  readonly log: Log;
  /** The environment Baton itself runs in. */
  readonly inherited?: Readonly<Record<string, string | undefined>>;
  /** The login shell; by default that of the user. */
  readonly shell?: string | undefined;
  readonly deadlineMs?: number;
  readonly maxBytes?: number;
}

/** The environment without what Baton's own starters put into it. */
export function cleanEnvironment(environment: Readonly<Record<string, string | undefined>>): Environment {
  const clean: Record<string, string> = {};
  for (const [name, value] of Object.entries(environment)) {
    if (value === undefined || FOREIGN_VARIABLE.test(name)) continue;
    clean[name] = name.toUpperCase() === 'PATH' ? cleanPath(value) : value;
  }
  return clean;
}

function cleanPath(path: string): string {
  return path
    .split(delimiter)
    .filter((entry) => !FOREIGN_PATH_ENTRY.test(entry))
    .join(delimiter);
}

/** The login shell's environment; if it cannot be had, the inherited one, and the log says why. Never rejects. */
export async function readShellEnvironment(options: ShellEnvironmentOptions): Promise<Environment> {
  const { log, inherited = process.env } = options;
  const clean = cleanEnvironment(inherited);
  if (process.platform === 'win32') return clean;
  const shell = options.shell ?? loginShell(inherited);
  const answer = await askShell(shell, clean, options);
  if (!answer.ok) {
    log.warn(`Using the environment Baton was started with, because the login shell ${shell} ${answer.reason}.`);
    return clean;
  }
  return cleanEnvironment(answer.environment);
}

function loginShell(inherited: Readonly<Record<string, string | undefined>>): string {
  try {
    return inherited.SHELL || userInfo().shell || '/bin/sh';
  } catch {
    // A user without an entry in the user database, as in some containers.
    return '/bin/sh';
  }
}

function homeFolder(): string {
  try {
    return homedir();
  } catch {
    return '/'; // As above.
  }
}

type Answer = { ok: true; environment: Environment } | { ok: false; reason: string };

async function askShell(shell: string, environment: Environment, options: ShellEnvironmentOptions): Promise<Answer> {
  const { deadlineMs = SHELL_DEADLINE_MS, maxBytes = SHELL_OUTPUT_MAX_BYTES } = options;
  if (process.execPath.includes("'"))
    return { ok: false, reason: `cannot be asked: ${process.execPath} holds a quote` };
  const marker = randomUUID();
  const child = spawn(shell, shellArguments(shell), {
    cwd: homeFolder(),
    env: {
      ...environment,
      [MARKER_VARIABLE]: marker,
      ...(process.versions.electron ? { ELECTRON_RUN_AS_NODE: '1' } : {}),
    },
    stdio: ['ignore', 'pipe', 'ignore'],
    // A session of its own: an interactive shell must neither take over nor stop for Baton's terminal.
    detached: true,
  });
  const ended = Promise.withResolvers<Answer>();
  const chunks: Buffer[] = [];
  let size = 0;
  child.stdout.on('data', (chunk: Buffer) => {
    size += chunk.byteLength;
    if (size > maxBytes) ended.resolve({ ok: false, reason: `printed more than ${maxBytes} bytes` });
    else chunks.push(chunk);
    // Start-up files may leave something behind that holds the pipe open, so its end is not waited for.
    const environmentRead = parseAnswer(Buffer.concat(chunks).toString('utf8'), marker);
    if (environmentRead) ended.resolve({ ok: true, environment: environmentRead });
  });
  child.once('error', (error) => ended.resolve({ ok: false, reason: `could not be run: ${error.message}` }));
  child.once('close', (code, signal) =>
    ended.resolve({ ok: false, reason: `ended (${signal ?? code}) without an answer` }),
  );
  const timer = setTimeout(
    () => ended.resolve({ ok: false, reason: `did not answer within ${deadlineMs} ms` }),
    deadlineMs,
  );
  const answer = await ended.promise;
  clearTimeout(timer);
  child.stdout.destroy();
  if (child.pid !== undefined) await endGroup(child.pid, { sigkillAfterMs: 500, goneAfterSigkillMs: 500 });
  return answer;
}

/** Prints the environment as NUL-separated `name=value`, between two markers, whatever the start-up files print around it. */
function shellArguments(shell: string): string[] {
  const script =
    `const m=process.env.${MARKER_VARIABLE};` +
    'process.stdout.write(m+Object.entries(process.env).map(e=>e.join("=")).join("\\0")+"\\0"+m)';
  const command = `'${process.execPath}' -e '${script}'`;
  switch (basename(shell)) {
    case 'tcsh':
    case 'csh':
      // A csh takes -l only as its sole argument.
      return ['-ic', command];
    case 'pwsh':
      return ['-Login', '-Command', `& ${command}`];
    default:
      return ['-i', '-l', '-c', command];
  }
}

/** The environment in what the shell has printed so far; null if it is not all there. */
function parseAnswer(printed: string, marker: string): Environment | null {
  const start = printed.indexOf(marker);
  const end = printed.lastIndexOf(`\0${marker}`);
  if (start < 0 || end < start) return null;
  const entries = printed.slice(start + marker.length, end).split('\0');
  return Object.fromEntries(
    entries.flatMap((entry) => {
      const equals = entry.indexOf('=');
      return equals > 0 ? [[entry.slice(0, equals), entry.slice(equals + 1)]] : [];
    }),
  );
}
