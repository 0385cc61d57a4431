/** The host's log: a file that a person may send to a stranger. What must not be in it is taken out here, not where it is written. */
import { chmodSync, existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import electronLog from 'electron-log/node.js';
import type { Log, LogFields } from '#lib/log.ts';
import { makeFolder } from './make-folder.ts';

export const LOG_FILE = 'baton.log';
/** Above this the file becomes `baton.old.log`, of which there is one. */
const LOG_MAX_BYTES = 5 * 1024 * 1024;
/** Of one line; a log is no place for whole outputs. */
const LINE_MAX_CHARS = 8_000;
const FIELD_DEPTH_MAX = 5;

/** Writes to `baton.log` in `folder`. `isVerbose`: also debug lines, and everything on the console's stderr. */
export function createLog(options: { folder: string; isVerbose: boolean; home?: string }): Log {
  const { folder, isVerbose, home = homedir() } = options;
  makeFolder(folder);
  const path = join(folder, LOG_FILE);
  const logger = electronLog.create({ logId: `baton:${path}` });
  const { file, console: terminal } = logger.transports;
  file.resolvePathFn = () => path;
  file.maxSize = LOG_MAX_BYTES;
  file.writeOptions = { flag: 'a', mode: 0o600, encoding: 'utf8' };
  file.format = '{iso} [{level}] {text}';
  file.level = isVerbose ? 'debug' : 'info';
  terminal.level = isVerbose ? 'debug' : false;
  terminal.format = '{iso} [{level}] {text}';
  terminal.writeFn = ({ message }) => process.stderr.write(`${message.data.map(String).join(' ')}\n`);
  // What it says, past every level and with a stack, when a file cannot be written: on a full disk it would stand in the middle of the
  // terminal's screen, line after line. What a person must know of a full disk is said elsewhere.
  electronLog.transports.console.writeFn = () => {};
  for (const name of ['ipc', 'remote'] as const) {
    const transport = logger.transports[name];
    if (transport) transport.level = false;
  }
  if (existsSync(path)) chmodSync(path, 0o600);
  logger.hooks.push((message) => ({ ...message, data: [redact(shorten(message.data.map(String).join(' ')), home)] }));

  const write = (level: 'info' | 'warn' | 'error' | 'debug') => (message: string, fields?: LogFields) =>
    logger[level](formatLine(message, fields));
  return { info: write('info'), warn: write('warn'), error: write('error'), debug: write('debug') };
}

/** One line: the message, then its fields as JSON. */
export function formatLine(message: string, fields?: LogFields): string {
  const text = fields === undefined ? message : `${message} ${JSON.stringify(toPlain(fields, 0))}`;
  return text.replaceAll(/[\r\n]+/g, ' ⏎ ');
}

/** Never leaves the first half of a key at its end, which would be too short to be known for one. */
export function shorten(line: string): string {
  return line.length <= LINE_MAX_CHARS ? line : `${line.slice(0, LINE_MAX_CHARS).replace(/[A-Za-z0-9_+/=.-]*$/, '')}…`;
}

/** Errors with their cause and code, buffers as their length; never throws. */
function toPlain(value: unknown, depth: number): unknown {
  if (value instanceof Error) {
    const { code } = value as { code?: unknown };
    const cause = value.cause === undefined ? {} : { cause: toPlain(value.cause, depth + 1) };
    return {
      error: value.name,
      message: value.message,
      ...(typeof code === 'string' && { code }),
      stack: value.stack,
      ...cause,
    };
  }
  if (typeof value === 'bigint') return value.toString();
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= FIELD_DEPTH_MAX) return '[…]';
  if (Array.isArray(value)) return value.map((item) => toPlain(item, depth + 1));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, toPlain(item, depth + 1)]));
}

const REDACTED = '[redacted]';
/** A key is as secret under its field's name as in a sentence. */
const SECRET_FIELD =
  /("(?:[^"]*(?:token|secret|password|psk|api[-_]?key|authorization|private[-_]?key))"\s*:\s*)"(?:[^"\\]|\\.)*"/gi;
const SECRET_ASSIGNMENT = /\b([A-Z0-9_]*(?:TOKEN|SECRET|PASSWORD|API_?KEY))=\S+/gi;
const PAIRING_FRAGMENT = /#1\.[A-Za-z0-9_.-]+/g;
const BEARER = /\b(Bearer|Basic)\s+[A-Za-z0-9._~+/=-]+/gi;
/** Keys of known makers: sk-…, sk_live_…, ghp_…, github_pat_…, xoxb-…, AKIA…, AIza…, eyJ… (JWT). */
const MAKER_KEY =
  /\b(?:sk|pk|rk)[-_][A-Za-z0-9_-]{8,}|\bgh[opusr]_\w{16,}|\bgithub_pat_\w{16,}|\bxox[abprs]-[\w-]{8,}|\bAKIA[A-Z0-9]{12,}|\bAIza[\w-]{20,}|\beyJ[\w-]+\.[\w-]+\.[\w-]*/g;
const LONG_ENCODED = /[A-Za-z0-9_+/-]{32,}={0,2}/g;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Takes secrets out of a line, and the name of the person out of paths. */
export function redact(text: string, home: string): string {
  const withoutHome = home.length > 1 ? text.replaceAll(home, '~') : text;
  return withoutHome
    .replace(PAIRING_FRAGMENT, `#${REDACTED}`)
    .replace(SECRET_FIELD, `$1"${REDACTED}"`)
    .replace(SECRET_ASSIGNMENT, `$1=${REDACTED}`)
    .replace(BEARER, `$1 ${REDACTED}`)
    .replace(MAKER_KEY, REDACTED)
    .replace(LONG_ENCODED, redactRun);
}

/** Ids of commands and sessions, and ordinary paths, are what a log is for. */
function redactRun(run: string): string {
  if (!run.startsWith('/')) return UUID.test(run) ? run : REDACTED;
  return run
    .split('/')
    .map((part) => (part.length < 32 || UUID.test(part) ? part : REDACTED))
    .join('/');
}
