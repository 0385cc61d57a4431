/** The compiled relay with limits that a row chooses; what `npm run relay` runs has no option for them. One argument: `RelayProcessOptions`. */
import { createJsonLog } from '../../relay/log.ts';
import { createRelay } from '../../relay/relay.ts';
import type { RelayProcessOptions } from './relay-runner.ts';

const { limits, ...options } = JSON.parse(process.argv[2] ?? '') as RelayProcessOptions;
const relay = await createRelay({
  ...options,
  host: '127.0.0.1',
  limits,
  log: createJsonLog((line) => process.stdout.write(line), true),
});
process.stdout.write(`listening on ${relay.port}\n`);
process.on('SIGTERM', () => void relay.stop({ graceful: true }).then(() => process.exit(0)));
// Whoever started it is gone.
process.stdin.on('end', () => process.exit(1)).resume();
