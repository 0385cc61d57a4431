/** The window's client against a real host with the demo agent, over the real IPC handlers: only Electron's wire is missing. */
import { uuidv7 } from 'uuidv7';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { silentLog } from '#lib/log.ts';
import { AT_COMPUTER } from '#main/host/at-computer.ts';
import { LINK_BUFFER_MAX_BYTES, REPLAY_MAX_BYTES, SNAPSHOT_EVENTS } from '#protocol/limits.ts';
import type { LocalClient } from '#renderer/local-client.ts';
import { startHost, type TestHost } from '#test/support/test-host.ts';
import { createWindowBridge, openWindow, untilShown, type WindowBridge } from '#test/support/window-bridge.ts';
import { KEPT_EVENTS_MAX } from '#ui/client/memory-log-store.ts';

let baton: TestHost;
let bridge: WindowBridge;
let page: LocalClient;
const pages: LocalClient[] = [];
/** Calls that were refused, by their words in the log. */
let warnings: string[];

beforeEach(async () => {
  baton = await startHost();
  warnings = [];
  bridge = createWindowBridge(baton.host, { ...silentLog, warn: (text) => void warnings.push(text) });
  page = load();
  await untilShown('connected', () => page.status.value.kind === 'connected' && page.state.value !== null);
});
afterEach(async () => {
  for (const one of pages.splice(0)) one.dispose();
  await baton.stop();
});

function load(): LocalClient {
  const loaded = openWindow(bridge);
  pages.push(loaded);
  return loaded;
}

const stateOf = (client: LocalClient, session: string) =>
  client.state.value?.sessions.find(({ id }) => id === session)?.state;
const outboxState = (client: LocalClient, id: string) => client.outbox.value.find((one) => one.id === id)?.state;
const texts = (client: LocalClient, session: string) =>
  client.log(session).events.value.flatMap((event) => (event.kind === 'message' ? [event.body.text] : []));
const seqs = (client: LocalClient, session: string) => client.log(session).events.value.map(({ seq }) => seq);
const range = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, at) => first + at);

/** As the screens do it. */
async function start(client: LocalClient): Promise<string> {
  const session = uuidv7();
  await client.send('session.new', session, { agent: 'demo', folder: baton.project });
  await untilShown('idle', () => stateOf(client, session) === 'idle');
  return session;
}

function fill(session: string, count: number, bytes = 100): void {
  const { history } = baton.host;
  for (let done = 0; done < count; done += 500) {
    const events = Array.from({ length: Math.min(500, count - done) }, (_, at) => ({
      kind: 'message' as const,
      body: { id: `filled-${done + at}`, text: `${done + at} ${'x'.repeat(bytes)}` },
    }));
    history.events.append(session, events);
  }
}

test('a session is started, prompted, watched while text streams, and ended, each with its receipt', async () => {
  const session = await start(page);
  page.watch(session);
  const log = page.log(session);
  const seen: string[] = [];
  const prompt = await page.send('prompt', session, { text: 'long 60' });
  await untilShown('streaming', () => {
    for (const { text } of log.streaming.value) seen.push(text);
    return seen.length > 3;
  });
  expect(seen.every((text, index) => index === 0 || text.startsWith(seen[index - 1] as string))).toBe(true);
  await untilShown('applied', () => outboxState(page, prompt) === 'applied');
  await untilShown('finished', () => texts(page, session).length === 1 && log.streaming.value.length === 0);
  expect(texts(page, session)[0]).toContain('60.');
  expect(log.events.value.find(({ kind }) => kind === 'prompt')?.body).toMatchObject({
    command: prompt,
    by: AT_COMPUTER,
  });
  const end = await page.send('session.end', session, {});
  await untilShown('ended', () => stateOf(page, session) === 'ended' && outboxState(page, end) === 'applied');
  await page.dismiss(end);
  expect(outboxState(page, end)).toBeUndefined();
  expect(baton.host.history.audit.newest(3).map(({ action, by }) => [action, by])).toEqual(
    ['session.end', 'prompt', 'session.new'].map((action) => [action, AT_COMPUTER]),
  );
});

