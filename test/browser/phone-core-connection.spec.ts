import { expect, type Page } from '@playwright/test';
import type { TestHost } from '../support/test-host.ts';
import { startRelay } from '../support/test-host.ts';
import { test } from './phone-core-page.ts';

/** A page of a device that is paired with `host` and connected. */
async function pairPage(
  host: TestHost,
  openCore: (path: string) => Promise<Page>,
  scope: 'watch' | 'answer' | 'full' = 'full',
): Promise<Page> {
  await host.until('link', () => host.host.remote.status.kind === 'connected');
  const { pairing } = host.host.remote;
  const page = await openCore((await pairing.show()).link);
  const known = pairing.requests.length;
  await page.evaluate(async () => {
    const taken = window.baton.pairFromAddress();
    if (!taken) throw new Error('There is no pairing link.');
    const until = (kind: string) =>
      new Promise<void>((resolve) => {
        const stop = taken.step.subscribe((step) => {
          if (step.kind !== kind) return;
          resolve();
          queueMicrotask(() => stop());
        });
      });
    await until('ready');
    taken.begin('Test phone');
    await until('compare');
  });
  await expect.poll(() => pairing.requests.length).toBe(known + 1);
  pairing.allow(pairing.requests.at(-1)?.id ?? '', scope);
  await untilStatus(page, 'connected');
  return page;
}

async function untilStatus(page: Page, kind: string): Promise<void> {
  await page.waitForFunction((wanted) => window.baton.hosts.value[0]?.status.value.kind === wanted, kind);
}

const status = (page: Page) => page.evaluate(() => window.baton.hosts.value[0]?.status.value);

async function send(page: Page, session: string, text: string): Promise<string> {
  return await page.evaluate(
    async ([to, words]) => (await window.baton.hosts.value[0]?.send('prompt', to, { text: words })) ?? '',
    [session, text] as const,
  );
}

async function untilOutbox(page: Page, id: string, state: string): Promise<void> {
  await page.waitForFunction(
    ([command, wanted]) =>
      window.baton.hosts.value[0]?.outbox.value.find((entry) => entry.id === command)?.state === wanted,
    [id, state] as const,
  );
}

/** What the page shows of a session, as `kind` or the text of messages, once `last` is the last. */
async function untilEvents(page: Page, session: string, count: number): Promise<{ seq: number; kind: string }[]> {
  await page.waitForFunction(
    ([id, wanted]) => (window.baton.hosts.value[0]?.log(id).events.value.at(-1)?.seq ?? 0) >= wanted,
    [session, count] as const,
  );
  return await page.evaluate(
    (id) => (window.baton.hosts.value[0]?.log(id).events.value ?? []).map(({ seq, kind }) => ({ seq, kind })),
    session,
  );
}

const logOf = (host: TestHost, session: string) => {
  const { events } = host.host.history;
  return events.after(session, 0, 10_000).map(({ seq, kind }) => ({ seq, kind }));
};

test('a prompt goes to the agent and back, and page and host hold the same log', async ({ host, openCore }) => {
  const page = await pairPage(host, openCore);
  const session = await page.evaluate(
    async ([folder]) => {
      const id = window.core.uuidv7();
      await window.baton.hosts.value[0]?.send('session.new', id, {
        agent: 'demo',
        folder: folder ?? '',
        title: 'From the phone',
      });
      window.baton.hosts.value[0]?.watch(id);
      return id;
    },
    [host.project],
  );
  await host.untilState(session, 'idle');
  const command = await send(page, session, 'echo: hello from the phone');
  await untilOutbox(page, command, 'applied');
  await host.untilState(session, 'idle');
  const log = logOf(host, session);
  expect(await untilEvents(page, session, log.length)).toEqual(log);
  const text = await page.evaluate(
    (id) =>
      window.baton.hosts.value[0]
        ?.log(id)
        .events.value.flatMap((event) => (event.kind === 'message' ? [event.body.text] : [])),
    session,
  );
  expect(text?.join('')).toContain('hello from the phone');
});

test('text streams while it is written, and gives way to the finished message', async ({ host, openCore }) => {
  const session = await host.startSession();
  const page = await pairPage(host, openCore);
  await page.evaluate((id) => {
    const connection = window.baton.hosts.value[0];
    connection?.watch(id);
    const seen: string[] = [];
    connection?.log(id).streaming.subscribe((texts) => texts[0] && seen.push(texts[0].text));
    Object.assign(window, { seen });
  }, session);
  await send(page, session, 'long 60');
  await page.waitForFunction(() => (window as unknown as { seen: string[] }).seen.length >= 3);
  await page.waitForFunction(
    (id) => window.baton.hosts.value[0]?.log(id).events.value.some((event) => event.kind === 'turn.ended'),
    session,
  );
  const result = await page.evaluate((id) => {
    const { seen } = window as unknown as { seen: string[] };
    const log = window.baton.hosts.value[0]?.log(id);
    const whole =
      (log?.events.value ?? []).flatMap((event) => (event.kind === 'message' ? [event.body.text] : []))[0] ?? '';
    return { areBeginnings: seen.every((text) => whole.startsWith(text)), left: log?.streaming.value };
  }, session);
  expect(result).toEqual({ areBeginnings: true, left: [] });
});

