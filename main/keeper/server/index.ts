/** The keeper as a process: `index.js FOLDER [LIMITS]`. Says "ready" on stdout once it can be found, or why it cannot be. */

import { randomBytes } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { surviveCrashes } from '#lib/crash-policy.ts';
import { unawaited } from '#lib/unawaited.ts';
import { readStartTime } from '#main/process/process-identity.ts';
import { KEEPER_PROTOCOL } from '../wire/frames.ts';
import { isAlive, keeperPathsIn, makePrivateFolder, readState, socketPath, writeState } from '../wire/keeper-paths.ts';
import { KEEPER_LIMITS, Keeper } from './keeper.ts';

async function main(folder: string, limits: string | undefined): Promise<void> {
  const place = keeperPathsIn(folder);
  makePrivateFolder(folder);
  const previous = readState(place);
  if (previous && (await isAlive(previous))) throw new Error(`Another keeper (${previous.pid}) is there already.`);
  if (previous && process.platform !== 'win32') rmSync(previous.socket, { force: true });
  const state = {
    protocol: KEEPER_PROTOCOL,
    version: readVersion(),
    pid: process.pid,
    startTime: await readStartTime(process.pid),
    socket: socketPath(folder),
    token: randomBytes(32).toString('base64url'),
  };
  const keeper = new Keeper({
    place,
    state,
    limits: { ...KEEPER_LIMITS, ...(JSON.parse(limits ?? '{}') as object) },
    onEnd: () => process.exit(0),
  });
  await keeper.listen();
  writeState(place, state);
  process.title = 'baton-keeper';
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.on(signal, () => unawaited(keeper.end(), 'end the keeper'));
  // A terminal that is closed is no reason.
  process.on('SIGHUP', () => {});
  for (const output of [process.stdout, process.stderr]) output.on('error', () => {});
  // Its stderr is `keeper.log`. If it ended, every agent would end with it.
  surviveCrashes(process, (what, error) => {
    process.stderr.write(
      `${new Date().toISOString()} ${what}: ${error instanceof Error ? error.stack : String(error)}\n`,
    );
  });
  process.stdout.write('ready\n');
}

function readVersion(): string {
  for (const path of ['../../../package.json', '../../../../package.json']) {
    try {
      return String((JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8')) as { version: unknown }).version);
    } catch {} // One level deeper when it is compiled.
  }
  return 'unknown';
}

const [, , folder, limits] = process.argv;
await main(folder ?? '', limits).catch((error: unknown) => {
  process.stdout.write(`${error instanceof Error ? error.message : String(error)}\n`, () => process.exit(1));
});
