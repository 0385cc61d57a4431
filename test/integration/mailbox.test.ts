/** A phone that is closed before the computer wakes: what it left at the relay is done once, in order, and it sees so when it opens. */
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import type { Clock as RelayClock } from '#relay/clock.ts';
import { createSystemClock } from '#relay/clock.ts';
import { createShiftingClock, type ShiftingClock } from '../support/chaos/shifting-clock.ts';
import { Device } from '../support/device/device.ts';
import { startHost, type TestHost } from '../support/test-host.ts';
import { untilMetrics } from '../unit/relay/relay-fixture.ts';

const NIGHT_MS = 9 * 60 * 60_000;

let ends: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const end of ends.reverse()) await end();
  ends = [];
});

interface Night {
  readonly host: TestHost;
  readonly clock: ShiftingClock;
  readonly device: Device;
  readonly session: string;
}

/** The relay's clock, shifted together with the computer's. */
function relayClock(clock: ShiftingClock): RelayClock {
  return { ...createSystemClock(), wallNow: () => clock.now() };
}

async function prepare(): Promise<Night> {
  const clock = createShiftingClock();
  const host = await startHost({ clock, relay: { clock: relayClock(clock) } });
  ends.push(() => host.stop());
  const device = await host.pairDevice('Phone', 'full', { now: () => clock.now() });
  const session = await host.startSession();
  await device.until('the session', () => device.state?.sessions.some(({ id }) => id === session) ?? false);
  return { host, clock, device, session };
}

async function sleep({ host, device }: Night): Promise<void> {
  await host.host.remote.suspend();
  await device.until('the computer to be gone', () => !device.isConnected);
}

/** Opens the phone again from what it has stored. */
function reopen(file: string, clock: ShiftingClock): Device {
  const device = Device.open({ file, now: () => clock.now() });
  ends.push(() => device.dispose());
  return device;
}

function fileOf({ host, device }: Night): string {
  return join(host.folder, `device-${device.identity.deviceId}.db`);
}

function prompts(host: TestHost, session: string): string[] {
  const events = host.host.history.events.after(session, 0, 5000);
  return events.filter(({ kind }) => kind === 'prompt').map(({ body }) => (body as { text: string }).text);
}

function answers(host: TestHost, session: string): string[] {
  const events = host.host.history.events.after(session, 0, 5000);
  return events.filter(({ kind }) => kind === 'message').map(({ body }) => (body as { text: string }).text);
}

test('a night asleep: three prompts and an answer of a phone that was closed are each done once, in order, and it sees the receipts', async () => {
  const night = await prepare();
  const { host, clock, device, session } = night;
  const asking = await host.startSession('Asks');
  host.command('prompt', asking, { text: 'many approvals 1' });
  await device.until('the question', () => device.state?.approvals.length === 1);
  const [question] = device.state?.approvals ?? [];
  const option = question?.options.find(({ kind }) => kind === 'allow_once')?.id ?? '';

  await sleep(night);
  const left = ['one', 'two', 'three'].map((text) => device.send('prompt', session, { text: `echo: ${text}` }));
  left.push(device.send('answer', asking, { approval: question?.approval ?? '', option }));
  await device.untilLeft(...left);
  device.dispose();
  expect(host.relay.metrics().now.letters).toBe(4);
  expect(host.host.history.commands.get(left[0] ?? '')).toBe(null);

  clock.shift(NIGHT_MS);
  host.host.remote.resume();
  await host.until('the letters', () => host.host.remote.mail.delivered === 4);
  await host.until('the last answer', () => answers(host, session).length === 3);
  await host.untilState(session, 'idle');
  await host.untilState(asking, 'idle');
  expect([prompts(host, session), answers(host, session)]).toEqual([
    ['echo: one', 'echo: two', 'echo: three'],
    ['one', 'two', 'three'],
  ]);
  const resolved = host.host.history.events.after(asking, 0, 1000).filter(({ kind }) => kind === 'approval.resolved');
  expect(resolved.map(({ body }) => (body as { outcome: string }).outcome)).toEqual(['selected']);

  const opened = reopen(fileOf(night), clock);
  for (const command of left) await opened.untilReceipt(command, 'applied');
  // That the phone brought them itself as well, changed nothing.
  expect(prompts(host, session)).toHaveLength(3);
  expect(host.relay.metrics()).toMatchObject({ lettersTaken: 4, now: { letters: 0 } });
});

test('what comes by letter and by the live channel at the same moment is done once, in the order of the phone', async () => {
  const night = await prepare();
  const { host, device, session } = night;
  await sleep(night);
  const texts = Array.from({ length: 12 }, (_, at) => `echo: ${at}`);
  const left = texts.map((text) => device.send('prompt', session, { text }));
  await device.untilLeft(...left);
  host.host.remote.resume();
  // The device is still open: its channel and the mailbox race.
  const live = device.send('prompt', session, { text: 'echo: last' });
  for (const command of [...left, live]) await device.untilReceipt(command, 'applied');
  // Applied means that the agent has the prompt; its answer may be on its way.
  await host.untilState(session, 'idle');
  expect(prompts(host, session)).toEqual([...texts, 'echo: last']);
  expect(answers(host, session)).toEqual([...texts, 'echo: last'].map((text) => text.slice(6)));
});

test('letters outlive the host’s process and the phone: a new host takes them from the same relay', async () => {
  const night = await prepare();
  const { host, clock, device, session } = night;
  const { origin } = host.relay;
  await host.host.dispose();
  await device.until('the computer to be gone', () => !device.isConnected);
  const command = device.send('prompt', session, { text: 'echo: after the restart' });
  await device.untilLeft(command);
  device.dispose();

  const again = await startHost({
    folder: host.folder,
    relayOrigin: origin,
    relay: { databaseFile: join(host.folder, 'unused.db') },
    clock,
  });
  ends.push(() => again.host.dispose());
  await again.until('the letter', () => again.host.remote.mail.delivered === 1);
  const opened = reopen(fileOf(night), clock);
  await opened.untilReceipt(command, 'applied');
  expect(prompts(again, session)).toEqual(['echo: after the restart']);
});

