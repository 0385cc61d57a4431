/** `protocol`: the app's handler of its scheme, behind a loopback HTTP server, since Chromium knows no such scheme here. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';

type Handler = Parameters<Electron.Protocol['handle']>[1];
type Used = 'handle' | 'unhandle' | 'isProtocolHandled' | 'registerSchemesAsPrivileged';

/** `app://bundle/x` is served as `http://bundle.app.localhost:PORT/x`, which Chromium takes for a secure origin of its own. */
const SERVED_HOST = /^([a-z0-9-]+)\.([a-z][a-z0-9-]*)\.localhost:\d+$/;

export class AppProtocol implements Pick<Electron.Protocol, Used> {
  readonly #handlers = new Map<string, Handler>();
  readonly #isReady: () => boolean;
  #privileged: readonly Electron.CustomScheme[] | null = null;
  #server: Promise<number> | null = null;

  constructor(isReady: () => boolean) {
    this.#isReady = isReady;
  }

  registerSchemesAsPrivileged(schemes: Electron.CustomScheme[]): void {
    if (this.#isReady()) throw new Error('protocol.registerSchemesAsPrivileged should be called before app is ready');
    if (this.#privileged) throw new Error('protocol.registerSchemesAsPrivileged can be called only once');
    this.#privileged = schemes;
  }

  handle(scheme: string, handler: Handler): void {
    if (!this.#isReady()) throw new Error('protocol.handle can only be called after app is ready');
    if (this.#handlers.has(scheme)) throw new Error('The scheme has been registered');
    this.#handlers.set(scheme, handler);
  }

  unhandle(scheme: string): void {
    this.#handlers.delete(scheme);
  }

  isProtocolHandled(scheme: string): boolean {
    return this.#handlers.has(scheme) || ['http', 'https', 'file', 'data', 'about', 'blob'].includes(scheme);
  }

  /** Where a page finds `url`. Throws if the scheme would not be a secure origin in Electron either. */
  async served(url: string): Promise<string> {
    const { protocol, host, pathname, search, hash } = new URL(url);
    const scheme = protocol.slice(0, -1);
    if (!this.#handlers.has(scheme)) return url;
    const privileges = this.#privileged?.find((one) => one.scheme === scheme)?.privileges;
    if (!privileges?.standard || !privileges.secure) {
      throw new Error(`${scheme}: was not registered as a standard and secure scheme before ready.`);
    }
    this.#server ??= this.#listen();
    return `http://${host}.${scheme}.localhost:${await this.#server}${pathname}${search}${hash}`;
  }

  /** The other way: the app's own address of what a page asked for. */
  original(url: string): string {
    const at = URL.canParse(url) ? new URL(url) : null;
    const match = at === null ? null : SERVED_HOST.exec(at.host);
    if (at === null || !match || !this.#handlers.has(match[2] ?? '')) return url;
    return `${match[2]}://${match[1]}${at.pathname}${at.search}${at.hash}`;
  }

  #listen(): Promise<number> {
    const server = createServer((request, response) => {
      this.#serve(request, response).catch((error: unknown) => {
        console.error('The handler of a scheme failed:', error);
        if (!response.headersSent) response.writeHead(500);
        response.end();
      });
    });
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
    server.unref();
    return promise;
  }

  async #serve(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const served = `http://${message.headers.host}`;
    const url = this.original(`${served}${message.url}`);
    const handler = this.#handlers.get(new URL(url).protocol.slice(0, -1));
    if (!handler) return void response.writeHead(404).end();
    const [scheme, host] = [new URL(url).protocol, new URL(url).host];
    const headers = new Headers();
    for (const [name, value] of Object.entries(message.headers)) {
      if (typeof value === 'string' && !['host', 'connection'].includes(name)) {
        headers.set(name, value.replaceAll(served, `${scheme}//${host}`));
      }
    }
    const isBodied = message.method !== 'GET' && message.method !== 'HEAD';
    const body = isBodied ? { body: Readable.toWeb(message) as unknown as BodyInit, duplex: 'half' as const } : {};
    const answer = await handler(new Request(url, { method: message.method ?? 'GET', headers, ...body }));
    response.statusCode = answer.status;
    for (const [name, value] of answer.headers)
      response.setHeader(name, value.replaceAll(`${scheme}//${host}`, served));
    if (answer.body) Readable.fromWeb(answer.body as unknown as ReadableStream).pipe(response);
    else response.end();
  }
}
