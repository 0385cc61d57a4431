/** The relay that the terminal host runs for itself when it is told of no other: on loopback, so only this computer reaches it. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createRelay } from '../../relay/relay.ts';
import type { Log } from '../host/log.ts';

export type EmbeddedRelay =
  | { kind: 'started'; origin: string; stop(): Promise<void> }
  | { kind: 'refused'; text: string };

const LOOPBACK = '127.0.0.1';

/** Where the built page lies: beside the compiled host, or below `dist` when the sources run directly. Null if it was not built. */
export function findPhoneFolder(): string | null {
  const candidates = [join(import.meta.dirname, '../../phone'), join(import.meta.dirname, '../../dist/phone')];
  return candidates.find((folder) => existsSync(join(folder, 'build.txt'))) ?? null;
}

/** The name of the page's build, for comparing with what a phone shows; "none" if it was not built. */
export function readPhoneBuild(phoneFolder: string | null): string {
  return phoneFolder === null ? 'none' : readFileSync(join(phoneFolder, 'build.txt'), 'utf8').trim();
}

export async function startEmbeddedRelay(options: {
  port: number;
  dataFolder: string;
  phoneFolder: string | null;
  log: Log;
}): Promise<EmbeddedRelay> {
  const { port, dataFolder, phoneFolder, log } = options;
  if (phoneFolder === null) return { kind: 'refused', text: 'The page for phones is not built. Run: npm run build' };
  try {
    const relay = await createRelay({
      host: LOOPBACK,
      port,
      publicOrigins: [],
      databaseFile: join(dataFolder, 'relay.db'),
      phoneFolder,
      log: (level, message, fields) => log[level](`relay: ${message}`, fields),
    });
    return { kind: 'started', origin: `http://${LOOPBACK}:${relay.port}`, stop: () => relay.stop({ graceful: true }) };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') {
      const text = `Port ${port} is in use, perhaps by another Baton. Close it, or choose another with --port. (Browsers that were paired at this port find the host only at this port.)`;
      return { kind: 'refused', text };
    }
    return {
      kind: 'refused',
      text: `The relay cannot be started: ${error instanceof Error ? error.message : String(error)}`,
    };
  }
}
