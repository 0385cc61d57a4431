/** A wire that can be cut: a TCP proxy in front of a relay, which also reads all that passes. */
import { createServer, connect, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { NeedleScanner } from './needle-scanner.ts';
import { WebSocketTap } from './web-socket-tap.ts';

export interface WireCounts {
  /** Connections that were made through it. */
  connections: number;
  /** Bytes both ways. */
  bytes: number;
  /** Of the texts looked for: how often each was seen. */
  readonly seen: Map<string, number>;
  /** Why some of the traffic could not be read. */
  readonly unreadable: Set<string>;
}

export class CuttingProxy {
  readonly counts: WireCounts = { connections: 0, bytes: 0, seen: new Map(), unreadable: new Set() };
  readonly #server: Server;
  readonly #targetPort: () => number;
  readonly #needles: readonly string[];
  readonly #pairs = new Set<readonly [Socket, Socket]>();

  private constructor(targetPort: () => number, needles: readonly string[]) {
    this.#targetPort = targetPort;
    this.#needles = needles;
    this.#server = createServer((client) => this.#join(client));
  }

  /** Listens on loopback, at a port of its own. `targetPort` is asked for every connection. */
  static async start(targetPort: () => number, needles: readonly string[]): Promise<CuttingProxy> {
    const proxy = new CuttingProxy(targetPort, needles);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    proxy.#server.once('error', reject);
    proxy.#server.listen(0, '127.0.0.1', resolve);
    await promise;
    return proxy;
  }

  /** What clients take for the relay's origin. */
  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Cuts every connection, both ends at once and without a word; says how many there were. */
  cut(): number {
    const cut = [...this.#pairs];
    for (const pair of cut) for (const socket of pair) socket.resetAndDestroy();
    return cut.length;
  }

  async stop(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #join(client: Socket): void {
    const relay = connect(this.#targetPort(), '127.0.0.1');
    const pair = [client, relay] as const;
    this.#pairs.add(pair);
    this.counts.connections += 1;
    this.#pass(client, relay);
    this.#pass(relay, client);
    for (const socket of pair) socket.on('close', () => this.#pairs.delete(pair));
  }

  #pass(from: Socket, to: Socket): void {
    const scanner = new NeedleScanner(this.#needles);
    const tap = new WebSocketTap((bytes) => scanner.scan(bytes));
    from.on('data', (bytes) => {
      this.counts.bytes += bytes.length;
      tap.read(bytes);
      if (!to.write(bytes)) from.pause();
    });
    to.on('drain', () => from.resume());
    from.on('error', () => to.destroy()); // A close follows for both.
    from.on('close', (hadError) => {
      if (hadError) to.destroy();
      else to.end();
      if (tap.unreadable !== null) this.counts.unreadable.add(tap.unreadable);
      for (const needle of this.#needles) {
        this.counts.seen.set(needle, (this.counts.seen.get(needle) ?? 0) + scanner.count(needle));
      }
    });
  }
}
