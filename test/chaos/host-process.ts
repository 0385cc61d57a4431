/** A host in a process of its own, so that it can be killed: what the terminal is, without keys and pictures. */
import { join } from 'node:path';
import { systemClock } from '#lib/clock.ts';
import { createHost } from '#main/host/host.ts';
import { createLog } from '#main/host/log.ts';
import { createSecretFile } from '#main/host/secret-file.ts';
import { openSettings } from '#main/host/settings.ts';
import type { FromHostProcess, HostProcessOptions, ToHostProcess } from './host-protocol.ts';

/** The back-off grows with every failure, and here one follows another: at most 1.5 s instead of 30 s between two attempts. */
const RETRY_SCALE = 0.05;

const { dataFolder, project, relayOrigin } = JSON.parse(process.argv[2] ?? '') as HostProcessOptions;
const say = (message: FromHostProcess) => {
  if (process.connected) process.send?.(message);
};

const log = createLog({ folder: dataFolder, isVerbose: false });
const settings = openSettings({ path: join(dataFolder, 'settings.json'), now: Date.now, log });
if (!settings.get().projects.includes(project)) settings.update({ projects: [project] });
const created = await createHost({
  dataFolder,
  settings,
  secrets: createSecretFile(join(dataFolder, 'keys.json')),
  relayOrigin,
  appOrigin: relayOrigin,
  hostName: 'Chaos',
  build: 'test',
  clock: systemClock,
  random: () => Math.random() * RETRY_SCALE,
  log,
});
if (created.kind === 'refused') {
  say({ kind: 'refused', text: created.text });
  process.exit(1);
}
const { host } = created;
const { pairing } = host.remote;

// Anyone who started it is gone: end at once, as nobody is left to ask for more.
process.on('disconnect', () => process.exit(1));
process.on('message', (message: ToHostProcess) => {
  if (message.kind === 'show-code') void pairing.show().then(({ link }) => say({ kind: 'code', link }));
  else if (message.kind === 'allow') pairing.allow(message.request, 'full');
  else void host.dispose().then(() => process.exit(0));
});
const asked = new Set<string>();
pairing.onDidChangeRequests((requests) => {
  for (const { id, name, digits } of requests) {
    if (asked.has(id)) continue;
    asked.add(id);
    say({ kind: 'asked', request: id, name, digits });
  }
});
host.remote.link.onDidChangeStatus((status) => say({ kind: 'link', status: status.kind }));
say({ kind: 'started', hostId: host.hostId });
host.remote.start();
