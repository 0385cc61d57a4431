/** The window and a phone on one session, over IPC handlers and over a real relay: two clients of one host, neither before the other. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { LocalClient } from '#renderer/local-client.ts';
import type { Device } from '../support/device/device.ts';
import { withProof } from '../support/seen-question.ts';
import { startHost, type TestHost } from '../support/test-host.ts';
import { createWindowBridge, openWindow, untilShown } from '../support/window-bridge.ts';

let baton: TestHost;
let window: LocalClient;
let phone: Device;
beforeEach(async () => {
  baton = await startHost();
  window = openWindow(createWindowBridge(baton.host));
  phone = await baton.pairDevice('Phone');
});
afterEach(async () => {
  window.dispose();
  await baton.stop();
});

const last = (session: string) => baton.host.history.events.last(session);
const onWindow = (session: string) => window.log(session).events.value;
const outboxState = (id: string) => window.outbox.value.find((one) => one.id === id)?.state;

async function untilBothHave(session: string): Promise<void> {
  await untilShown('the window has all', () => onWindow(session).at(-1)?.seq === last(session));
  await phone.until('the phone has all', () => phone.store.events(session).at(-1)?.seq === last(session));
}

test('both see the same events of one session, anyone who gave the prompt', async () => {
  const session = await baton.startSession();
  window.log(session);
  const here = await window.send('prompt', session, { text: 'echo: from the window' });
  await untilShown('applied', () => outboxState(here) === 'applied');
  const there = phone.send('prompt', session, { text: 'echo: from the phone' });
  await phone.untilReceipt(there, 'applied');
  await baton.untilState(session, 'idle');
  await untilBothHave(session);
  expect(onWindow(session)).toEqual(phone.store.events(session));
  const prompts = onWindow(session).flatMap((event) => (event.kind === 'prompt' ? [event.body] : []));
  expect(prompts.map(({ command, by }) => [command, by.name])).toEqual([
    [here, 'This computer'],
    [there, 'Phone'],
  ]);
  // A receipt goes to anyone who gave the command, and to nobody else.
  expect(phone.receiptOf(here)).toBeUndefined();
  expect(outboxState(there)).toBeUndefined();
});

test('an approval that is answered at the window is settled at the phone, and the other way round', async () => {
  const session = await baton.startSession();
  window.log(session);
  await window.send('prompt', session, { text: 'many approvals 2' });
  const asked = () => window.state.value?.approvals ?? [];
  await untilShown('two questions', () => asked().length === 2);
  await phone.until('two questions', () => phone.state?.approvals.length === 2);
  expect(asked()).toEqual(phone.state?.approvals);
  const [first, second] = asked();
  if (!first || !second) throw new Error('No questions.');
  const allow = first.options.find(({ kind }) => kind === 'allow_once');
  const deny = second.options.find(({ kind }) => kind === 'reject_once');
  if (!allow || !deny) throw new Error('No options.');

  const here = await window.send(
    'answer',
    session,
    withProof('answer', { approval: first.approval, option: allow.id }, asked()),
  );
  await untilShown('the agent has it', () => outboxState(here) === 'applied');
  await phone.until('one question', () => phone.state?.approvals.length === 1);
  const late = phone.send('answer', session, { approval: first.approval, option: allow.id });
  await phone.untilReceipt(late, 'answered-elsewhere');
  expect(phone.receiptOf(late)?.reason).toContain('This computer');

  const there = phone.send('answer', session, { approval: second.approval, option: deny.id, note: 'Not today' });
  await phone.untilReceipt(there, 'applied');
  await untilShown('none', () => asked().length === 0);
  const tooLate = await window.send('answer', session, { approval: second.approval, option: deny.id });
  await untilShown('answered elsewhere', () => outboxState(tooLate) === 'answered-elsewhere');
  await baton.untilState(session, 'idle');
  await untilBothHave(session);
  expect(onWindow(session)).toEqual(phone.store.events(session));
  const answers = onWindow(session).flatMap((event) =>
    event.kind === 'approval.answered' ? [event.body.by.name] : [],
  );
  expect(answers).toEqual(['This computer', 'Phone']);
});

test('what is switched off for phones goes on at the window, and a phone that comes back has it all', async () => {
  const session = await baton.startSession();
  window.log(session);
  baton.host.setRemoteControl(false);
  await phone.until('off', () => phone.state?.isRemoteControlEnabled === false);
  const seen = phone.store.events(session).length;
  const prompt = await window.send('prompt', session, { text: 'echo: unseen' });
  await untilShown('applied', () => outboxState(prompt) === 'applied');
  await baton.untilState(session, 'idle');
  await untilShown('the window has all', () => onWindow(session).at(-1)?.seq === last(session));
  expect(phone.store.events(session)).toHaveLength(seen);
  baton.host.setRemoteControl(true);
  await untilBothHave(session);
  expect(onWindow(session)).toEqual(phone.store.events(session));
});

test('a phone that is revoked loses its channel, and the window keeps its own', async () => {
  const session = await baton.startSession();
  const { deviceId } = phone.identity;
  expect(baton.host.remote.revoke(deviceId)).toBe(true);
  await phone.until('out', () => !phone.isConnected);
  await window.send('prompt', session, { text: 'echo: still here' });
  window.log(session);
  await untilShown('here', () => onWindow(session).some((event) => event.kind === 'message'));
});
