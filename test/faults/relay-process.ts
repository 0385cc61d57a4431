/**
 * The real relay with limits that a row chooses; what `npm run relay` runs has no option for them. One argument: `RelayProcessOptions`.
 * From one SIGUSR2 to the next it swallows all traffic between hosts and devices, and is well otherwise.
 */

import { ClientSocket } from '#relay/client-socket.ts';
import { createJsonLog } from '#relay/log.ts';
import { createRelay, RelayStartError } from '#relay/relay.ts';
import type { RelayProcessOptions } from './relay-runner.ts';

const { limits, ...options } = JSON.parse(process.argv[2] ?? '') as RelayProcessOptions;
const relay = await createRelay({
  ...options,
  host: '127.0.0.1',
  limits,
  log: createJsonLog((line) => process.stdout.write(line), true),
}).catch((error: unknown) => {
  if (!(error instanceof RelayStartError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
});
const { sendFrame } = ClientSocket.prototype;
process.on('SIGUSR2', () => {
  const isHonest = ClientSocket.prototype.sendFrame === sendFrame;
  ClientSocket.prototype.sendFrame = isHonest ? () => {} : sendFrame;
});
process.stdout.write(`listening on ${relay.port}\n`);
process.on('SIGTERM', () => void relay.stop({ graceful: true }).then(() => process.exit(0)));
// Anyone who started it is gone.
process.stdin.on('end', () => process.exit(1)).resume();
