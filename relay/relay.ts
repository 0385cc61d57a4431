/** The relay: composition root. Forwards ciphertext between hosts and devices, and serves the phone client. */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type Database from 'better-sqlite3';
import { type ServerOptions, WebSocketServer } from 'ws';
import { RELAY_FRAME_MAX_BYTES } from '#protocol/limits.ts';
import { isLoopback, parseRelayOrigin, RELAY_SOCKET_PATH } from '#protocol/relay-auth.ts';
import { Admission } from './admission.ts';
import { type Clock, createSystemClock } from './clock.ts';
import { openRelayDatabase } from './database.ts';
import { clientAddress, createHttpHandler } from './http.ts';
import { createSecurityHeaders } from './http-headers.ts';
import { LetterStore } from './letter-store.ts';
import { DEFAULT_RELAY_LIMITS, type RelayLimits } from './limits.ts';
import { createTag, type Log } from './log.ts';
import { Counters, createMetrics, type RelayMetrics, renderMetrics } from './metrics.ts';
import { RelaySockets } from './relay-sockets.ts';
import { errorCode, RelayStartError } from './start-error.ts';
import { loadStaticFiles } from './static-files.ts';

export { RelayStartError } from './start-error.ts';

const TICK_MS = 1000;
const FORGET_EVERY_MS = 60 * 60_000;
const HEADERS_MAX_BYTES = 16 * 1024;
const REQUEST_TIMEOUT_MS = 10_000;
const KEEP_ALIVE_MS = 5_000;
/** Browsers and `ws` send a message as one fragment. */
const MESSAGE_FRAGMENTS_MAX = 256;

export interface RelayOptions {
  /** Address to listen on. On a loopback address its own origins are accepted besides `publicOrigins`. */
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** Where clients reach this relay, e.g. `https://relay.example`: the origins for which they may sign. */
  readonly publicOrigins: readonly string[];
  /** SQLite file of the admission lists and letters; made if it is not there. One relay per file. */
  readonly databaseFile: string;
  /** The built phone client; null serves none. */
  readonly phoneFolder: string | null;
  readonly log: Log;
  readonly limits?: Partial<RelayLimits>;
  readonly clock?: Clock;
  /** Take clients' addresses from X-Forwarded-For. Only if nobody can reach the port but the proxy. */
  readonly trustProxy?: boolean;
}

export interface Relay {
  /** The first public origin, else the loopback one. */
  readonly origin: string;
  /** Every origin that clients may sign for. */
  readonly origins: readonly string[];
  readonly port: number;
  metrics(): RelayMetrics;
  /** `graceful`: clients are told when to come back. Resolves when all is closed, at the latest after `stopDeadlineMs`. */
  stop(options: { graceful: boolean }): Promise<void>;
}

/** Rejects with `RelayStartError` if the port, the database or the phone client cannot be had. */
export async function createRelay(options: RelayOptions): Promise<Relay> {
  const limits = { ...DEFAULT_RELAY_LIMITS, ...options.limits };
  const clock = options.clock ?? createSystemClock();
  const publicOrigins = options.publicOrigins.map(checkOrigin);
  const files = options.phoneFolder === null ? null : await loadStaticFiles(options.phoneFolder);
  const database = openRelayDatabase(options.databaseFile);
  const server = createServer({
    maxHeaderSize: HEADERS_MAX_BYTES,
    headersTimeout: REQUEST_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
  });
  server.maxConnections = limits.socketsMax + limits.pageConnectionsMax;
  let port: number;
  try {
    port = await listen(server, options.host, options.port);
  } catch (error) {
    database.close();
    throw error;
  }
  const origins = [...new Set([...publicOrigins, ...loopbackOrigins(options.host, port)])];
  const [origin] = origins;
  if (origin === undefined) {
    database.close();
    server.close();
    throw new RelayStartError(
      `A relay on ${options.host} needs a public URL, the address under which clients reach it.`,
    );
  }
  return startRelay({ options, limits, clock, database, server, port, origin, origins, files });
}