test('what was known is there after a reload without the host, and a prompt written then is delivered once when it is back', async ({
  host,
  openCore,
}) => {
  const session = await host.startSession('Kept');
  const page = await pairPage(host, openCore);
  await untilOutbox(page, await send(page, session, 'echo: before'), 'applied');
  await host.untilState(session, 'idle');
  await untilEvents(page, session, logOf(host, session).length);
  host.host.remote.suspend();
  await untilStatus(page, 'asleep');
  await page.goto(new URL(page.url()).origin);
  await page.waitForFunction(() => document.title === 'ready');
  await untilStatus(page, 'asleep');
  expect(await untilEvents(page, session, logOf(host, session).length)).toEqual(logOf(host, session));
  const titles = await page.evaluate(() =>
    window.baton.hosts.value[0]?.state.value?.sessions.map(({ title }) => title),
  );
  expect(titles).toEqual(['Kept']);
  const written = await send(page, session, 'echo: in between');
  await untilOutbox(page, written, 'waiting');
  await page.reload();
  await page.waitForFunction(() => document.title === 'ready');
  await untilOutbox(page, written, 'waiting');

  host.host.remote.resume();
  await untilOutbox(page, written, 'applied');
  await host.untilState(session, 'idle');
  const log = logOf(host, session);
  expect(await untilEvents(page, session, log.length)).toEqual(log);
  expect(log.filter((event) => event.kind === 'prompt')).toHaveLength(2);
});

test('a relay that dies and comes back is found again, and what was written meanwhile is delivered once', async ({
  host,
  openCore,
  origin,
}) => {
  const session = await host.startSession();
  const page = await pairPage(host, openCore);
  await host.relay.stop({ graceful: false });
  await untilStatus(page, 'relay-unreachable');
  const written = await send(page, session, 'echo: while the relay was away');
  await untilOutbox(page, written, 'waiting');
  const relay = await startRelay(host.folder, { port: Number(new URL(origin).port) });
  await page.evaluate(() => window.baton.hosts.value[0]?.retryNow());
  await untilOutbox(page, written, 'applied');
  await host.untilState(session, 'idle');
  const log = logOf(host, session);
  expect(await untilEvents(page, session, log.length)).toEqual(log);
  expect(log.filter((event) => event.kind === 'prompt')).toHaveLength(1);
  await relay.stop({ graceful: false });
});

test('a second tab takes the connection, the first says so, takes it back, and lacks nothing', async ({
  host,
  openCore,
}) => {
  const session = await host.startSession();
  const first = await pairPage(host, openCore);
  await first.evaluate((id) => void window.baton.hosts.value[0]?.log(id), session);
  const second = await openCore('/');
  await second.close();
  const tab = await first.context().newPage();
  await tab.goto(new URL(first.url()).origin);
  await tab.waitForFunction(() => document.title === 'ready');
  await untilStatus(tab, 'connected');
  await untilStatus(first, 'stopped');
  expect(await status(first)).toMatchObject({ reason: 'other-tab', text: expect.stringContaining('another tab') });

  // A prompt written in the tab without the connection leaves by the one that has it.
  const command = await send(first, session, 'echo: from the other tab');
  await untilOutbox(tab, command, 'applied');
  await host.untilState(session, 'idle');
  const log = logOf(host, session);
  await untilEvents(tab, session, log.length);
  await first.evaluate(() => window.baton.hosts.value[0]?.retryNow());
  await untilStatus(first, 'connected');
  await untilOutbox(first, command, 'applied');
  expect(await untilEvents(first, session, log.length)).toEqual(log);
  await untilStatus(tab, 'stopped');
});

test('a revoked device stops with words, keeps what it has, and forgets it when told to', async ({
  host,
  openCore,
}) => {
  const page = await pairPage(host, openCore);
  const [device] = host.host.remote.devices();
  host.host.remote.revoke(device?.id ?? '');
  await untilStatus(page, 'stopped');
  expect(await status(page)).toMatchObject({ reason: 'revoked' });
  await page.evaluate(async () => await window.baton.hosts.value[0]?.forget());
  expect(await page.evaluate(() => window.baton.hosts.value)).toEqual([]);
  await page.reload();
  await page.waitForFunction(() => document.title === 'ready');
  expect(await page.evaluate(() => window.baton.hosts.value)).toEqual([]);
});