test('a prompt that is taken back while it waits in the mailbox is gone from it and never runs; what follows does', async () => {
  const night = await prepare();
  const { host, device, session } = night;
  await sleep(night);
  const wrong = device.send('prompt', session, { text: 'echo: by mistake' });
  const right = device.send('prompt', session, { text: 'echo: meant' });
  await device.untilLeft(wrong, right);
  const withdrawal = device.takeBack(session, wrong);
  await device.until('it is forgotten', () => !device.store.outbox().some(({ command }) => command.id === wrong));
  await device.untilLeft(withdrawal, right);
  expect(host.relay.metrics()).toMatchObject({ lettersCancelled: 2, now: { letters: 2 } });
  device.dispose();
  host.host.remote.resume();
  await host.until('the letters', () => host.host.remote.mail.delivered === 2);
  await host.untilState(session, 'idle');
  const opened = reopen(fileOf(night), night.clock);
  await opened.untilReceipt(right, 'applied');
  await opened.untilReceipt(withdrawal, 'applied');
  expect(prompts(host, session)).toEqual(['echo: meant']);
});

test('a prompt that the computer has collected already is taken back the usual way, and the phone is told what came of it', async () => {
  const night = await prepare();
  const { host, device, session } = night;
  await sleep(night);
  const prompt = device.send('prompt', session, { text: 'echo: collected' });
  await device.untilLeft(prompt);
  device.dispose();
  host.host.remote.resume();
  await host.until('the letter', () => host.host.remote.mail.delivered === 1);
  await host.until('its answer', () => answers(host, session).length === 1);
  await host.host.remote.suspend();

  const opened = reopen(fileOf(night), night.clock);
  await opened.until(
    'the relay’s word',
    () => opened.store.outbox().find(({ command }) => command.id === prompt)?.letter?.state === 'taken',
  );
  const withdrawal = opened.takeBack(session, prompt);
  await opened.untilLeft(withdrawal);
  expect(opened.store.outbox().some(({ command }) => command.id === prompt)).toBe(true);
  host.host.remote.resume();
  await opened.untilReceipt(withdrawal, 'rejected');
  await opened.untilReceipt(prompt, 'applied');
});

test('an answer that was left too late gets the receipt that says so', async () => {
  const night = await prepare();
  const { host, device, session } = night;
  host.command('prompt', session, { text: 'many approvals 1' });
  await device.until('the question', () => device.state?.approvals.length === 1);
  const [question] = device.state?.approvals ?? [];
  const options = question?.options ?? [];
  await sleep(night);
  const late = device.send('answer', session, { approval: question?.approval ?? '', option: options[0]?.id ?? '' });
  await device.untilLeft(late);
  host.command('answer', session, { approval: question?.approval ?? '', option: options[1]?.id ?? '' });
  host.host.remote.resume();
  await device.untilReceipt(late, 'answered-elsewhere');
  const answered = host.host.history.events.after(session, 0, 1000).filter(({ kind }) => kind === 'approval.answered');
  expect(answered).toHaveLength(1);
});

test('a full mailbox leaves the rest on the phone, in order, and all of it is done when both are back', async () => {
  const night = await prepare();
  const { host, device, session } = night;
  await sleep(night);
  const large = device.send('prompt', session, { text: `echo: ${'x'.repeat(300_000)}` });
  const behind = device.send('prompt', session, { text: 'echo: behind' });
  await device.until('the words', () => device.mail.refusals.length >= 2);
  expect(device.mail.refusals.slice(0, 2)).toEqual([
    { command: large, reason: 'too-large' },
    { command: behind, reason: 'behind' },
  ]);
  expect(host.relay.metrics().now.letters).toBe(0);
  host.host.remote.resume();
  await device.untilReceipt(behind, 'applied');
  expect(prompts(host, session).map((text) => text.slice(0, 12))).toEqual(['echo: xxxxxx', 'echo: behind']);
});

test('letters that nobody takes for a week are gone from the relay; the phone leaves them again while it is open', async () => {
  const night = await prepare();
  const { host, clock, device, session } = night;
  await sleep(night);
  const prompt = device.send('prompt', session, { text: 'echo: a week later' });
  await device.untilLeft(prompt);
  const before = device.store.outbox()[0]?.letter?.id;
  device.dispose();
  clock.shift(7 * 24 * 60 * 60_000 + 60_000);
  const opened = reopen(fileOf(night), clock);
  await opened.until('a new letter', () => {
    const letter = opened.store.outbox()[0]?.letter;
    return letter?.state === 'kept' && letter.id !== before;
  });
  opened.dispose();
  host.host.remote.resume();
  await host.until('the letter', () => host.host.remote.mail.delivered === 1);
  await host.untilState(session, 'idle');
  expect(prompts(host, session)).toEqual(['echo: a week later']);
});

test('a device that is revoked while its letters wait gets nothing done', async () => {
  const night = await prepare();
  const { host, device, session } = night;
  await sleep(night);
  const prompt = device.send('prompt', session, { text: 'echo: never' });
  await device.untilLeft(prompt);
  device.dispose();
  host.host.remote.revoke(device.identity.deviceId);
  host.host.remote.resume();
  await untilMetrics(host.relay, ({ lettersForgotten }) => lettersForgotten === 1);
  expect([prompts(host, session), host.host.remote.mail.delivered]).toEqual([[], 0]);
});
