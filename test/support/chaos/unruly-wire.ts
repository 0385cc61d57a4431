/** A wire to a relay that misbehaves as networks do: it holds bytes back, delays them, strands connections, or is not a wire at all. */
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, TLSSocket, type Server as TlsServer } from 'node:tls';
import type { Certificate } from '../certificate.ts';

export type Mood =
  | { readonly kind: 'pass' }
  /** Connections stay open, nothing moves; new ones are accepted just so. What was held back arrives when it passes again, as with TCP. */
  | { readonly kind: 'hold'; readonly direction: 'up' | 'down' | 'both' }
  /** Every piece arrives this much later, each way. */
  | { readonly kind: 'slow'; readonly delayMs: number }
  /** Nothing passes, but the pings of WebSockets (RFC 6455, section 5.5.2) are answered. */
  | { readonly kind: 'answers-pings' }
  /** Anyone who dials gets this status of HTTP, as from the portal of a hotel; connections that were there are cut. */
  | { readonly kind: 'portal'; readonly status: 302 | 403 }
  /** Connections are cut, and new ones too. */
  | { readonly kind: 'gone' };

const PASS: Mood = { kind: 'pass' };
const PING = 0x89;
const EMPTY_PONG = Buffer.of(0x8a, 0);
const PORTAL: Record<302 | 403, string> = {
  302: 'HTTP/1.1 302 Found\r\nLocation: http://portal.invalid/\r\nConnection: close\r\nContent-Length: 0\r\n\r\n',
  403: 'HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n',
};

interface Pair {
  readonly client: Socket;
  readonly relay: Socket;
  /** Nothing moves on it any more, whatever becomes of the wire. */
  isStranded: boolean;
}

export class UnrulyWire {
  readonly #server: Server | TlsServer;
  readonly #targetPort: () => number;
  readonly #pairs = new Set<Pair>();
  readonly #lone = new Set<Socket>();
  #mood: Mood = PASS;

  private constructor(targetPort: () => number, certificate: Certificate | null) {
    this.#targetPort = targetPort;
    const join = (client: Socket) => this.#join(client);
    this.#server = certificate ? createTlsServer(certificate, join) : createServer(join);
    // A client that refuses our certificate ends the handshake.
    this.#server.on('tlsClientError', () => {});
  }

  /** Listens on loopback. With a certificate, clients speak TLS to it, for the name `localhost`. */
  static async start(targetPort: () => number, certificate: Certificate | null = null): Promise<UnrulyWire> {
    const wire = new UnrulyWire(targetPort, certificate);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    wire.#server.once('error', reject);
    wire.#server.listen(0, '127.0.0.1', resolve);
    await promise;
    return wire;
  }

  /** What clients take for the relay's origin. */
  get origin(): string {
    const { port } = this.#server.address() as AddressInfo;
    return 'setSecureContext' in this.#server ? `https://localhost:${port}` : `http://127.0.0.1:${port}`;
  }

  get mood(): Mood {
    return this.#mood;
  }

  set mood(mood: Mood) {
    const hasLost = this.#mood.kind === 'answers-pings';
    this.#mood = mood;
    // A stream of which a part was swallowed is no WebSocket any more.
    if (hasLost || mood.kind === 'portal' || mood.kind === 'gone') this.cut();
    else for (const pair of this.#pairs) this.#regulate(pair);
  }

  /** Another certificate from now on, for who dials again; connections that were there are cut. */
  present(certificate: Certificate): void {
    if ('setSecureContext' in this.#server) this.#server.setSecureContext(certificate);
    this.cut();
  }

  /** Leaves the present connections open and dead for ever, as when a laptop changes its network; new ones are well. */
  strand(): void {
    for (const pair of this.#pairs) {
      pair.isStranded = true;
      this.#regulate(pair);
    }
  }

  cut(): void {
    for (const { client, relay } of this.#pairs) {
      // A socket of TLS cannot be reset.
      for (const socket of [client, relay]) socket instanceof TLSSocket ? socket.destroy() : socket.resetAndDestroy();
    }
    for (const socket of this.#lone) socket.destroy();
  }

  async stop(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #join(client: Socket): void {
    client.on('error', () => {}); // A close follows.
    const mood = this.#mood;
    if (mood.kind === 'gone') {
      client.destroy();
      return;
    }
    if (mood.kind === 'portal') {
      this.#lone.add(client);
      client.on('close', () => this.#lone.delete(client));
      client.once('data', () => client.end(PORTAL[mood.status]));
      return;
    }
    const relay = connect(this.#targetPort(), '127.0.0.1');
    const pair: Pair = { client, relay, isStranded: false };
    this.#pairs.add(pair);
    this.#pass(pair, client, relay);
    this.#pass(pair, relay, client);
    this.#regulate(pair);
  }

  #pass(pair: Pair, from: Socket, to: Socket): void {
    const isUp = from === pair.client;
    from.on('data', (bytes: Buffer) => {
      const mood = this.#mood;
      if (mood.kind === 'answers-pings') {
        if (isUp && bytes[0] === PING) from.write(EMPTY_PONG);
        return;
      }
      const write = () => {
        if (to.writable) to.write(bytes);
      };
      if (mood.kind === 'slow') setTimeout(write, mood.delayMs);
      else write();
    });
    from.on('error', () => to.destroy());
    from.on('close', () => {
      to.destroy();
      this.#pairs.delete(pair);
    });
  }

  #regulate(pair: Pair): void {
    const { client, relay, isStranded } = pair;
    const held = isStranded ? 'both' : this.#mood.kind === 'hold' ? this.#mood.direction : null;
    if (held === 'up' || held === 'both') client.pause();
    else client.resume();
    if (held === 'down' || held === 'both') relay.pause();
    else relay.resume();
  }
}
