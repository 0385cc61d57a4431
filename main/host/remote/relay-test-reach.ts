/** The way to a relay's socket, one step at a time, so that each failure can be told from the others. */
import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { connect, isIP, type Socket } from 'node:net';
import { connect as connectSecurely, type TLSSocket } from 'node:tls';
import { WebSocket } from 'ws';
import { RELAY_FRAME_MAX_BYTES } from '#protocol/limits.ts';
import { RELAY_SOCKET_PATH, relaySocketUrl } from '#protocol/relay-auth.ts';
import { StepFailure } from './step-failure.ts';

type Coded = Error & { readonly code?: string };

export class Reach implements Disposable {
  readonly #origin: string;
  readonly #host: string;
  readonly #port: number;
  readonly #isSecure: boolean;
  #socket: Socket | TLSSocket | null = null;
  #webSocket: WebSocket | null = null;

  constructor(origin: string) {
    const url = new URL(origin);
    this.#origin = origin;
    this.#host = url.hostname.replace(/^\[(.*)\]$/, '$1');
    this.#isSecure = url.protocol === 'https:';
    this.#port = Number(url.port) || (this.#isSecure ? 443 : 80);
  }

  async findName(): Promise<{ text: string }> {
    if (isIP(this.#host) !== 0) return { text: `${this.#host} is an address already.` };
    try {
      const found = await lookup(this.#host, { all: true });
      return { text: `Found at ${[...new Set(found.map(({ address }) => address))].slice(0, 3).join(', ')}.` };
    } catch (error) {
      const isUnknown = (error as Coded).code === 'ENOTFOUND';
      throw new StepFailure(
        isUnknown
          ? `No computer is known by the name ${this.#host}. Check the spelling, and that this computer is online.`
          : 'Names cannot be looked up now, so there may be no network. Check that this computer is online.',
        { cause: error },
      );
    }
  }

  async connect(): Promise<{ text: string }> {
    const socket = connect({ host: this.#host, port: this.#port });
    this.#socket = socket;
    socket.on('error', () => {}); // Told to anyone who waits; between two steps nobody does.
    try {
      await once(socket, 'connect');
    } catch (error) {
      throw new StepFailure(describeRefusal(error as Coded, this.#port), { cause: error });
    }
    return { text: `Something listens at port ${this.#port}.` };
  }

  async secure(): Promise<{ text: string }> {
    if (!this.#isSecure) return { text: 'Not encrypted, which is all right on this computer only.' };
    const secured = connectSecurely({
      socket: this.#socket as Socket,
      ...(isIP(this.#host) === 0 && { servername: this.#host }),
      host: this.#host,
      ALPNProtocols: ['http/1.1'],
    });
    this.#socket = secured;
    secured.on('error', () => {}); // As above.
    try {
      await once(secured, 'secureConnect');
    } catch (error) {
      throw new StepFailure(describeDistrust(error as Coded, this.#host), { cause: error });
    }
    const until = secured.getPeerCertificate().valid_to;
    return { text: `The certificate is good${until ? ` until ${new Date(until).toISOString().slice(0, 10)}` : ''}.` };
  }

  /** The socket may have messages already: listen at once. */
  async upgrade(): Promise<{ text: string; socket: WebSocket }> {
    const webSocket = new WebSocket(relaySocketUrl(this.#origin), {
      perMessageDeflate: false,
      maxPayload: RELAY_FRAME_MAX_BYTES,
      createConnection: (() => this.#socket) as unknown as typeof connect,
    });
    this.#webSocket = webSocket;
    // Read on only when anyone who takes the socket listens.
    webSocket.once('open', () => webSocket.pause());
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    webSocket.once('open', () => resolve());
    webSocket.once('unexpected-response', (_request, response) => reject(new StepFailure(describeAnswer(response))));
    webSocket.on('error', (error) => reject(new StepFailure(describeNoUpgrade(error as Coded), { cause: error })));
    await promise;
    return { text: `It takes WebSockets at ${RELAY_SOCKET_PATH}.`, socket: webSocket };
  }

  [Symbol.dispose](): void {
    this.#webSocket?.terminate();
    this.#socket?.destroy();
  }
}

function describeRefusal({ code, message }: Coded, port: number): string {
  switch (code) {
    case 'ECONNREFUSED':
      return `Nothing listens at port ${port} of that computer. Start the relay, or check the port.`;
    case 'ENETUNREACH':
      return 'There is no network, or none that leads there. Check that this computer is online.';
    case 'EHOSTUNREACH':
    case 'EHOSTDOWN':
      return 'That computer cannot be reached from this network. Check that it runs, and that both are in the same network if it is a private one.';
    case 'ETIMEDOUT':
      return 'Nothing answers at that address. Check that the computer of the relay runs, and that no firewall stands in between.';
    default:
      return `The connection failed: ${message}. Check the address and the network.`;
  }
}

function describeDistrust({ code, message }: Coded, host: string): string {
  switch (code) {
    case 'CERT_HAS_EXPIRED':
      return "The relay's certificate has expired, or the clock of this computer is wrong. Renew the certificate, or set the clock.";
    case 'CERT_NOT_YET_VALID':
      return "The relay's certificate is not valid yet, so the clock of this computer or of the relay is wrong. Set the clock.";
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
      return "The relay's certificate is self-signed, which browsers on phones do not accept. Get one from an authority, as Caddy does by itself.";
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
      return "The relay's certificate comes from an authority that this computer does not trust; a proxy may stand in between. Use another network, or a certificate from a public authority.";
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
      return "The relay's certificate comes without the chain that leads to its authority, or from one that is not trusted here. Configure the whole chain at the server.";
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return `The certificate there is for another name than ${host}. Use the name that it is for, or get one for this name.`;
    case 'ECONNRESET':
      return 'The connection was cut before it was encrypted. Check that https is served at this port.';
    default:
      return code === 'EPROTO' || code?.startsWith('ERR_SSL')
        ? 'What answers there does not speak https. Check the port, or put a proxy with https before the relay.'
        : `The connection could not be made safe: ${message}. Check the certificate of the relay.`;
  }
}

function describeAnswer(response: IncomingMessage): string {
  const { statusCode = 0, headers } = response;
  response.destroy();
  const status = `HTTP ${statusCode}`;
  if (statusCode >= 300 && statusCode < 400) {
    const location = URL.canParse(headers.location ?? '') ? ` to ${new URL(headers.location as string).origin}` : '';
    return `That address sends on${location} (${status}), as the sign-in page of a network does, or a relay that has moved. Sign in to the network, or use the address to which it leads.`;
  }
  switch (statusCode) {
    case 401:
    case 403:
    case 407:
      return `Something before the relay forbids the connection (${status}), such as a proxy that asks for a sign-in. Let it pass ${RELAY_SOCKET_PATH} on without one, or use another network.`;
    case 404:
      return `A web server answers, but no Baton relay (${status} for ${RELAY_SOCKET_PATH}). Check the address, or start the relay there.`;
    case 400:
    case 405:
    case 426:
      return `The server there does not take WebSockets (${status}). If it is a proxy before the relay, let it pass them on.`;
    case 429:
      return `The server there asks to come less often (${status}). Try again in a few minutes.`;
    case 502:
    case 503:
    case 504:
      return `A proxy answers, but the relay behind it does not (${status}). Start the relay, and check the port to which the proxy leads.`;
    default:
      return `A web server answers with something else than a relay (${status}). Check the address; a sign-in page of this network may also stand in between.`;
  }
}

function describeNoUpgrade({ code, message }: Coded): string {
  if (code?.startsWith('HPE_')) return 'What answers there is no web server. Check the address and its port.';
  if (code === 'ECONNRESET' || message === 'socket hang up')
    return 'The connection was cut before anything was said. Check that a Baton relay listens at that address and port.';
  return `What answers there is no Baton relay: ${message}. Check the address and its port.`;
}