test('a changed scope arrives without the device going offline', async ({ host, openCore }) => {
  const page = await pairPage(host, openCore, 'watch');
  const kinds = await page.evaluateHandle(() => {
    const seen: string[] = [];
    window.baton.hosts.value[0]?.status.subscribe((now) => seen.push(now.kind));
    return seen;
  });
  host.host.remote.setScope(host.host.remote.devices()[0]?.id ?? '', 'full');
  await page.waitForFunction(() => window.baton.hosts.value[0]?.scope.value === 'full');
  await untilStatus(page, 'connected');
  expect(await kinds.jsonValue()).not.toContain('host-offline');
});

test('a host that goes to sleep or quits says so, and is found again when it is back', async ({ host, openCore }) => {
  const page = await pairPage(host, openCore);
  host.host.remote.suspend();
  await untilStatus(page, 'asleep');
  host.host.remote.resume();
  await untilStatus(page, 'connected');
  await host.host.remote.stop('quit');
  await untilStatus(page, 'closed');
  await page.reload();
  await page.waitForFunction(() => document.title === 'ready');
  await untilStatus(page, 'closed');
});

test('a long log opens at its end at once, and goes back to its beginning page by page', async ({ host, openCore }) => {
  const session = await host.startSession();
  const total = 1_500;
  for (let count = 0; count < total; count += 1) {
    host.host.history.events.append(session, [{ kind: 'notice', body: { level: 'info', text: `Notice ${count}` } }]);
  }
  const page = await pairPage(host, openCore);
  const last = host.host.history.events.last(session);
  const opened = await untilEvents(page, session, last);
  expect([opened.length, opened[0]?.seq]).toEqual([200, last - 199]);
  const seqs = await page.evaluate(async (id) => {
    const log = window.baton.hosts.value[0]?.log(id);
    if (!log) return [];
    while (log.hasOlder.value && (await log.loadOlder()));
    return log.events.value.map((event) => event.seq);
  }, session);
  expect(seqs).toEqual(Array.from({ length: last }, (_, index) => index + 1));
});

test('twenty thousand events that come while the page watches are all stored and shown, in order', async ({
  host,
  openCore,
}) => {
  test.slow();
  const session = await host.startSession();
  const page = await pairPage(host, openCore);
  const from = host.host.history.events.last(session);
  await untilEvents(page, session, from);
  await page.evaluate((id) => {
    let shows = 0;
    window.baton.hosts.value[0]?.watch(id);
    window.baton.hosts.value[0]?.log(id).events.subscribe(() => {
      shows += 1;
      Object.assign(window, { shows });
    });
  }, session);
  const total = 20_000;
  const batch = 100;
  for (let count = 0; count < total; count += batch) {
    const notices = Array.from({ length: batch }, (_, index) => ({
      kind: 'notice' as const,
      body: { level: 'info' as const, text: `Notice ${count + index}` },
    }));
    host.host.history.events.append(session, notices);
    await new Promise((resolve) => setImmediate(resolve));
  }
  await page.waitForFunction(
    ([id, wanted]) => (window.baton.hosts.value[0]?.log(id).events.value.at(-1)?.seq ?? 0) >= wanted,
    [session, from + total] as const,
    { timeout: 120_000 },
  );
  const result = await page.evaluate((id) => {
    const events = window.baton.hosts.value[0]?.log(id).events.value ?? [];
    const isInOrder = events.every((event, index) => index === 0 || event.seq === (events[index - 1]?.seq ?? 0) + 1);
    return { isInOrder, last: events.at(-1)?.seq, shows: (window as unknown as { shows: number }).shows };
  }, session);
  expect(result).toMatchObject({ isInOrder: true, last: from + total });
  expect(result.shows).toBeLessThan(total / 20);
});

test('a session that is deleted at the computer goes from the page too, also while it is on the screen, and nothing breaks', async ({
  host,
  openCore,
}) => {
  const session = await host.startSession('Gone');
  const page = await pairPage(host, openCore);
  await untilOutbox(page, await send(page, session, 'echo: soon gone'), 'applied');
  await host.untilState(session, 'idle');
  await untilEvents(page, session, logOf(host, session).length);
  const kinds = await page.evaluateHandle(() => {
    const seen: string[] = [];
    window.baton.hosts.value[0]?.status.subscribe((now) => seen.push(now.kind));
    return seen;
  });
  await host.host.deleteHistory('all');
  await page.waitForFunction((id) => {
    const known = window.baton.hosts.value[0];
    return known?.log(id).events.value.length === 0 && known.state.value?.sessions.length === 0;
  }, session);
  const next = await host.startSession('Next');
  await untilOutbox(page, await send(page, next, 'echo: further'), 'applied');
  expect(new Set(await kinds.jsonValue())).toEqual(new Set(['connected']));
  await page.reload();
  await page.waitForFunction(() => document.title === 'ready');
  const stored = await page.evaluate((id) => window.baton.hosts.value[0]?.log(id).events.value.length, session);
  expect(stored).toBe(0);
});
