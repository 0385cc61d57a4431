/** Answers that come late, twice, or after everything was started again: the agent hears one of them, once. */
import { uuidv7 } from 'uuidv7';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Device } from '../support/device/device.ts';
import { startHost, startRelay, type TestHost } from '../support/test-host.ts';

let baton: TestHost;
beforeEach(async () => {
  baton = await startHost();
});
afterEach(() => baton.stop());

const asked = (device: Device) => device.state?.approvals ?? [];

/** Questions in two sessions, both on the phone. */
async function askInTwoSessions(phone: Device): Promise<void> {
  for (const title of ['First', 'Second']) {
    const session = await baton.startSession(title);
    baton.command('prompt', session, { text: 'many approvals 2' });
    await baton.untilState(session, 'waiting');
  }
  await phone.until('four questions', () => asked(phone).length === 4);
}

test('all questions of all sessions are there, oldest first, also after the relay and the phone were away', async () => {
  const phone = await baton.pairDevice('Phone');
  await askInTwoSessions(phone);
  const before = asked(phone);
  expect(before.map(({ askedAt }) => askedAt)).toEqual(before.map(({ askedAt }) => askedAt).sort((a, b) => a - b));
  expect(new Set(before.map(({ session }) => session)).size).toBe(2);
  const { port } = baton.relay;
  const { connections } = phone;
  await baton.relay.stop({ graceful: false });
  await phone.until('cut', () => !phone.isConnected);
  phone.state = null;
  const relay = await startRelay(baton.folder, { port });
  try {
    await phone.until('back', () => phone.connections > connections && phone.state !== null);
    expect(asked(phone)).toEqual(before);
  } finally {
    await relay.stop({ graceful: false });
  }
});

test('an answer that is sent again, with the same id or another, by the same device or another, never acts twice', async () => {
  const [phone, tablet] = [await baton.pairDevice('Phone'), await baton.pairDevice('Tablet')];
  await askInTwoSessions(phone);
  const [question] = asked(phone);
  if (!question) throw new Error('No question.');
  const { session, approval, options } = question;
  const [first, second] = options;
  if (!first || !second) throw new Error('No options.');
  const id = uuidv7();
  const command = { id, session, kind: 'answer' as const, body: { approval, option: first.id }, at: Date.now() };
  phone.say({ type: 'command', command });
  phone.say({ type: 'command', command });
  await phone.untilReceipt(id, 'applied');
  const late = tablet.send('answer', session, { approval, option: second.id });
  await tablet.untilReceipt(late, 'answered-elsewhere');
  expect(tablet.receiptOf(late)?.reason).toContain('Phone');
  // Replayed after the channel was opened again, and under the id of the phone by another device.
  const { connections } = phone;
  phone.cut();
  await phone.until('back', () => phone.isConnected && phone.connections > connections);
  const heard = phone.receipts.length;
  phone.say({ type: 'command', command });
  await phone.until('the receipt again', () => phone.receipts.length > heard);
  expect(phone.receiptOf(id)?.state).toBe('applied');
  tablet.say({ type: 'command', command });
  await tablet.untilReceipt(id, 'rejected');
  expect(tablet.receiptOf(id)?.reason).toBe('Another command was given under this id before.');
  const answers = baton.host.history.events
    .after(session, 0, 500)
    .filter((event) => event.kind === 'approval.answered' && JSON.stringify(event.body).includes(approval));
  expect(answers).toHaveLength(1);
  expect(asked(phone)).toHaveLength(3);
});
