/** The relay inside Baton: on loopback, so only this computer reaches it unless the person's own https address leads to it. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Log } from '#lib/log.ts';
import { createRelay } from '#relay/relay.ts';
import { errorCode } from '#relay/start-error.ts';

export type EmbeddedRelay =
  /** `origins`: those for which clients may sign. */
  | { kind: 'started'; origin: string; origins: readonly string[]; stop(): Promise<void> }
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

/** `publicOrigin`: an https address of the person's that leads here through a proxy on this computer; null if there is none. */
export async function startEmbeddedRelay(options: {
  port: number;
  publicOrigin: string | null;
  dataFolder: string;
  phoneFolder: string | null;
  log: Log;
}): Promise<EmbeddedRelay> {
  const { port, publicOrigin, dataFolder, phoneFolder, log } = options;
  if (phoneFolder === null) return { kind: 'refused', text: 'The page for phones is not built. Run: npm run build' };
  try {
    const relay = await createRelay({
      host: LOOPBACK,
      port,
      publicOrigins: publicOrigin === null ? [] : [publicOrigin],
      databaseFile: join(dataFolder, 'relay.db'),
      phoneFolder,
      // Else anyone who fails too often out there would use up the limits of our own host, which comes from loopback too.
      trustProxy: publicOrigin !== null,
      log: (level, message, fields) => log[level](`relay: ${message}`, fields),
    });
    return {
      kind: 'started',
      origin: `http://${LOOPBACK}:${relay.port}`,
      origins: relay.origins,
      stop: () => relay.stop({ graceful: true }),
    };
  } catch (error) {
    if (errorCode(error) === 'EADDRINUSE') {
      const text = `Port ${port} on this computer is in use, perhaps by another Baton. Close that one, or choose another port: "relayPort" in ${join(dataFolder, 'settings.json')}, or --port in a terminal. Browsers that were paired at this port find the host only at this port.`;
      return { kind: 'refused', text };
    }
    return {
      kind: 'refused',
      text: `The relay cannot be started: ${error instanceof Error ? error.message : String(error)}`,
    };
  }
}
