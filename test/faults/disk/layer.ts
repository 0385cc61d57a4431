/**
 * The test's side of `layer.cjs`, which is preloaded into the processes of one stage.
 *
 * Why a preload that fills a real tmpfs, and no `PRAGMA max_page_count` or thrown errors: a full disk fails where blocks are taken, which
 * for SQLite is the journal at COMMIT and not the statement, and for a file any byte of a write, so that half of it may be there. Only the
 * kernel does that truly; only the process itself knows which write is its k-th. Where nothing can be mounted, the layer refuses the
 * same writes with the same errors, which is less: then no write is ever half done, and the sweep says so.
 */

import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { untilTrue } from '../patience.ts';
import type { SweptDisk } from './disk.ts';

const PRELOAD = join(import.meta.dirname, 'layer.cjs');
const PATIENCE_MS = 15_000;

export type Role = 'host' | 'keeper' | 'relay';
type FromLayer =
  | { kind: 'hello'; role: Role; pid: number }
  | { kind: 'done'; count: number }
  | { kind: 'struck'; write: number; what: string }
  | { kind: 'failed'; what: string }
  | { kind: 'unlogged'; text: string };

/** What became of one arming. */
export interface Strike {
  /** The write before which the disk became full; null as long as it did not come to that. */
  what: string | null;
  /** Writes of any process that failed since. */
  readonly failed: string[];
}

export class Layer {
  readonly #server: Server;
  readonly #disk: SweptDisk;
  readonly #sockets = new Map<Role, Socket>();
  #replies: ((count: number) => void)[] = [];
  strike: Strike = { what: null, failed: [] };
  /** Lines that no log could take. */
  readonly unlogged: string[] = [];

  private constructor(server: Server, disk: SweptDisk) {
    this.#server = server;
    this.#disk = disk;
    server.on('connection', (socket) => this.#hear(socket));
  }

  static async start(disk: SweptDisk): Promise<Layer> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new Layer(server, disk);
  }

  /** For a process that is to have the layer; what it starts is the layer's own business. */
  get environment(): NodeJS.ProcessEnv {
    return {
      NODE_OPTIONS: `-r ${PRELOAD}`,
      BATON_DISK_FOLDER: this.#disk.folder,
      BATON_DISK_FILLER: this.#disk.filler,
      BATON_DISK_REAL: this.#disk.isReal ? '1' : '0',
      BATON_DISK_PORT: String((this.#server.address() as AddressInfo).port),
    };
  }

  /** From the `at`-th write of this process on there is no room, but for `spare` blocks. Its writes are counted from 1 again. */
  async arm(role: Role, at: number, spare: number): Promise<void> {
    this.strike = { what: null, failed: [] };
    await this.#ask(role, { kind: 'arm', at, spare });
  }

  /** Nothing becomes full any more, if it has not yet. Answers the writes since it was armed. */
  async disarm(role: Role): Promise<number> {
    return await this.#ask(role, { kind: 'disarm' });
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets.values()) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #ask(role: Role, message: object): Promise<number> {
    const isThere = () => this.#sockets.has(role);
    await untilTrue(`the layer of the ${role}`, isThere, PATIENCE_MS);
    const { promise, resolve } = Promise.withResolvers<number>();
    this.#replies.push(resolve);
    this.#sockets.get(role)?.write(`${JSON.stringify(message)}\n`);
    return await promise;
  }

  #hear(socket: Socket): void {
    let text = '';
    socket.on('error', () => {}); // It was killed.
    socket.setEncoding('utf8').on('data', (more: string) => {
      text += more;
      const lines = text.split('\n');
      text = lines.pop() ?? '';
      for (const line of lines) this.#take(socket, JSON.parse(line) as FromLayer);
    });
  }

  #take(socket: Socket, message: FromLayer): void {
    switch (message.kind) {
      case 'hello':
        this.#sockets.set(message.role, socket);
        socket.on('close', () => {
          if (this.#sockets.get(message.role) === socket) this.#sockets.delete(message.role);
        });
        return;
      case 'struck':
        this.strike.what = message.what;
        return;
      case 'failed':
        this.strike.failed.push(message.what);
        return;
      case 'unlogged':
        this.unlogged.push(message.text);
        return;
      default:
        this.#replies.shift()?.(message.count);
    }
  }
}
