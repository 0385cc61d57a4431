/** The window as a client of its host, through the real preload: the bridge that its screens stand on. */
import { uuidv7 } from 'uuidv7';
import type { BatonBridge } from '#preload/contract.ts';
import { type FromHost, fromHost } from '#protocol/messages.ts';
import { expect, test, windowOf } from './tray-fixture.ts';

/** What the preload gives to the page, and what this test keeps there. */
type WindowGlobal = typeof globalThis & { readonly baton: BatonBridge; said: string[] };

test('a channel of the window brings the state, takes a command once, and ends when the page is loaded again', async ({
  start,
  folder,
}) => {
  const app = await start();
  const { page } = await windowOf(app);
  const open = async (channel: string) =>
    await page.evaluate(async (id) => {
      const global = globalThis as WindowGlobal;
      global.said = [];
      const stop = global.baton.on('client', (push) => {
        if (push.kind === 'message' && push.channel === id) global.said.push(push.json);
      });
      const result = await global.baton.call('client.open', { channel: id });
      if (!result.ok) stop();
      return result;
    }, channel);
  const said = async (): Promise<FromHost[]> =>
    (await page.evaluate(() => (globalThis as WindowGlobal).said)).map((json) => fromHost.parse(JSON.parse(json)));

  let replaced = 0;
  page.on('console', (message) => {
    if (message.text().includes('the window lost its host')) replaced += 1;
  });
  /** The window has a client of its own, which opens a channel whenever it can: this one is kept only once it has replaced that. */
  const takeOver = async () => {
    const before = replaced;
    let channel = '';
    await expect
      .poll(async () => {
        channel = uuidv7();
        return (await open(channel)).ok && replaced > before;
      })
      .toBe(true);
    return channel;
  };

  const session = uuidv7();
  const first = await takeOver();
  await expect.poll(async () => (await said()).slice(0, 2).map(({ type }) => type)).toEqual(['welcome', 'state']);
  const body = { agent: 'demo', folder: `${folder}/demo` };
  const command = { id: uuidv7(), session, kind: 'session.new', body, at: Date.now() };
  const send = async (channel: string) =>
    await page.evaluate(
      ([id, given]) =>
        (globalThis as WindowGlobal).baton.call('client.send', {
          channel: id,
          received: 0,
          message: { type: 'command', command: given },
        }),
      [channel, command] as const,
    );
  expect([(await send(first)).ok, (await send(first)).ok]).toEqual([true, true]);
  const receipts = async () => (await said()).filter((message) => message.type === 'receipt');
  await expect.poll(async () => (await receipts()).at(-1)?.state).toBe('applied');

  await page.reload();
  const second = await takeOver();
  expect(await send(first)).toMatchObject({ ok: false });
  expect((await send(second)).ok).toBe(true);
  await expect.poll(async () => (await receipts()).at(-1)?.state).toBe('applied');
  const state = (await said()).findLast((message) => message.type === 'state');
  expect(state?.value.sessions.map(({ id }) => id)).toEqual([session]);
  expect(app.problems()).toEqual([]);
});
