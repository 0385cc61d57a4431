import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Device } from '../support/device/device.ts';
import { startHost, type TestHost } from '../support/test-host.ts';

let baton: TestHost;
beforeEach(async () => {
  baton = await startHost();
});
afterEach(() => baton.stop());

const isIdle = (device: Device, session: string) =>
  device.state?.sessions.find(({ id }) => id === session)?.state === 'idle';

test('two devices hold identical sessions, event for event, equal to the host’s log', async () => {
  const [one, two] = [await baton.pairDevice('One'), await baton.pairDevice('Two')];
  const session = await baton.startSession();
  await one.until('the session', () => isIdle(one, session));
  one.send('prompt', session, { text: 'echo: from one' });
  two.send('prompt', session, { text: 'echo: from two' });
  const done = () =>
    baton.host.history.events.after(session, 0, 1000).filter(({ kind }) => kind === 'turn.ended').length === 2;
  await baton.until('both turns', done);
  const log = baton.host.history.events.after(session, 0, 1000);
  for (const device of [one, two]) {
    await device.until('all events', () => device.store.events(session).length === log.length);
    expect(device.store.events(session)).toEqual(log);
  }
});

test('an approval answered on one device is resolved on the other, and a late answer is told who was first', async () => {
  const [one, two] = [await baton.pairDevice('One'), await baton.pairDevice('Two')];
  const session = await baton.startSession();
  one.send('prompt', session, { text: 'Please edit the file' });
  const pending = (device: Device) => device.state?.approvals.find((approval) => approval.session === session);
  await Promise.all([one, two].map((device) => device.until('the approval', () => pending(device) !== undefined)));
  const approval = pending(one);
  const allow = approval?.options.find(({ kind }) => kind === 'allow_once');
  if (!approval || !allow) throw new Error('No approval to answer.');
  expect(pending(two)).toEqual(approval);
  const first = one.send('answer', session, { approval: approval.approval, option: allow.id });
  await one.untilReceipt(first, 'applied');
  await two.until('the approval is gone', () => pending(two) === undefined);
  const late = two.send('answer', session, { approval: approval.approval, option: allow.id });
  await two.untilReceipt(late, 'answered-elsewhere');
  expect(two.receiptOf(late)?.reason).toContain('One');
});

test('a device with scope watch sees everything and can neither prompt, answer, cancel nor start', async () => {
  const device = await baton.pairDevice('Watcher', 'watch');
  const session = await baton.startSession();
  baton.command('prompt', session, { text: 'Please edit the file' });
  await device.until('the approval', () => (device.state?.approvals.length ?? 0) > 0);
  const approval = device.state?.approvals[0];
  const option = approval?.options[0];
  if (!approval || !option) throw new Error('No approval.');
  const commands = [
    device.send('prompt', session, { text: 'echo: no' }),
    device.send('answer', session, { approval: approval.approval, option: option.id }),
    device.send('cancel', session, {}),
    device.send('session.new', '01890000-0000-7000-8000-00000000000f', { agent: 'demo', folder: baton.project }),
    device.send('session.end', session, {}),
  ];
  for (const command of commands) await device.untilReceipt(command, 'rejected');
  expect(baton.host.supervisor.state().approvals).toHaveLength(1);
  expect(baton.host.supervisor.state().sessions).toHaveLength(1);
});

test('revoking one device closes it at once while the other goes on', async () => {
  const [one, two] = [await baton.pairDevice('One'), await baton.pairDevice('Two')];
  const session = await baton.startSession();
  expect(baton.host.remote.revoke(one.identity.deviceId)).toBe(true);
  await one.until('closed', () => one.closings.length > 0, 1000);
  const seen = one.store.events(session).length;
  await one.until('refused for good', () => one.closings.some(({ code }) => code === 4403 || code === 4410));
  two.send('prompt', session, { text: 'echo: still here' });
  await two.until('the answer', () => two.store.events(session).some(({ kind }) => kind === 'turn.ended'));
  expect(one.store.events(session)).toHaveLength(seen);
  expect(one.isConnected).toBe(false);
});

test('with remote control off a connected device sees no session and its commands are refused', async () => {
  const device = await baton.pairDevice('One');
  const session = await baton.startSession();
  await device.until('the session', () => isIdle(device, session));
  baton.host.setRemoteControl(false);
  await device.until('an empty list', () => device.state?.sessions.length === 0);
  expect(device.state?.isRemoteControlEnabled).toBe(false);
  const command = device.send('prompt', session, { text: 'echo: no' });
  await device.untilReceipt(command, 'rejected');
  baton.host.setRemoteControl(true);
  await device.until('the session again', () => isIdle(device, session));
});

test('the host knows what the agent of each open session takes, and nothing of one that has ended', async () => {
  const [one, two] = [await baton.startSession('One'), await baton.startSession('Two')];
  expect(await baton.host.usage()).toEqual({
    [one]: { processes: 1, memoryBytes: expect.any(Number), cpuPercent: null },
    [two]: { processes: 1, memoryBytes: expect.any(Number), cpuPercent: null },
  });
  const { id } = baton.host.history.commands.get(baton.command('session.end', one, {}).command) ?? { id: '' };
  await baton.until('the end', () => baton.host.history.commands.get(id)?.state === 'applied');
  expect(Object.keys(await baton.host.usage())).toEqual([two]);
});

test('commands that come all at once are taken one a turn, in their order, and only then what was said after them', async () => {
  const device = await baton.pairDevice('One');
  const session = await baton.startSession();
  await device.until('the session', () => isIdle(device, session));
  const { supervisor } = baton.host;
  const handle = supervisor.handleCommand.bind(supervisor);
  let turn = 0;
  let isCounting = true;
  const count = () => {
    turn += 1;
    if (isCounting) setImmediate(count);
  };
  count();
  const taken: { title: string; turn: number }[] = [];
  supervisor.handleCommand = (from, command) => {
    taken.push({ title: (command.body as { title: string }).title, turn });
    return handle(from, command);
  };
  const titles = Array.from({ length: 20 }, (_, index) => `Title ${index}`);
  for (const title of titles) device.send('session.rename', session, { title });
  await device.ping();
  isCounting = false;
  expect(taken.map(({ title }) => title)).toEqual(titles);
  expect(new Set(taken.map((one) => one.turn)).size).toBe(20);
});
