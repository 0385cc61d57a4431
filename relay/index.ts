/** `npm run relay`: a relay of one's own, as a process. */
import { join, resolve } from 'node:path';
import { surviveCrashes } from '#lib/crash-policy.ts';
import { HELP, parseCommandLine, type RelayCommand } from './command-line.ts';
import { createJsonLog } from './log.ts';
import { createRelay, type Relay, RelayStartError } from './relay.ts';

const DATABASE_NAME = 'relay.db';
/** Beside this file in the build; in the build folder when run from source. */
const PHONE_FOLDER = resolve(import.meta.dirname, import.meta.filename.endsWith('.ts') ? '../dist/phone' : '../phone');

const command = parseCommandLine(process.argv.slice(2), process.env);
if (command.kind === 'help') {
  process.stdout.write(HELP);
} else if (command.kind === 'error') {
  process.stderr.write(`${command.text}\n`);
  process.exitCode = 1;
} else {
  await run(command);
}

async function run(options: RelayCommand): Promise<void> {
  const log = createJsonLog((line) => process.stdout.write(line), options.isVerbose);
  let relay: Relay;
  try {
    relay = await createRelay({
      host: options.host,
      port: options.port,
      publicOrigins: options.publicOrigins,
      databaseFile: join(options.dataFolder, DATABASE_NAME),
      phoneFolder: options.phoneFolder ?? PHONE_FOLDER,
      log,
      trustProxy: options.trustProxy,
    });
  } catch (error) {
    if (!(error instanceof RelayStartError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
    return;
  }
  // Anyone who no longer reads the log must not end the relay by that.
  process.stdout.on('error', () => {});
  surviveCrashes(process, (what, error) => {
    log('error', what, { error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  });
  let hasBegun = false;
  const stop = (): void => {
    // A second signal does not wait for anybody.
    if (hasBegun) process.exit(1);
    hasBegun = true;
    relay.stop({ graceful: true }).catch((error: unknown) => {
      process.stderr.write(`Failed to stop the relay: ${String(error)}\n`);
      process.exit(1);
    });
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}
