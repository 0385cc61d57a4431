/** Ports for servers that a test starts by number. */
import { randomInt } from 'node:crypto';
import { createServer, type Server } from 'node:net';

/** Below what systems give to outgoing connections, and to servers that ask for any port. Each dial may take one of those. */
const FIRST_PORT = 20_000;
const LAST_PORT = 31_998;
const TRIES_MAX = 1000;

/** Held for as long as this process lives: no other test, here or in another process, is given the same port. */
const claims: Server[] = [];

/**
 * A port on loopback that nothing listens on and that stays free for anyone who asked: it is even, and the odd one after it is held
 * as the claim. It may be bound, let go and bound again.
 */
export async function findFreePort(): Promise<number> {
  for (let tries = 0; tries < TRIES_MAX; tries += 1) {
    const port = 2 * randomInt(FIRST_PORT / 2, LAST_PORT / 2 + 1);
    const claim = await listen(port + 1);
    if (!claim) continue;
    const probe = await listen(port);
    if (!probe) {
      await close(claim);
      continue;
    }
    await close(probe);
    claims.push(claim.unref());
    return port;
  }
  throw new Error(`No free port was found between ${FIRST_PORT} and ${LAST_PORT}.`);
}

/** Null if the port is taken. */
function listen(port: number): Promise<Server | null> {
  const { promise, resolve } = Promise.withResolvers<Server | null>();
  const server = createServer();
  server.once('error', () => resolve(null));
  server.listen({ port, host: '127.0.0.1', exclusive: true }, () => resolve(server));
  return promise;
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}
