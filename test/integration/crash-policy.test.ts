/** What nobody caught, in each process of Baton without a window: it is written down, and the process goes on. Real processes. */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { keeperPathsIn, readState } from '#main/keeper/wire/keeper-paths.ts';
import { Child } from '../support/chaos/processes.ts';
import { findFreePort } from '../support/free-port.ts';
import { KeeperHand } from '../support/keeper/lone-keeper.ts';
import { makeFolder } from '../support/test-host.ts';

const ROOT = join(import.meta.dirname, '../..');
const PROBE = ['--import', join(ROOT, 'test/support/crash-probe.ts')];
const BOTH = [/Nobody caught an error.*a probe was thrown/s, /Nobody handled a rejection.*a probe was rejected/s];

const folder = makeFolder();
let child: Child;
afterEach(async () => {
  child.signal('SIGKILL');
  await child.gone;
  rmSync(folder, { recursive: true, force: true });
});

test('the keeper goes on: it holds every agent', async () => {
  child = new Child([...PROBE, join(ROOT, 'main/keeper/server/index.ts'), folder]);
  await child.untilPrinted(/ready/);
  child.signal('SIGUSR2');
  for (const pattern of BOTH) await child.untilPrinted(pattern);
  const state = readState(keeperPathsIn(folder));
  const hand = await KeeperHand.connect(state ?? { socket: '', token: '' });
  expect([hand.agents, child.isRunning]).toEqual([[], true]);
});

test('the relay goes on: it holds the connections of everybody', async () => {
  child = new Child([...PROBE, join(ROOT, 'relay/index.ts'), '--port', '0', '--data', folder]);
  const [, port] = await child.untilPrinted(/The relay listens.*"port":(\d+)/);
  child.signal('SIGUSR2');
  for (const pattern of BOTH) await child.untilPrinted(pattern);
  expect((await fetch(`http://127.0.0.1:${port}/healthz`)).ok).toBe(true);
});

test('the host in a terminal goes on, and says where to read about it', async () => {
  const args = ['--data', folder, '--port', String(await findFreePort())];
  child = new Child([...PROBE, join(ROOT, 'main/terminal/index.ts'), ...args]);
  await child.untilPrinted(/Relay: our own/);
  child.signal('SIGUSR2');
  await child.untilPrinted(/Something went wrong in Baton, and it goes on\. The log has the details: .*baton\.log/);
  const log = () => readFileSync(join(folder, 'baton.log'), 'utf8');
  await child.until('both lines in the log', () => BOTH.every((pattern) => pattern.test(log())));
  child.process.stdin?.write('q');
  await child.untilPrinted(/Closed\./);
  expect(await child.gone).toEqual({ code: 0, signal: null });
});
