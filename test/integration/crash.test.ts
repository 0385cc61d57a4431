import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { uuidv7 } from 'uuidv7';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { WireEvent } from '#protocol/events.ts';
import { createRelay, type Relay } from '#relay/relay.ts';
import { type HostEvidence, readHost, readJournal } from '../chaos/evidence.ts';
import { Child, processesWith, signalIfRunning } from '../support/chaos/processes.ts';
import { Device } from '../support/device/device.ts';
import { pair } from '../support/device/pair.ts';
import { endKeeper } from '../support/keeper/end-keeper.ts';

/**
 * One story: three sessions, each at another point of its turn, when the host is killed; then it is started again. Their agents run
 * on under the keeper meanwhile, so nothing is interrupted, nothing is uncertain and nothing is started again.
 * `heard`: its agent is saying something. `unheard`: its agent has the prompt and has not said a word.
 * `queued`: its agent works, and a second prompt waits.
 */
const sessions = { heard: uuidv7(), unheard: uuidv7(), queued: uuidv7() };
const names = Object.keys(sessions) as (keyof typeof sessions)[];
const TERMINAL = join(import.meta.dirname, '../../main/terminal/index.ts');
const STUBBORN_AGENT = join(import.meta.dirname, '../support/chaos/stubborn-agent.ts');
/** So long that the agent says nothing before the test is over. */
const SILENT_PACE_MS = 3_600_000;
const PACE_MS = 20;

const folder = mkdtempSync(join(tmpdir(), 'baton-crash-'));
const data = join(folder, 'data');
const project = join(folder, 'project');
const journal = join(folder, 'journal');
/** In the environment of every agent of this test, and of nothing else. */
const mark = `BATON_CRASH_TEST=${uuidv7()}`;

let relay: Relay;
let host: Child;
let device: Device;
let agents: number[] = [];
let before: HostEvidence;
const prompts = { heard: '', unheard: '', queued: '', waiting: '' };

const kinds = (session: string) => device.store.events(session).map(({ kind }) => kind);
const summary = (session: string) => device.state?.sessions.find(({ id }) => id === session);
const executions = (text: string) => readJournal(journal).filter((one) => one === text).length;
const ends = (command: string) => (event: WireEvent) =>
  event.kind === 'turn.ended' && (event.body as { command: string }).command === command;

function startTerminal(): Child {
  const args = [TERMINAL, '--data', data, '--relay', relay.origin, '--project', project];
  // The login shell is asked for the agents' environment: a plain one, so that nobody's start-up files matter here.
  return new Child(args, { env: { ...process.env, SHELL: '/bin/sh' } });
}

function customAgent(id: string, paceMs: number) {
  const [name = '', value = ''] = mark.split('=');
  const env = {
    [name]: value,
    BATON_DEMO_JOURNAL: journal,
    BATON_DEMO_STATE: join(folder, 'agents'),
    BATON_DEMO_PACE_MS: String(paceMs),
  };
  return { id, name: `Agent ${id}`, command: process.execPath, args: [STUBBORN_AGENT], env };
}

