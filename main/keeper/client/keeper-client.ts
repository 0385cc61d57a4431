/** The host's side of the keeper: finds it or starts it, and knows which agents run under it. */
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { closeSync, openSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Log } from '#lib/log.ts';
import { storageFailure } from '#lib/storage-failure.ts';
import { type AgentCommand, type AgentProcess, AgentStartError } from '#main/process/agent-process.ts';
import { endOrphan } from '#main/process/process-identity.ts';
import type { FromKeeper, KeptState } from '../wire/frames.ts';
import { isAlive, keeperPathsIn, makePrivateFolder, readState } from '../wire/keeper-paths.ts';
import { connectKeeper, KeeperError, type KeeperLink } from './keeper-link.ts';
import { KeptProcess } from './kept-process.ts';

/** A keeper that is not there by then is not waited for: agents then run as the host's own children. */
export const KEEPER_START_DEADLINE_MS = 10_000;
/** It starts an agent, or says why not, within this: all that takes time is one process. A keeper that hangs is not waited for. */
export const KEEPER_ANSWER_DEADLINE_MS = 20_000;
/** One that is just ending, or has just begun, is looked for again after this. */
const LOOK_AGAIN_MS = 50;
/** On quitting, the keeper has this long to end. */
const GOODBYE_MS = 2_000;
const HANGS_TEXT = 'The process that keeps agents running does not answer.';
const HANGS_HINT = 'If it stays so, end the process “baton-keeper”: its sessions can be resumed afterwards.';
/** It holds little and computes less: what it may use is kept small. */
const NODE_FLAGS = ['--max-semi-space-size=1', '--max-old-space-size=128'];
/** All of its environment. Agents get theirs from the host, and nothing of this. */
const KEPT_VARIABLES = ['XDG_RUNTIME_DIR', 'TMPDIR', 'TMP', 'TEMP', 'SystemRoot', 'ComSpec'];

export interface KeeperClientOptions {
  /** `<data folder>/keeper`. */
  readonly folder: string;
  readonly log: Log;
  /** How long agents may run without a host, in milliseconds. */
  readonly aloneMs: () => number;
  /** Limits of the keeper, for tests; see `KeeperLimits`. */
  readonly limits?: object;
  readonly startDeadlineMs?: number;
  /** `trouble` is another one. */
  readonly onDidChangeTrouble?: () => void;
  readonly answerDeadlineMs?: number;
}

/** `text`: why no keeper can be had, in words for a person. */
export class KeeperUnavailable extends Error {
  override name = 'KeeperUnavailable';
}

