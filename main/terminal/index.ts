/** `npm run host`: the host in a terminal, with a relay of its own on loopback unless told otherwise. */

import { hostname } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '#lib/clock.ts';
import { surviveCrashes } from '#lib/crash-policy.ts';
import type { Log } from '#lib/log.ts';
import { describeDataFolderError } from '../host/folder-failure.ts';
import { createHost } from '../host/host.ts';
import { createLog, LOG_FILE } from '../host/log.ts';
import { makeFolder } from '../host/make-folder.ts';
import { watchWake } from '../host/remote/wake-watch.ts';
import { createSecretFile } from '../host/secret-file.ts';
import { openSettings, type SettingsStore } from '../host/settings.ts';
import { defaultDataFolder, homeFolder } from '../setup/data-folder.ts';
import { makeDemoFolder } from '../setup/demo-folder.ts';
import { findPhoneFolder, readPhoneBuild } from '../setup/embedded-relay.ts';
import { findKeychainObstacle, PLAIN_KEYS_FILE } from '../setup/key-files.ts';
import { type OpenedRelay, openRelay } from '../setup/open-relay.ts';
import { addProjectFolders } from '../setup/project-folders.ts';
import { type Arguments, HELP, parseArguments } from './arguments.ts';
import { doctor } from './doctor.ts';
import { Screen } from './screen.ts';
import { TerminalApp } from './terminal-app.ts';

/** A last resort: a host that does not manage to end in good order ends all the same. */
const QUIT_WITHIN_MS = 15_000;

async function main(): Promise<number> {
  const parsed = parseArguments(process.argv.slice(2), process.cwd());
  if (parsed.kind === 'help') {
    process.stdout.write(`${HELP}\n`);
    return 0;
  }
  if (parsed.kind === 'wrong') return refuse(`${parsed.text}\nTry --help.`);
  if (parsed.kind === 'doctor') return await doctor(parsed.value, process.stdout);
  return await run(parsed.value);
}

async function run(given: Arguments): Promise<number> {
  const dataFolder = given.data ?? defaultDataFolder();
  if (dataFolder === null)
    return refuse('This user has no home folder. Say with --data where Baton shall keep its files.');
  let log: Log;
  let settings: SettingsStore;
  try {
    makeFolder(dataFolder);
    log = createLog({ folder: dataFolder, isVerbose: given.isVerbose, home: homeFolder() });
    settings = openSettings({ path: join(dataFolder, 'settings.json'), now: Date.now, log });
    const missing = addProjectFolders(settings, given.projects);
    if (missing !== null) return refuse(`--project ${missing}: there is no such folder.`);
    if (given.isDemo) addProjectFolders(settings, [makeDemoFolder(dataFolder)]);
  } catch (error) {
    return refuse(
      `Baton cannot keep its data in ${dataFolder}: ${describeDataFolderError(error)} Choose another folder with --data.`,
    );
  }

  const obstacle = findKeychainObstacle(dataFolder);
  if (obstacle !== null) return refuse(obstacle);
  const screen = new Screen(process.stdout);
  const phoneFolder = findPhoneFolder();
  const relay = await openRelay({
    settings: settings.get(),
    address: given.relay ?? undefined,
    port: given.port ?? undefined,
    dataFolder,
    phoneFolder,
    log,
  });
  if (relay.kind === 'refused') return refuse(relay.text);

  const build = readPhoneBuild(phoneFolder);
  const created = await createHost({
    dataFolder,
    settings,
    secrets: createSecretFile(join(dataFolder, PLAIN_KEYS_FILE)),
    relayOrigin: relay.relayOrigin,
    appOrigin: relay.phoneOrigin,
    hostName: hostname(),
    build,
    clock: systemClock,
    random: Math.random,
    log,
  });
  if (created.kind === 'refused') {
    await relay.stop();
    return refuse(created.text);
  }
  const { host } = created;

  screen.print(`Baton on ${hostname()} · data in ${dataFolder.replace(homeFolder() || '~', '~')}`);
  screen.print(`Page for phones: build ${build}`);
  screen.print(describeRelay(relay));
  for (const notice of [settings.notice, host.notice]) if (notice) screen.print(`! ${notice}`);

  // A terminal that was closed takes no more words; that must not cut the quitting short.
  for (const output of [process.stdout, process.stderr]) output.on('error', () => {});
  surviveCrashes(process, (what, error) => {
    log.error(what, { error });
    screen.print(
      `! Something went wrong in Baton, and it goes on. The log has the details: ${join(dataFolder, LOG_FILE)}`,
    );
  });
  const quit = Promise.withResolvers<{ leaveAgents: boolean }>();
  const app = new TerminalApp({
    host,
    settings,
    screen,
    clock: systemClock,
    log,
    build,
    quit: (how) => quit.resolve(how ?? { leaveAgents: false }),
  });
  const stopKeys = listenForKeys((key) => app.press(key));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => quit.resolve({ leaveAgents: false }));
  // The terminal was closed, or the connection to it was lost: nobody has said that agents are to end.
  process.on('SIGHUP', () => quit.resolve({ leaveAgents: true }));
  // The clock's timers do not keep the process alive, and a host between two attempts has no socket.
  const alive = setInterval(() => {}, 60_000);
  const stopWatching = watchWake({
    clock: systemClock,
    onWake: (why) => {
      log.info(why);
      host.remote.resume();
    },
  });
  host.remote.start();
  app.start();
  await host.registry.refresh();
  sayWhatIsMissing(host.registry.list(), screen);

  const how = await quit.promise;
  setTimeout(() => process.exit(1), QUIT_WITHIN_MS).unref();
  stopKeys();
  stopWatching();
  app.dispose();
  screen.print(
    how.leaveAgents ? 'Closing: agents work on until Baton is back …' : 'Closing: ending agents and telling devices …',
  );
  await host.dispose(how);
  await relay.stop();
  clearInterval(alive);
  screen.print('Closed.');
  return 0;
}

