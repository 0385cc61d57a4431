import type { IncomingMessage, ServerResponse } from 'node:http';
import { isLoopback } from '#protocol/relay-auth.ts';
import { addressGroup } from './address-limits.ts';
import { chooseEncoding, type StaticFiles } from './static-files.ts';

/** Their presence says that the request was passed on by a proxy, whatever address it comes from. */
const PROXY_HEADERS = ['x-forwarded-for', 'x-forwarded-host', 'x-real-ip', 'forwarded', 'via'] as const;

export interface HttpHandlerOptions {
  readonly headers: Readonly<Record<string, string>>;
  readonly files: StaticFiles | null;
  readonly metrics: () => string;
  readonly isStopping: () => boolean;
}

/** Answers everything that is no WebSocket: the phone client, `/healthz`, and `/metrics` for this machine only. */
export function createHttpHandler(
  options: HttpHandlerOptions,
): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => {
    for (const [name, value] of Object.entries(options.headers)) response.setHeader(name, value);
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('Allow', 'GET, HEAD');
      // The body of such a request is not worth reading.
      response.setHeader('Connection', 'close');
      sendText(response, 405, 'Only GET and HEAD are answered here.\n');
      return;
    }
    const path = (request.url ?? '').split(/[?#]/, 1)[0] as string;
    if (path === '/healthz') {
      if (options.isStopping()) sendText(response, 503, 'stopping\n');
      else sendText(response, 200, 'ok\n');
    } else if (path === '/metrics' && isLocal(request)) {
      sendText(response, 200, options.metrics(), 'text/plain; version=0.0.4; charset=utf-8');
    } else {
      sendFile(request, response, options.files, path);
    }
  };
}

function sendFile(request: IncomingMessage, response: ServerResponse, files: StaticFiles | null, path: string): void {
  const file = files?.find(path);
  if (!file) {
    sendText(response, 404, 'Not found.\n');
    return;
  }
  const encoding = chooseEncoding(String(request.headers['accept-encoding'] ?? ''), file);
  const body = file.bodies.get(encoding) ?? file.bodies.get('identity');
  if (!body) throw new Error(`A static file has no body: ${path}`);
  response.setHeader('ETag', body.etag);
  response.setHeader('Cache-Control', file.cacheControl);
  if (file.bodies.size > 1) response.setHeader('Vary', 'Accept-Encoding');
  if (isMatch(request.headers['if-none-match'], body.etag)) {
    response.writeHead(304).end();
    return;
  }
  if (encoding !== 'identity') response.setHeader('Content-Encoding', encoding);
  response.setHeader('Content-Type', file.type);
  response.setHeader('Content-Length', body.bytes.length);
  response.writeHead(200).end(body.bytes);
}

function sendText(response: ServerResponse, status: number, text: string, type = 'text/plain; charset=utf-8'): void {
  response.setHeader('Content-Type', type);
  response.setHeader('Cache-Control', 'no-store');
  response.setHeader('Content-Length', Buffer.byteLength(text));
  response.writeHead(status).end(text);
}

/** RFC 9110, section 13.1.2. */
function isMatch(header: string | undefined, etag: string): boolean {
  if (!header) return false;
  return header.split(',').some((part) => {
    const tag = part.trim();
    return tag === '*' || tag.replace(/^W\//, '') === etag;
  });
}

/** From this machine, and not through a proxy on it. */
function isLocal(request: IncomingMessage): boolean {
  if (PROXY_HEADERS.some((name) => request.headers[name] !== undefined)) return false;
  const address = addressGroup(request.socket.remoteAddress ?? '');
  return request.socket.remoteAddress === '::1' || isLoopback(address);
}

/**
 * Whose limits a request counts against. Behind a proxy that is trusted it is the last address in X-Forwarded-For: the one that
 * the proxy itself has seen and added, the others being whatever the client wrote.
 */
export function clientAddress(request: IncomingMessage, trustProxy: boolean): string {
  const forwarded = trustProxy
    ? String(request.headers['x-forwarded-for'] ?? '')
        .split(',')
        .at(-1)
        ?.trim()
    : '';
  return addressGroup(forwarded || (request.socket.remoteAddress ?? 'unknown'));
}