export class KeeperClient {
  readonly #options: KeeperClientOptions;
  readonly #processes = new Map<string, KeptProcess>();
  readonly #starts = new Map<string, PromiseWithResolvers<Extract<FromKeeper, { type: 'started' }>>>();
  /** By agent: why what it prints cannot be spooled. */
  readonly #troubles = new Map<string, string>();
  #found = new Map<string, KeptState>();
  #link: KeeperLink | null = null;
  #pid: number | null = null;
  #connecting: Promise<KeeperLink> | null = null;
  /** Settles when the keeper that was told goodbye last has closed the connection. */
  #goodbye: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor(options: KeeperClientOptions) {
    this.#options = options;
  }

  /**
   * Asks a keeper what runs. `isExpected`: a previous host has left agents, so that one is started, if need be, to tell how they ended.
   * Answers what a person must be told if there are agents that cannot be taken over; else null. Never rejects.
   */
  async survey(isExpected: boolean): Promise<string | null> {
    const state = readState(keeperPathsIn(this.#options.folder));
    const isThere = state !== null && (await isAlive(state));
    if (!isThere && !isExpected) return null;
    try {
      const { agents } = await this.#connected();
      this.#found = new Map(agents.map((agent) => [agent.id, agent]));
      return null;
    } catch (error) {
      const { message } = error as Error;
      this.#options.log.warn('Agents that a previous Baton left running cannot be taken over', { error });
      return `Agents that Baton had left running could not be taken over: ${message} They are ended, and their sessions can be resumed.`;
    }
  }

  /** Of the keeper that this host is connected to; null if it needs none now. */
  get pid(): number | null {
    return this.#link && this.#pid;
  }

  /** Why the keeper cannot keep what agents say, so that they stand still, in words; null if it can. */
  get trouble(): string | null {
    const [code] = this.#troubles.values();
    if (code === undefined) return null;
    return storageFailure({ code, message: `The disk fails (${code})` }) ?? `The disk fails (${code}).`;
  }

  /** Whether this agent of a previous host can be taken over. */
  has(id: string): boolean {
    return this.#found.has(id);
  }

  /** Takes over an agent that `survey` has found, reading what it printed from `from` on. Null if it is not there. */
  attach(id: string, from: number): AgentProcess | null {
    const state = this.#found.get(id);
    if (!state || !this.#link) return null;
    this.#found.delete(id);
    return this.#adopt(state, from);
  }

  /** Ends every agent that was found and that nobody has taken over. */
  discardRest(): void {
    for (const id of this.#found.keys()) this.#link?.send({ type: 'forget', id });
    this.#found.clear();
    this.#leaveIfIdle();
  }

  /** Rejects with `AgentStartError` if the agent cannot be started, with `KeeperUnavailable` if no keeper can be had. */
  async start(command: AgentCommand): Promise<AgentProcess> {
    const id = randomUUID();
    const { answerDeadlineMs = KEEPER_ANSWER_DEADLINE_MS } = this.#options;
    let late: NodeJS.Timeout | undefined;
    const started = Promise.withResolvers<Extract<FromKeeper, { type: 'started' }>>();
    started.promise.catch(() => undefined); // Waited for only once there is a keeper to ask.
    this.#starts.set(id, started);
    try {
      const link = await this.#connected();
      link.send({ type: 'start', id }, Buffer.from(JSON.stringify(command)));
      late = setTimeout(() => started.reject(new AgentStartError(HANGS_TEXT, HANGS_HINT)), answerDeadlineMs);
      const { pid, startTime } = await started.promise;
      return this.#adopt({ id, pid, startTime, taken: 0, marks: [] }, 0);
    } finally {
      clearTimeout(late);
      this.#starts.delete(id);
      this.#leaveIfIdle();
    }
  }

  /** The setting has changed. */
  sendLimits(): void {
    this.#link?.send({ type: 'limits', aloneMs: this.#options.aloneMs() });
  }

  /** Lets go of the keeper. Agents that still run are left running. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#sayGoodbye();
    await Promise.race([this.#goodbye, wait(GOODBYE_MS)]);
  }

  #adopt(state: Pick<KeptState, 'id' | 'pid' | 'startTime' | 'taken' | 'marks'>, from: number): KeptProcess {
    const { pid, startTime } = state;
    const process = new KeptProcess({
      state,
      from,
      send: (message, bytes) => this.#link?.send(message, bytes),
      onForgotten: () => {
        this.#processes.delete(state.id);
        this.#noteTrouble(state.id, null);
        this.#leaveIfIdle();
      },
      endOrphan: () => endOrphan({ pid, startTime }),
    });
    this.#processes.set(state.id, process);
    return process;
  }

  /** Without agents, no keeper is needed: it ends when it is told goodbye. */
  #leaveIfIdle(): void {
    if (this.#isClosed || this.#processes.size + this.#starts.size + this.#found.size > 0) return;
    this.#sayGoodbye();
  }

  #sayGoodbye(): void {
    const link = this.#link;
    if (!link) return;
    this.#link = null;
    link.send({ type: 'bye' });
    this.#goodbye = link.closed;
  }

  #connected(): Promise<KeeperLink> {
    if (this.#isClosed) return Promise.reject(new KeeperUnavailable('Baton is being closed.'));
    if (this.#link) return Promise.resolve(this.#link);
    this.#connecting ??= this.#connect().finally(() => {
      this.#connecting = null;
    });
    return this.#connecting;
  }

  async #connect(): Promise<KeeperLink> {
    const { folder, startDeadlineMs = KEEPER_START_DEADLINE_MS } = this.#options;
    const deadline = performance.now() + startDeadlineMs;
    for (let problem: unknown = null; ; await wait(LOOK_AGAIN_MS)) {
      if (problem && performance.now() > deadline) throw unavailable(problem);
      try {
        const state = readState(keeperPathsIn(folder));
        if (state && (await isAlive(state))) return await this.#dial(state);
        await this.#spawn();
      } catch (error) {
        if (!(error instanceof KeeperError) || error.kind === 'other-protocol') throw unavailable(error);
        problem = error;
      }
    }
  }

  async #dial(state: { socket: string; token: string; pid: number }): Promise<KeeperLink> {
    const current: { link: KeeperLink | null } = { link: null };
    const link = await connectKeeper(state, {
      onMessage: (message, bytes) => this.#handle(message, bytes),
      onLost: () => {
        if (this.#link === current.link) this.#lose();
      },
    });
    current.link = link;
    this.#link = link;
    this.#pid = state.pid;
    this.sendLimits();
    return link;
  }

  #handle(message: FromKeeper, bytes: Buffer): void {
    if (message.type === 'started') {
      const start = this.#starts.get(message.id);
      if (start) start.resolve(message);
      // Too late: nobody knows of it any more.
      else this.#link?.send({ type: 'forget', id: message.id });
    } else if (message.type === 'not-started') {
      this.#starts.get(message.id)?.reject(new AgentStartError(message.text, message.hint));
    } else if ('id' in message) {
      if (message.type === 'trouble') this.#noteTrouble(message.id, message.code);
      if (message.type === 'exit') this.#noteTrouble(message.id, null);
      this.#processes.get(message.id)?.handle(message, bytes);
    }
  }

  #noteTrouble(agent: string, code: string | null): void {
    const before = this.trouble;
    if (code === null) this.#troubles.delete(agent);
    else if (this.#processes.has(agent)) this.#troubles.set(agent, code);
    if (this.trouble !== before) this.#options.onDidChangeTrouble?.();
  }

  #lose(): void {
    this.#link = null;
    const processes = [...this.#processes.values()];
    if (processes.length > 0) this.#options.log.error('The keeper is gone, and with it every agent under it');
    this.#processes.clear();
    for (const agent of [...this.#troubles.keys()]) this.#noteTrouble(agent, null);
    this.#found.clear();
    for (const process of processes) process.lose();
    for (const start of this.#starts.values()) start.reject(new KeeperUnavailable('The keeper ended.'));
  }

  /** Resolves when the keeper says that it can be found. */
  async #spawn(): Promise<void> {
    const { folder, log, limits } = this.#options;
    const place = keeperPathsIn(folder);
    makePrivateFolder(folder);
    const logFile = openSync(place.log, 'w', 0o600);
    const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
    const entry = fileURLToPath(new URL(`../server/index.${extension}`, import.meta.url));
    const args = [...NODE_FLAGS, entry, folder, ...(limits ? [JSON.stringify(limits)] : [])];
    const child = spawn(process.execPath, args, {
      cwd: folder,
      env: keeperEnvironment(),
      stdio: ['ignore', 'pipe', logFile],
      // A session of its own: neither the host's end nor that of its terminal reaches it.
      detached: true,
      windowsHide: true,
    });
    closeSync(logFile);
    child.unref();
    const { stdout } = child;
    if (!stdout) throw new Error('The keeper was started without a way to hear it.');
    const said = await new Promise<string>((resolve) => {
      child.once('error', (error) => resolve(error.message));
      stdout.setEncoding('utf8').once('data', (text: string) => resolve(text.trim()));
      child.once('exit', (code, signal) => resolve(`it ended at once (${signal ?? code}); see ${place.log}`));
    });
    stdout.destroy();
    if (said !== 'ready') throw new KeeperError('unreachable', `The keeper could not be started: ${said}`);
    log.info('Started the keeper', { pid: child.pid });
  }
}

function keeperEnvironment(): Record<string, string> {
  const found = KEPT_VARIABLES.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    ...Object.fromEntries(found),
    ...(process.platform === 'win32' ? { PATH: process.env.PATH ?? '' } : { PATH: '/usr/bin:/bin' }),
    // Inside Electron, what runs Baton runs as plain Node only if it is told to.
    ...(process.versions.electron ? { ELECTRON_RUN_AS_NODE: '1' } : {}),
  };
}

function unavailable(error: unknown): KeeperUnavailable {
  return new KeeperUnavailable(error instanceof Error ? error.message : String(error), { cause: error });
}