/** Calls back with each key; works from a pipe too. */
function listenForKeys(onKey: (key: string) => void): () => void {
  const { stdin } = process;
  const isTerminal = stdin.isTTY === true;
  const onData = (data: Buffer) => {
    for (const key of data.toString('utf8')) onKey(key);
  };
  if (isTerminal) stdin.setRawMode(true);
  stdin.on('data', onData);
  return () => {
    stdin.off('data', onData);
    if (isTerminal) stdin.setRawMode(false);
    stdin.pause();
  };
}

function describeRelay({ isOwn, relayOrigin, phoneOrigin }: Extract<OpenedRelay, { kind: 'ready' }>): string {
  if (!isOwn) return `Relay: ${relayOrigin}`;
  if (phoneOrigin === relayOrigin) return `Relay: our own, at ${relayOrigin} (this computer only)`;
  return `Relay: our own, at ${relayOrigin}; phones reach it at ${phoneOrigin}`;
}

function sayWhatIsMissing(
  agents: readonly { name: string; isInstalled: boolean; install?: string | undefined; id: string }[],
  screen: Screen,
): void {
  const real = agents.filter((agent) => agent.id !== 'demo');
  const found = real.filter((agent) => agent.isInstalled).map((agent) => agent.name);
  if (found.length > 0) {
    screen.print(`Agents found: ${found.join(', ')}.`);
    return;
  }
  screen.print(
    'No coding agent was found on the PATH of your login shell; the demo agent works without one. To install one, for example:',
  );
  for (const agent of real.slice(0, 3)) if (agent.install) screen.print(`  ${agent.name}: ${agent.install}`);
}

function refuse(text: string): number {
  process.stderr.write(`${text}\n`);
  return 1;
}

process.exitCode = await main().catch((error: unknown) =>
  refuse(`Baton failed: ${error instanceof Error ? error.stack : String(error)}`),
);
// Sockets of agents or browsers that linger must not keep a closed host.
process.exit();
