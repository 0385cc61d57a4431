/** A host without a relay in a process of its own, which a test commands over Node's IPC and which can die at an exact step. */
import { join } from 'node:path';
import { systemClock } from '#lib/clock.ts';
import { createHost } from '#main/host/host.ts';
import { createLog } from '#main/host/log.ts';
import { createSecretFile } from '#main/host/secret-file.ts';
import { openSettings } from '#main/host/settings.ts';
import type { FromRunner, Step, ToRunner } from './host-messages.ts';

const { dataFolder, keeperLimits, dieAt } = JSON.parse(process.argv[2] ?? '') as {
  dataFolder: string;
  keeperLimits?: object;
  dieAt?: Step;
};
const say = (message: FromRunner) => {
  if (process.connected) process.send?.(message);
};
/** As a power cut would: nothing that comes after this line happens. */
const die = () => process.kill(process.pid, 'SIGKILL');
let fatal: Step | null = dieAt ?? null;
const pass = (step: string) => {
  if (fatal?.step !== step) return;
  if (fatal.isLater) setImmediate(die);
  else die();
};

const log = createLog({ folder: dataFolder, isVerbose: false });
const settings = openSettings({ path: join(dataFolder, 'settings.json'), now: Date.now, log });
const created = await createHost({
  dataFolder,
  settings,
  secrets: createSecretFile(join(dataFolder, 'keys.json')),
  // Nobody listens there, and the link is never started.
  relayOrigin: 'http://127.0.0.1:9',
  appOrigin: 'http://127.0.0.1:9',
  hostName: 'Lone',
  build: 'test',
  clock: systemClock,
  random: Math.random,
  log,
  ...(keeperLimits && { keeperLimits }),
});
if (created.kind === 'refused') throw new Error(created.text);
const { host } = created;
const { supervisor, history } = host;

history.commands.onDidChange((_, receipt) => {
  say({ kind: 'receipt', command: receipt.command, state: receipt.state });
  pass(`receipt:${receipt.state}:${history.commands.get(receipt.command)?.kind}`);
});
history.events.onDidAppend((session, events) => {
  for (const event of events) {
    say({ kind: 'event', session, event });
    pass(`event:${event.kind}`);
  }
});
supervisor.onDidStream(({ session, text }) => {
  say({ kind: 'stream', session, text });
  pass('stream');
});
const sayState = () => say({ kind: 'state', state: supervisor.state() });
supervisor.onDidChange(sayState);

process.on('disconnect', die);
process.on('message', (message: ToRunner) => {
  if (message.kind === 'die-at') fatal = message.at;
  else if (message.kind === 'settings') settings.update(message.change);
  else if (message.kind === 'quit') void host.dispose(message).then(() => process.exit(0));
  else {
    const receipt = supervisor.handleCommand({ device: null, name: 'Test', scope: 'full' }, message.command);
    say({ kind: 'receipt', command: receipt.command, state: receipt.state });
    pass(`receipt:${receipt.state}:${message.command.kind}`);
  }
});
void supervisor.ready.then(() => {
  sayState();
  say({ kind: 'ready', notice: host.notice });
});