/** Pairs at the keyboard: what the terminal prints is read, and a key is pressed. */
async function pairAtTerminal(): Promise<Device> {
  const [, link = ''] = await host.untilPrinted(/(http:\/\/\S+\/p#1\.\S+)/);
  // Before that the relay does not know the code.
  await host.untilPrinted(/relay connected/);
  const digits = Promise.withResolvers<string>();
  const paired = pair(link, 'Phone', digits.resolve);
  paired.catch(digits.reject);
  const [, shown = ''] = await host.untilPrinted(/“Phone” asks to be paired.*digits: +(\d{3} \d{3})/);
  expect(shown.replace(' ', '')).toBe(await digits.promise);
  host.process.stdin?.write('a');
  return Device.open({ file: join(folder, 'device.db'), identity: await paired });
}

async function startSession(name: keyof typeof sessions, agent: string): Promise<void> {
  device.send('session.new', sessions[name], { agent, folder: project, title: name });
  await device.until(`session ${name}`, () => summary(sessions[name])?.state === 'idle');
}

beforeAll(async () => {
  mkdirSync(data);
  mkdirSync(project);
  const customAgents = [customAgent('talking', PACE_MS), customAgent('silent', SILENT_PACE_MS)];
  writeFileSync(join(data, 'settings.json'), JSON.stringify({ customAgents }));
  const databaseFile = join(folder, 'relay.db');
  relay = await createRelay({
    host: '127.0.0.1',
    port: 0,
    publicOrigins: [],
    databaseFile,
    phoneFolder: null,
    log: () => {},
  });
  host = startTerminal();
  device = await pairAtTerminal();
  // The login shell has been asked by then: before that only the demo agent is known.
  await device.until('the agents', () => device.state?.agents.some(({ id }) => id === 'talking') === true);

  await startSession('heard', 'talking');
  await startSession('unheard', 'silent');
  await startSession('queued', 'talking');
  const first = device.send('prompt', sessions.heard, { text: 'echo: the first turn ends well' });
  await device.until('the first turn', () => device.store.events(sessions.heard).some(ends(first)));

  device.say({ type: 'watch', session: sessions.heard });
  prompts.heard = device.send('prompt', sessions.heard, { text: 'long 5001' });
  prompts.queued = device.send('prompt', sessions.queued, { text: 'long 300' });
  prompts.waiting = device.send('prompt', sessions.queued, { text: 'echo: it waited' });
  prompts.unheard = device.send('prompt', sessions.unheard, { text: 'long 5003' });
  await device.until('some streamed text', () => device.transients.some(({ session }) => session === sessions.heard));
  await device.untilReceipt(prompts.queued, 'applied');
  await device.untilReceipt(prompts.unheard, 'dispatched');
  await device.until('a prompt that waits', () => summary(sessions.queued)?.queued === 1);
  // The silent agent has its prompt: else nothing would be proven by its not running twice.
  await device.until('the silent agent', () => executions('long 5003') === 1);

  agents = await processesWith(mark);
  await host.kill();
  before = readHost(join(data, 'history.db'));
  await device.until('the loss of the host', () => !device.isConnected);
  host = startTerminal();
  await device.until('the host again', () => device.isConnected && device.state !== null);
}, 60_000);

afterAll(async () => {
  device?.dispose();
  host?.signal('SIGTERM');
  await host?.gone;
  await endKeeper(data);
  await relay?.stop({ graceful: false });
  for (const pid of await processesWith(mark)) signalIfRunning(pid, 'SIGKILL');
  rmSync(folder, { recursive: true, force: true });
}, 30_000);

test('the history is whole up to the last event, and goes on from there', async () => {
  for (const name of names) {
    const log = before.events.get(sessions[name]) ?? [];
    expect(log.map(({ seq }) => seq)).toEqual(log.map((_, index) => index + 1));
    await device.until(`all of ${name}`, () => device.store.events(sessions[name]).length >= log.length);
    expect(device.store.events(sessions[name]).slice(0, log.length)).toEqual(log);
  }
});

test.runIf(process.platform === 'linux')('the agents are still the same processes', async () => {
  // A launcher and an agent for each session.
  expect(agents).toHaveLength(names.length * 2);
  expect((await processesWith(mark)).toSorted()).toEqual(agents.toSorted());
});

test('a session whose agent was heard works on, and can be stopped', async () => {
  expect(summary(sessions.heard)?.state).toBe('working');
  device.transients.length = 0;
  device.say({ type: 'watch', session: sessions.heard });
  await device.until('more text', () => device.transients.some(({ session }) => session === sessions.heard));
  const cancel = device.send('cancel', sessions.heard, {});
  await device.untilReceipt(cancel, 'applied');
  await device.until('the end', () => device.store.events(sessions.heard).some(ends(prompts.heard)));
  const end = device.store.events(sessions.heard).find(ends(prompts.heard));
  expect(end?.body).toEqual({ command: prompts.heard, stop: 'cancelled' });
});

test('a prompt of which nothing was heard yet is not uncertain: it is proven that its agent was handed it', async () => {
  expect(device.receiptOf(prompts.unheard)?.state).toBe('dispatched');
  expect(summary(sessions.unheard)).toMatchObject({ state: 'working', queued: 0 });
  await device.untilReceipt(device.send('cancel', sessions.unheard, {}), 'applied');
  await device.untilReceipt(prompts.unheard, 'applied');
});

test('a turn that ran is finished, and the prompt that waited for it runs, once', async () => {
  await device.until('the running prompt', () => device.store.events(sessions.queued).some(ends(prompts.queued)));
  await device.until('the waiting prompt', () => device.store.events(sessions.queued).some(ends(prompts.waiting)));
  const stops = [prompts.queued, prompts.waiting].map(
    (prompt) => device.store.events(sessions.queued).find(ends(prompt))?.body,
  );
  expect(stops).toEqual([
    { command: prompts.queued, stop: 'end_turn' },
    { command: prompts.waiting, stop: 'end_turn' },
  ]);
  expect(executions('echo: it waited')).toBe(1);
});

test('no session says that anything was interrupted, and all take prompts', async () => {
  for (const name of names) {
    const again = device.send('prompt', sessions[name], { text: `echo: here again, ${name}` });
    await device.untilReceipt(again, 'applied');
    expect(kinds(sessions[name])).not.toContain('session.interrupted');
    expect(kinds(sessions[name]).filter((kind) => kind === 'session.started')).toHaveLength(1);
  }
});

test('after all that nothing has run twice', () => {
  const executed = readJournal(journal);
  expect(executed.toSorted()).toEqual([...new Set(executed)].toSorted());
  expect(executed).toEqual(expect.arrayContaining(['long 5001', 'long 300', 'long 5003']));
});