test('the window sees and uses every session while remote control is off, for all or for one', async () => {
  expect(page.state.value?.isRemoteControlEnabled).toBe(false);
  const session = await start(page);
  baton.host.setRemoteControl(true);
  baton.host.supervisor.setSessionRemote(session, false, AT_COMPUTER);
  const prompt = await page.send('prompt', session, { text: 'echo: here only' });
  await untilShown('answered', () => texts(page, session).includes('here only'));
  expect(outboxState(page, prompt)).toBe('applied');
  expect(baton.host.supervisor.state({ remote: true }).sessions).toEqual([]);
});

test('main knows which session is on the window, until another is, none, or the page is gone', async () => {
  const session = await start(page);
  const known = async (watched: string | null) => await expect.poll(() => bridge.watched).toBe(watched);
  await known(null);
  page.watch(session);
  await known(session);
  page.watch(null);
  await known(null);
  page.watch(session);
  await known(session);
  bridge.closeChannel();
  expect(bridge.watched).toBe(null);
});

test('ten thousand events open at their end at once, and go back page by page to the first', async () => {
  const session = await start(page);
  fill(session, 10_000);
  const last = baton.host.history.events.last(session);
  const fresh = load();
  await untilShown('connected', () => fresh.state.value !== null);
  const before = bridge.pushed.length;
  const log = fresh.log(session);
  await untilShown('newest page', () => log.events.value.length > 0);
  expect(seqs(fresh, session)).toEqual(range(last - SNAPSHOT_EVENTS + 1, last));
  const bytes = bridge.pushed
    .slice(before)
    .reduce((sum, push) => sum + (push.kind === 'message' ? push.json.length : 0), 0);
  expect(bytes).toBeLessThan(REPLAY_MAX_BYTES);
  while (log.hasOlder.value) expect(await log.loadOlder()).toBe(true);
  expect(seqs(fresh, session)).toEqual(range(1, last));
  expect(last).toBeGreaterThan(KEPT_EVENTS_MAX);
});

