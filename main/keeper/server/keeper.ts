/**
 * Keeps agents running while the host that started them comes and goes. It decides nothing and understands nothing of what agents
 * say: it holds their stdio, and does what the one host that can prove itself asks for.
 */

import { chmodSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { dirname, join } from 'node:path';
import { unawaited } from '#lib/unawaited.ts';
import type { AgentCommand } from '#main/process/agent-process.ts';
import {
  encodeFrame,
  FRAME_MAX_BYTES,
  type Frame,
  FrameReader,
  type FromKeeper,
  KEEPER_PROTOCOL,
  type ToKeeper,
} from '../wire/frames.ts';
import { type KeeperPaths, type KeeperState, makePrivateFolder, readState, writeState } from '../wire/keeper-paths.ts';
import { createNonce, isProof, prove } from '../wire/proof.ts';
import { KeptAgent } from './kept-agent.ts';

export interface KeeperLimits {
  /** Output of one agent that is kept on disk while nobody takes it; then the agent is not read from any more. */
  readonly spoolMaxBytes: number;
  /** Without agents and without a host, it ends after this. */
  readonly graceMs: number;
  /** Anyone who connects has this long to prove to be the host. */
  readonly greetingMs: number;
  /** Agents that no host has come back to are ended after this; the host says what the person has chosen. */
  readonly aloneMs: number;
}

export const KEEPER_LIMITS: KeeperLimits = {
  spoolMaxBytes: 256 * 1024 * 1024,
  graceMs: 5_000,
  greetingMs: 5_000,
  aloneMs: 24 * 60 * 60_000,
};
/** Connections that have not proven to be the host yet. */
export const STRANGERS_MAX = 8;
/** Agents at once: more than a host has sessions, as those that ended count until their end was noted. */
export const AGENTS_MAX = 256;
/** How often it looks at the clock (which goes on while the computer sleeps) for how long agents were left alone. */
const LOOK_AT_CLOCK_MS = 30_000;

export interface KeeperOptions {
  readonly place: KeeperPaths;
  readonly state: KeeperState;
  readonly limits: KeeperLimits;
  /** It has ended: nothing runs any more, and its socket is closed. */
  readonly onEnd: () => void;
}

export class Keeper {
  readonly #options: KeeperOptions;
  readonly #server: Server;
  readonly #agents = new Map<string, KeptAgent>();
  readonly #starting = new Set<string>();
  readonly #strangers = new Set<Socket>();
  readonly #forgetting = new Set<KeptAgent>();
  #host: Socket | null = null;
  #aloneMs: number;
  #aloneSince = Date.now();
  /** A host that says goodbye does not come back soon; one that dies may. */
  #graceMs: number;
  #clock: NodeJS.Timeout | undefined;
  #grace: NodeJS.Timeout | undefined;
  #isEnding = false;

  constructor(options: KeeperOptions) {
    this.#options = options;
    this.#aloneMs = options.limits.aloneMs;
    this.#graceMs = options.limits.graceMs;
    this.#server = createServer((socket) => this.#greet(socket));
  }

  /** Takes over what a previous keeper has left, and listens. Rejects if it cannot. */
  async listen(): Promise<void> {
    const { place, state } = this.#options;
    makePrivateFolder(place.spool);
    for (const id of readdirSync(place.spool)) {
      const agent = KeptAgent.load(this.#agentOptions(id));
      if (agent) this.#agents.set(id, agent);
      else rmSync(join(place.spool, id), { recursive: true, force: true });
    }
    // For this user only from its first moment; agents must not inherit that mask.
    const mask = process.umask(0o077);
    const listening = new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(state.socket, resolve);
    });
    process.umask(mask);
    await listening;
    if (process.platform !== 'win32') chmodSync(state.socket, 0o600);
    this.#watchClock();
    this.#endWhenIdle();
  }

  /** Ends all agents, then itself. */
  async end(): Promise<void> {
    await Promise.all([...this.#agents.values()].map((agent) => agent.stop().then(() => agent.ended)));
    this.#end();
  }

  #greet(socket: Socket): void {
    socket.on('error', () => socket.destroy());
    if (this.#strangers.size >= STRANGERS_MAX) {
      socket.destroy();
      return;
    }
    this.#strangers.add(socket);
    // At once, not when its end is told: anyone who comes next has its place.
    const drop = () => {
      this.#strangers.delete(socket);
      socket.destroy();
    };
    const late = setTimeout(drop, this.#options.limits.greetingMs);
    const nonce = createNonce();
    const reader = new FrameReader();
    socket.on('data', (chunk: Buffer) => {
      try {
        for (const frame of reader.push(chunk)) {
          if (socket.destroyed) return;
          if (this.#host === socket) this.#handle(frame);
          else if (this.#isHost(frame, nonce)) {
            clearTimeout(late);
            this.#strangers.delete(socket);
            reader.maxBytes = FRAME_MAX_BYTES;
            this.#welcome(socket, frame, nonce);
          } else drop();
        }
      } catch (error) {
        // Garbage, or a bug: anyone who is at the other end, nothing more is believed of it. Agents run on.
        if (this.#host === socket) console.error('The connection to the host was closed:', error);
        drop();
      }
    });
    socket.on('close', () => {
      clearTimeout(late);
      this.#strangers.delete(socket);
      if (this.#host === socket) this.#lose();
    });
    const { version } = this.#options.state;
    socket.write(encodeFrame({ type: 'hello', protocol: KEEPER_PROTOCOL, version, nonce }));
  }

  #isHost({ header }: Frame, nonce: string): boolean {
    if (header.type !== 'prove' || typeof header.nonce !== 'string') return false;
    return isProof(header.proof, prove(this.#options.state.token, 'host', nonce, header.nonce));
  }

  #welcome(socket: Socket, { header }: Frame, nonce: string): void {
    // What the previous host has sent and nobody has read is void: only what was taken counts, and the new one is told that.
    this.#host?.destroy();
    for (const agent of this.#agents.values()) agent.detach();
    this.#host = socket;
    this.#graceMs = this.#options.limits.graceMs;
    clearTimeout(this.#grace);
    const proof = prove(this.#options.state.token, 'keeper', nonce, String(header.nonce));
    this.#tell({ type: 'welcome', proof, agents: [...this.#agents.values()].map(({ state }) => state) });
  }

  #lose(): void {
    this.#host = null;
    this.#aloneSince = Date.now();
    for (const agent of this.#agents.values()) agent.detach();
    this.#sayWhereItIs();
    this.#endWhenIdle();
  }

  /** Another keeper, whose host died while it started, may have written its own state in the place of this one's. */
  #sayWhereItIs(): void {
    const { place, state } = this.#options;
    const isNeeded = this.#agents.size > 0 && !this.#isEnding;
    try {
      if (isNeeded && readState(place)?.token !== state.token) writeState(place, state);
    } catch (error) {
      console.error('The state file could not be written again:', error);
    }
  }

  #tell(message: FromKeeper, bytes?: Uint8Array): void {
    this.#host?.write(encodeFrame(message, bytes));
  }

  #handle({ header, bytes }: Frame): void {
    const message = header as unknown as ToKeeper;
    const agent = 'id' in message ? this.#agents.get(message.id) : undefined;
    switch (message.type) {
      case 'start':
        unawaited(this.#start(String(message.id), bytes), 'start an agent');
        return;
      case 'read':
        agent?.read(Number(message.from), Number(message.upTo));
        return;
      case 'acknowledge':
        agent?.acknowledge(Number(message.offset));
        return;
      case 'write':
        // The bytes lie in a buffer that holds more than them and is read on.
        if (agent) agent.write(message.number, message.mark, Buffer.from(bytes));
        else this.#tell({ type: 'not-written', id: message.id, number: message.number, text: 'The agent is gone.' });
        return;
      case 'stop':
        unawaited(
          (agent?.stop() ?? Promise.resolve()).then(() => this.#tell({ type: 'stopped', id: message.id })),
          'stop an agent',
        );
        return;
      case 'forget':
        if (agent) this.#forget(message.id, agent);
        return;
      case 'limits':
        if (Number.isFinite(message.aloneMs) && message.aloneMs > 0) this.#aloneMs = message.aloneMs;
        this.#watchClock();
        return;
      case 'bye':
        this.#sayGoodbye();
        return;
      default: // Of a newer host; what this one does not know it does without.
    }
  }

  /** A host that waits for this keeper's end sees it in the end of the connection. */
  #sayGoodbye(): void {
    const host = this.#host;
    if (!host) return;
    this.#graceMs = 0;
    if ([...this.#agents.values()].some((agent) => agent.isRunning && !this.#forgetting.has(agent))) host.end();
    else this.#strangers.add(host);
    this.#lose();
  }

  async #start(id: string, bytes: Buffer): Promise<void> {
    const refuse = (text: string, hint?: string) =>
      this.#tell({ type: 'not-started', id, text, ...(hint !== undefined && { hint }) });
    const isUsed = this.#agents.has(id) || this.#starting.has(id);
    if (!/^[\w-]{1,100}$/.test(id) || isUsed) return refuse('Baton has used this id for an agent before.');
    if (this.#agents.size + this.#starting.size >= AGENTS_MAX) return refuse(`${AGENTS_MAX} agents run already.`);
    this.#starting.add(id);
    const host = this.#host;
    try {
      const agent = await KeptAgent.start(this.#agentOptions(id), JSON.parse(bytes.toString('utf8')) as AgentCommand);
      this.#agents.set(id, agent);
      if (this.#host !== host) {
        // Anyone who wanted it is gone, and anyone who came since was not told of it.
        this.#forget(id, agent);
        return;
      }
      const { pid, startTime } = agent.state;
      this.#tell({ type: 'started', id, pid, startTime });
      unawaited(
        agent.ended.then(() => this.#endWhenIdle()),
        'note the end of an agent',
      );
    } catch (error) {
      const { message, hint } = error as Error & { hint?: string };
      refuse(message, hint);
    } finally {
      this.#starting.delete(id);
      this.#endWhenIdle();
    }
  }

  /** One that still runs is ended first: nothing may run that nobody knows of. */
  #forget(id: string, agent: KeptAgent): void {
    this.#forgetting.add(agent);
    const forgotten = agent.stop().then(() => {
      agent.forget();
      this.#forgetting.delete(agent);
      this.#agents.delete(id);
      this.#endWhenIdle();
    });
    unawaited(forgotten, 'forget an agent');
  }

  #agentOptions(id: string) {
    return {
      id,
      folder: join(this.#options.place.spool, id),
      spoolMaxBytes: this.#options.limits.spoolMaxBytes,
      tell: (message: FromKeeper, bytes?: Uint8Array) => this.#tell(message, bytes),
    };
  }

  #watchClock(): void {
    clearInterval(this.#clock);
    this.#clock = setInterval(() => this.#endTheForsaken(), Math.min(LOOK_AT_CLOCK_MS, this.#aloneMs / 4));
  }

  #endTheForsaken(): void {
    const aloneMs = Date.now() - this.#aloneSince;
    if (this.#host !== null || aloneMs < this.#aloneMs) return;
    for (const agent of this.#agents.values())
      if (agent.isRunning) unawaited(agent.stop(aloneMs), 'end an agent that nobody came for');
  }

  #endWhenIdle(): void {
    clearTimeout(this.#grace);
    const isIdle = () =>
      this.#host === null && this.#starting.size === 0 && ![...this.#agents.values()].some((agent) => agent.isRunning);
    if (!isIdle() || this.#isEnding) return;
    this.#grace = setTimeout(() => {
      if (isIdle()) this.#end();
    }, this.#graceMs);
  }

  #end(): void {
    if (this.#isEnding) return;
    this.#isEnding = true;
    clearInterval(this.#clock);
    clearTimeout(this.#grace);
    const { place, state, onEnd } = this.#options;
    // First what leads here: anyone who looks from now on starts another one.
    if (readState(place)?.token === state.token) rmSync(place.stateFile, { force: true });
    for (const socket of [...this.#strangers, this.#host]) socket?.destroy();
    for (const agent of this.#agents.values()) agent.close();
    this.#server.close(() => {
      leaveSocketFolder(state.socket, place.folder);
      onEnd();
    });
  }
}

/** The folder that was made for the socket alone, where the keeper's own has too long a name. */
function leaveSocketFolder(socket: string, folder: string): void {
  if (process.platform === 'win32' || dirname(socket) === folder) return;
  try {
    rmdirSync(dirname(socket));
  } catch {} // Another keeper's socket is in it.
}
