/** A host in a process of its own that stops, like a machine that sleeps, as soon as its handler of the signal USR2 returns. */
import { join } from 'node:path';
import { systemClock } from '#lib/clock.ts';
import { silentLog } from '#lib/log.ts';
import { createHost } from '#main/host/host.ts';
import { createSecretFile } from '#main/host/secret-file.ts';
import { openSettings } from '#main/host/settings.ts';

const [dataFolder = '', relayOrigin = ''] = process.argv.slice(2);
const created = await createHost({
  dataFolder,
  settings: openSettings({ path: join(dataFolder, 'settings.json'), now: Date.now, log: silentLog }),
  secrets: createSecretFile(join(dataFolder, 'keys.json')),
  relayOrigin,
  appOrigin: relayOrigin,
  hostName: 'Sleepy',
  build: 'test',
  clock: systemClock,
  random: Math.random,
  log: silentLog,
});
if (created.kind === 'refused') throw new Error(created.text);
const { remote, history, setRemoteControl } = created.host;

history.sessions.add({
  id: '01890000-0000-7000-8000-000000000001',
  agent: 'demo',
  agentName: 'Demo',
  folder: dataFolder,
  title: 'Long',
  titleFrom: 'person',
  state: 'idle',
});
setRemoteControl(true);
remote.pairing.onDidChangeRequests(([request]) => request && remote.pairing.allow(request.id, 'full'));
const connected = new Promise<void>((resolve) => {
  remote.link.onDidChangeStatus(({ kind }) => kind === 'connected' && resolve());
});
remote.start();
await connected;
console.log(`link ${(await remote.pairing.show()).link}`);

process.on('SIGUSR2', () => {
  // Frames are still being encrypted when the machine sleeps.
  const events = Array.from({ length: 100 }, (_, index) => ({
    kind: 'message' as const,
    body: { id: `m${index}`, text: 'much to say '.repeat(100) },
  }));
  history.events.append('01890000-0000-7000-8000-000000000001', events);
  remote.suspend();
  process.kill(process.pid, 'SIGSTOP');
});
process.on('SIGCONT', () => remote.resume());
process.stdin.on('end', () => process.exit(0)).resume();
