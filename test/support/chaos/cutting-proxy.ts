/** A wire that can be cut: a TCP proxy in front of a relay, which also reads all that passes. */
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { NeedleScanner } from './needle-scanner.ts';
import { WebSocketTap } from './web-socket-tap.ts';

export class CuttingProxy {
  /** Connections that were made through it. */
  connections = 0;
  /** Bytes that passed, both ways. */
  bytes = 0;
  readonly #server: Server;
  readonly #targetPort: () => number;
  readonly #needles: readonly string[];
  readonly #sockets = new Set<Socket>();
  readonly #scanners: NeedleScanner[] = [];
  readonly #taps: WebSocketTap[] = [];

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

  /** How often a text was seen so far; it is one of the needles. */
  seen(text: string): number {
    return this.#scanners.reduce((sum, scanner) => sum + scanner.count(text), 0);
  }

  /** Why some of the traffic could not be read; empty if all of it was. */
  get unreadable(): string[] {
    return this.#taps.flatMap(({ unreadable }) => unreadable ?? []);
  }

  /** Cuts every connection, both ends at once and without a word. */
  cut(): void {
    for (const socket of [...this.#sockets]) socket.resetAndDestroy();
  }

  async stop(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #join(client: Socket): void {
    const relay = connect(this.#targetPort(), '127.0.0.1');
    this.connections += 1;
    for (const socket of [client, relay]) {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    }
    this.#pass(client, relay);
    this.#pass(relay, client);
  }

  #pass(from: Socket, to: Socket): void {
    const scanner = new NeedleScanner(this.#needles);
    const tap = new WebSocketTap((bytes) => scanner.scan(bytes));
    this.#scanners.push(scanner);
    this.#taps.push(tap);
    from.on('data', (bytes) => {
      this.bytes += bytes.length;
      tap.read(bytes);
      if (!to.write(bytes)) from.pause();
    });
    to.on('drain', () => from.resume());
    from.on('error', () => to.destroy()); // A close follows for both.
    from.on('close', (hadError) => {
      if (hadError) to.destroy();
      else to.end();
      // One that is held back would never see that the other has gone.
      to.resume();
    });
  }
}