function startRelay(parts: {
  options: RelayOptions;
  limits: RelayLimits;
  clock: Clock;
  database: Database.Database;
  server: Server;
  port: number;
  origin: string;
  origins: readonly string[];
  files: Awaited<ReturnType<typeof loadStaticFiles>> | null;
}): Relay {
  const { options, limits, clock, database, server, port, origin, origins, files } = parts;
  const { log } = options;
  const trustProxy = options.trustProxy ?? false;
  const counters = new Counters();
  const admission = new Admission(database);
  const letters = new LetterStore(database, limits);
  const sockets = new RelaySockets({ limits, clock, log, tag: createTag(), counters, admission, letters, origins });
  const metrics = createMetrics(counters, () => sockets.liveCounts());
  let stopping: Promise<void> | null = null;

  const forget = (): void => {
    sockets.noteHostsPresent();
    const forgotten = admission.forgetUnseenSince(clock.wallNow() - limits.hostForgottenAfterMs);
    if (forgotten > 0) log('info', 'Forgot hosts that have not been here for long', { hosts: forgotten });
    sockets.expireLetters();
  };
  forget();
  const stopTicking = clock.every(TICK_MS, () => sockets.tick());
  const stopForgetting = clock.every(FORGET_EVERY_MS, forget);

  // `closeTimeout` is newer than the published types of ws.
  const socketOptions: ServerOptions & { closeTimeout: number } = {
    noServer: true,
    perMessageDeflate: false,
    maxPayload: RELAY_FRAME_MAX_BYTES,
    maxFragments: MESSAGE_FRAGMENTS_MAX,
    closeTimeout: limits.closeTimeoutMs,
  };
  const webSockets = new WebSocketServer(socketOptions);
  let hasWarnedOfProxy = false;
  const warnOfProxy = (request: IncomingMessage): void => {
    if (trustProxy || hasWarnedOfProxy || request.headers['x-forwarded-for'] === undefined) return;
    hasWarnedOfProxy = true;
    log(
      'warn',
      'Requests come through a proxy, so all clients share the limits of one address; start with --trust-proxy',
    );
  };
  server.on(
    'request',
    createHttpHandler({
      headers: createSecurityHeaders(origins),
      files,
      metrics: () => renderMetrics(metrics.snapshot()),
      isStopping: () => stopping !== null,
    }),
  );
  server.on('upgrade', (request: IncomingMessage, stream: Duplex, head: Buffer) => {
    const path = (request.url ?? '').split('?', 1)[0];
    if (stopping !== null || path !== RELAY_SOCKET_PATH) {
      refuseUpgrade(stream, stopping === null ? '404 Not Found' : '503 Service Unavailable');
      return;
    }
    warnOfProxy(request);
    webSockets.handleUpgrade(request, stream, head, (webSocket) => {
      sockets.accept(webSocket, request.socket, clientAddress(request, trustProxy));
    });
  });
  // Such as no file descriptor for one more connection: those that are there go on.
  server.on('error', (error) => log('error', 'The server failed', { error: error.message }));
  server.on('clientError', (_error, stream) => refuseUpgrade(stream, '400 Bad Request'));
  limitConnections(
    server,
    trustProxy ? Number.POSITIVE_INFINITY : limits.socketsPerAddressMax + limits.pageConnectionsMax,
  );

  async function stop(graceful: boolean): Promise<void> {
    const gone = graceful ? sockets.restart() : Promise.resolve();
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeIdleConnections();
    await withDeadline(gone, limits.stopDeadlineMs);
    sockets.terminate();
    for (const webSocket of webSockets.clients) webSocket.terminate();
    server.closeAllConnections();
    await closed;
    stopTicking();
    stopForgetting();
    metrics[Symbol.dispose]();
    database.close();
    log('info', 'The relay has stopped');
  }

  log('info', 'The relay listens', { host: options.host, port, origin });
  return {
    origin,
    origins,
    port,
    metrics: () => metrics.snapshot(),
    stop({ graceful }) {
      stopping ??= stop(graceful);
      return stopping;
    },
  };
}

function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void => reject(listenError(error, host, port));
    server.once('error', fail);
    server.listen({ host, port }, () => {
      server.off('error', fail);
      const address = server.address();
      if (address === null || typeof address === 'string') reject(new Error('The server has no port.'));
      else resolve(address.port);
    });
  });
}

function listenError(error: Error, host: string, port: number): Error {
  const options = { cause: error };
  switch (errorCode(error)) {
    case 'EADDRINUSE':
      return new RelayStartError(`Port ${port} on ${host} is in use by another program; choose another port.`, options);
    case 'EACCES':
      return new RelayStartError(`Not allowed to listen on port ${port}; choose a port above 1023.`, options);
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new RelayStartError(`This machine has no address ${host} to listen on.`, options);
    default:
      return error;
  }
}

function checkOrigin(text: string): string {
  const origin = parseRelayOrigin(text);
  if (origin === null) {
    throw new RelayStartError(`"${text}" is no public URL for a relay; it looks like https://relay.example.`);
  }
  return origin;
}

function loopbackOrigins(host: string, port: number): string[] {
  const name = host.includes(':') ? `[${host}]` : host;
  return isLoopback(name) ? [`http://${name}:${port}`, `http://localhost:${port}`] : [];
}

function refuseUpgrade(stream: Duplex, status: string): void {
  stream.on('error', () => stream.destroy());
  if (stream.writable) stream.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
  else stream.destroy();
}

/** Cuts connections above `max` from one address at once, before a byte of them is read. */
function limitConnections(server: Server, max: number): void {
  const counts = new Map<string, number>();
  server.on('connection', (socket: Socket) => {
    const address = socket.remoteAddress ?? '';
    const count = (counts.get(address) ?? 0) + 1;
    if (count > max) {
      socket.destroy();
      return;
    }
    counts.set(address, count);
    socket.once('close', () => {
      const left = (counts.get(address) ?? 1) - 1;
      if (left === 0) counts.delete(address);
      else counts.set(address, left);
    });
  });
}

async function withDeadline(work: Promise<void>, deadlineMs: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, deadlineMs);
  await Promise.race([work, promise]);
  clearTimeout(timer);
}