test('sessions that nobody opened are not sent to the window, and one that is opened comes whole', async () => {
  const session = await start(page);
  fill(session, 300);
  const fresh = load();
  await untilShown('connected', () => fresh.state.value !== null);
  const other = await start(fresh);
  await fresh.send('prompt', other, { text: 'echo: other' });
  fresh.log(other);
  await untilShown('other', () => texts(fresh, other).length === 1);
  const events = bridge.pushed.filter(
    (push) => push.kind === 'message' && /^\{"type":"(events|snapshot)"/.test(push.json),
  );
  expect(events.filter((push) => push.kind === 'message' && push.json.includes(session))).toEqual([]);
  fresh.log(session);
  await untilShown('opened', () => texts(fresh, session).length > 0);
});

test('a page that is loaded again takes over, loses nothing, and what was sent twice happens once', async () => {
  const session = await start(page);
  await page.send('prompt', session, { text: 'echo: before' });
  await untilShown('before', () => texts(page, session).length === 1);
  const reloaded = load();
  await untilShown('taken over', () => reloaded.status.value.kind === 'connected');
  await untilShown('the first is out', () => page.status.value.kind === 'host-offline');
  await expect(page.send('prompt', session, { text: 'echo: too late' })).rejects.toThrow('not ready');
  await untilShown('same log', () => texts(reloaded, session).length === 1);
  expect(page.outbox.value.filter(({ state }) => state === 'waiting')).toEqual([]);
  const channel = bridge.pushed.findLast((push) => push.kind === 'message')?.channel as string;
  const command = { id: uuidv7(), session, kind: 'prompt', body: { text: 'echo: once' }, at: Date.now() };
  for (let time = 0; time < 3; time += 1) {
    await bridge.call('client.send', { channel, received: 0, message: { type: 'command', command } });
  }
  await untilShown('once', () => texts(reloaded, session).includes('once'));
  await baton.untilState(session, 'idle');
  expect(texts(reloaded, session)).toEqual(['before', 'once']);
  expect(baton.host.history.events.after(session, 0, 500).filter(({ kind }) => kind === 'prompt')).toHaveLength(2);
});

test('a channel that is lost resumes by cursor: only what was missed comes again', async () => {
  const session = await start(page);
  fill(session, 50);
  page.log(session);
  await untilShown('filled', () => texts(page, session).length === 50);
  const before = seqs(page, session);
  const from = bridge.pushed.length;
  page.retryNow();
  await untilShown('back', () => page.status.value.kind === 'connected');
  await page.send('prompt', session, { text: 'echo: after' });
  await untilShown('after', () => texts(page, session).includes('after'));
  expect(seqs(page, session).slice(0, before.length)).toEqual(before);
  const sent = bridge.pushed.slice(from).flatMap((push) => (push.kind === 'message' ? [JSON.parse(push.json)] : []));
  const again = sent.flatMap((message) => (message.events ?? []) as { seq: number }[]).map(({ seq }) => seq);
  expect(Math.min(...again)).toBe((before.at(-1) as number) + 1);
});

test('a prompt that waits is taken back and never runs', async () => {
  const session = await start(page);
  const first = await page.send('prompt', session, { text: 'slow 60' });
  const second = await page.send('prompt', session, { text: 'echo: never' });
  await untilShown('waits', () => outboxState(page, second) === 'accepted');
  await page.withdraw(second);
  await untilShown('taken back', () => outboxState(page, second) === 'expired');
  const stop = await page.send('cancel', session, { turn: first });
  await untilShown('stopped', () => outboxState(page, stop) === 'applied');
  await untilShown('idle', () => stateOf(page, session) === 'idle');
  expect(texts(page, session)).not.toContain('never');
});

test('a session that has ended is resumed from the window with its conversation', async () => {
  const session = await start(page);
  await page.send('prompt', session, { text: 'echo: remember' });
  await untilShown('said', () => texts(page, session).length === 1);
  await page.send('session.end', session, {});
  const summary = () => page.state.value?.sessions.find(({ id }) => id === session);
  await untilShown('resumable', () => summary()?.state === 'ended' && summary()?.canResume === true);
  await baton.until('gone', () => baton.host.history.sessions.get(session)?.process === null);
  const resume = await page.send('session.resume', session, {});
  await untilShown('resumed', () => outboxState(page, resume) === 'applied' && summary()?.state === 'idle');
  await page.send('prompt', session, { text: 'echo: and on' });
  await untilShown('goes on', () => texts(page, session).includes('and on'));
});

test('the whole of a large output is had from the host, and what is not there is refused in words', async () => {
  const session = await start(page);
  await page.send('prompt', session, { text: 'output 200' });
  const log = page.log(session);
  const blob = () =>
    log.events.value
      .flatMap((event) => (event.kind === 'tool' ? event.body.content : []))
      .find((content) => content.kind === 'blob');
  await untilShown('output', () => blob() !== undefined);
  const found = blob();
  if (found?.kind !== 'blob') throw new Error('No blob.');
  expect((await page.blob(session, found.blob)).length).toBeGreaterThan(200 * 1024 - 1024);
  await expect(page.blob(session, 'nothing')).rejects.toThrow('not there any more');
});

test('a garbage message over IPC is refused and logged, and harms nothing', async () => {
  const session = await start(page);
  const channel = bridge.pushed.findLast((push) => push.kind === 'message')?.channel as string;
  const garbage: unknown[] = [
    { type: 'obey' },
    { type: 'watch', session: '../etc/passwd' },
    { type: 'page', request: 'r', session, before: 10, limit: 1e9 },
    { type: 'command', command: { id: 'x', session, kind: 'prompt', body: {}, at: 0 } },
    null,
    'sync',
  ];
  for (const message of garbage) {
    expect(await bridge.call('client.send', { channel, received: 0, message } as never)).toMatchObject({ ok: false });
  }
  expect(warnings).toEqual(garbage.map(() => 'A malformed call was refused'));
  expect(await bridge.call('client.send', { channel: uuidv7(), received: 0, message: { type: 'bye' } })).toMatchObject({
    ok: false,
  });
  await page.send('prompt', session, { text: 'echo: unharmed' });
  await untilShown('unharmed', () => texts(page, session).includes('unharmed'));
});

test('a page that does not read what it is sent is sent no more, and gets the rest once it does', async () => {
  const session = await start(page);
  page.log(session);
  page.watch(session);
  await untilShown('log', () => seqs(page, session).length > 0);
  const from = bridge.pushed.length;
  bridge.hold();
  fill(session, 4_000, 1_000);
  const held = bridge.pushed
    .slice(from)
    .reduce((sum, push) => sum + (push.kind === 'message' ? push.json.length : 0), 0);
  expect(held).toBeGreaterThan(0);
  expect(held).toBeLessThan(2 * LINK_BUFFER_MAX_BYTES);
  bridge.release();
  const last = baton.host.history.events.last(session);
  await untilShown('caught up', () => seqs(page, session).at(-1) === last);
});

test('a page that asks on and reads nothing is refused, until it says that it has read', async () => {
  const session = await start(page);
  fill(session, 200, 2_000);
  await untilShown('state', () => page.state.value !== null);
  const channel = bridge.pushed.findLast((push) => push.kind === 'message')?.channel as string;
  bridge.hold();
  const answers: string[] = [];
  const ask = async (received: number) => {
    const request = uuidv7();
    const message = { type: 'page' as const, request, session, before: 201, limit: 200 };
    await bridge.call('client.send', { channel, received, message });
    const answer = bridge.pushed.findLast((push) => push.kind === 'message' && push.json.includes(request));
    if (answer?.kind === 'message') answers.push(JSON.parse(answer.json).type);
  };
  for (let time = 0; time < 10; time += 1) await ask(0);
  await ask(Number.MAX_SAFE_INTEGER);
  expect([answers[0], answers[9], answers[10]]).toEqual(['page', 'refused', 'page']);
});

test('a command that main did not take is sent again on the next channel, and happens once', async () => {
  const session = await start(page);
  page.log(session);
  bridge.closeChannel();
  const prompt = await page.send('prompt', session, { text: 'echo: again' });
  await untilShown('waits', () => outboxState(page, prompt) === 'waiting');
  await untilShown('applied', () => outboxState(page, prompt) === 'applied');
  await untilShown('answered', () => texts(page, session).length === 1);
});

test('a client whose channel fails keeps nothing from those after it', async () => {
  let isBroken = false;
  const send = () => {
    if (isBroken) throw new Error('This channel is broken.');
  };
  baton.host.localClients.open('another', { send, bufferedBytes: () => 0, close: () => {} });
  const later = load();
  await untilShown('connected', () => later.state.value !== null);
  isBroken = true;
  const session = await start(later);
  later.log(session);
  await later.send('prompt', session, { text: 'echo: all the same' });
  await untilShown('answered', () => texts(later, session).includes('all the same'));
});

test('without a host a command is refused in words and kept nowhere, and the window connects by itself when there is one', async () => {
  const away = createWindowBridge(null);
  const window = openWindow(away);
  await untilShown('no host', () => window.status.value.kind === 'host-offline');
  await expect(window.send('prompt', uuidv7(), { text: 'x' })).rejects.toThrow('not ready on this computer');
  expect(window.outbox.value).toEqual([]);
  away.setHost(baton.host);
  await untilShown(
    'connected',
    () => window.status.value.kind === 'connected' && window.name.value === 'Test computer',
  );
  window.dispose();
});
