/** A keeper in a process of its own, and the test's connections to it: as a host, or as somebody who only says to be one. */

import { mkdtempSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectKeeper, type KeeperLink } from '#main/keeper/client/keeper-link.ts';
import type { FromKeeper, KeptState, ToKeeper } from '#main/keeper/wire/frames.ts';
import { type KeeperState, keeperPathsIn, readState } from '#main/keeper/wire/keeper-paths.ts';
import { Child } from '../chaos/processes.ts';

const ENTRY = join(import.meta.dirname, '../../../main/keeper/server/index.ts');
const PATIENCE_MS = 15_000;

export class LoneKeeper {
  readonly folder: string;
  readonly base: string;
  child: Child;
  readonly #limits: object;

  constructor(limits: object = {}, name = 'keeper', base = mkdtempSync(join(tmpdir(), 'baton-keeper-'))) {
    this.base = base;
    this.folder = join(this.base, name);
    this.#limits = limits;
    this.child = this.spawn();
  }

  spawn(): Child {
    this.child = new Child([ENTRY, this.folder, JSON.stringify(this.#limits)], { stdio: ['ignore', 'pipe', 'pipe'] });
    return this.child;
  }

  get state(): KeeperState {
    const state = readState(keeperPathsIn(this.folder));
    if (!state) throw new Error('The keeper has no state file.');
    return state;
  }

  async ready(): Promise<this> {
    await this.child.untilPrinted(/ready/);
    return this;
  }

  /** As the host. */
  async connect(): Promise<KeeperHand> {
    return await KeeperHand.connect(this.state);
  }

  /** As anybody. */
  async dial(): Promise<{ socket: Socket; closed: Promise<Buffer> }> {
    const socket = connect(this.state.socket);
    const received: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => received.push(chunk));
    socket.on('error', () => undefined);
    const closed = new Promise<Buffer>((resolve) => socket.on('close', () => resolve(Buffer.concat(received))));
    await new Promise((resolve) => socket.once('connect', resolve));
    return { socket, closed };
  }

  async clear(): Promise<void> {
    // It ends its agents, then itself.
    this.child.signal('SIGTERM');
    await this.child.gone;
    rmSync(this.base, { recursive: true, force: true });
  }
}

/** One connection, with all that came over it. */
export class KeeperHand {
  readonly messages: FromKeeper[] = [];
  #link: KeeperLink | null = null;
  isLost = false;
  readonly #output = new Map<string, Buffer[]>();
  readonly #ends = new Map<string, number>();
  readonly #waiters = new Set<() => void>();

  static async connect(state: Pick<KeeperState, 'socket' | 'token'>, deadlineMs?: number): Promise<KeeperHand> {
    const hand = new KeeperHand();
    const listener = {
      onMessage: (message: FromKeeper, bytes: Buffer) => hand.#take(message, bytes),
      onLost: () => {
        hand.isLost = true;
        hand.#wake();
      },
    };
    hand.#link = await connectKeeper(state, listener, deadlineMs);
    return hand;
  }

  get agents(): readonly KeptState[] {
    return this.#link?.agents ?? [];
  }

  send(message: ToKeeper, bytes?: Uint8Array): void {
    this.#link?.send(message, bytes);
  }

  async start(id: string, script: string): Promise<Extract<FromKeeper, { type: 'started' | 'not-started' }>> {
    const env = { PATH: process.env.PATH ?? '' };
    const command = { file: process.execPath, args: ['-e', script], env, cwd: tmpdir() };
    this.send({ type: 'start', id }, Buffer.from(JSON.stringify(command)));
    const isAnswer = (message: FromKeeper) =>
      (message.type === 'started' || message.type === 'not-started') && message.id === id;
    await this.until('the start', () => this.messages.some(isAnswer));
    return this.messages.find(isAnswer) as Extract<FromKeeper, { type: 'started' | 'not-started' }>;
  }

  /** All output of an agent that came here, which must be in one piece. */
  output(id: string): Buffer {
    return Buffer.concat(this.#output.get(id) ?? []);
  }

  find<Type extends FromKeeper['type']>(type: Type, id: string): Extract<FromKeeper, { type: Type }> | undefined {
    const found = this.messages.find((message) => message.type === type && 'id' in message && message.id === id);
    return found as Extract<FromKeeper, { type: Type }> | undefined;
  }

  async until(what: string, condition: () => boolean): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const check = () => {
      if (condition()) resolve();
    };
    const timer = setTimeout(() => reject(new Error(`Waited in vain for ${what}.`)), PATIENCE_MS);
    this.#waiters.add(check);
    check();
    await promise.finally(() => {
      clearTimeout(timer);
      this.#waiters.delete(check);
    });
  }

  /** As a host that dies: whatever was not sent yet never is. */
  drop(): void {
    this.#link?.destroy();
  }

  #take(message: FromKeeper, bytes: Buffer): void {
    if (message.type === 'output') {
      const expected = this.#ends.get(message.id);
      if (expected !== undefined && expected !== message.offset) {
        throw new Error(`Output came at ${message.offset}, not at ${expected}.`);
      }
      this.#ends.set(message.id, message.offset + bytes.length);
      const parts = this.#output.get(message.id) ?? [];
      this.#output.set(message.id, parts);
      parts.push(Buffer.from(bytes));
    } else this.messages.push(message);
    this.#wake();
  }

  #wake(): void {
    for (const waiter of [...this.#waiters]) waiter();
  }
}
