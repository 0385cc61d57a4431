import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from '@playwright/test';
import { uuidv7 } from 'uuidv7';
import { type BatonBridge, calls } from '#preload/contract.ts';
import type { PretendedSender } from '../support/app/app.ts';
import { expect, test, windowOf } from './tray-fixture.ts';

/** What the preload gives to the page. */
type WindowGlobal = typeof globalThis & { readonly baton: BatonBridge };

const CHANNELS = Object.keys(calls);
const SENDERS: readonly PretendedSender[] = ['inner-frame', 'foreign-page', 'gone'];

/** What a page that was taken over might send. The channels that take nothing get something. */
const GARBAGE: readonly unknown[] = [
  undefined,
  0,
  -1,
  'x',
  '',
  [],
  {},
  true,
  { session: '../../etc/passwd' },
  { session: 'x'.repeat(300_000) },
  { session: null, approval: {}, option: [] },
  { request: 'no-such-request', scope: 'everything' },
  { device: { toString: 'x' } },
  { isEnabled: 'yes' },
  { page: '__proto__' },
  { address: 'javascript:alert(1)', publicUrl: 7 },
  { keepAwake: 'forever', isNotifying: 1 },
  { keepAgentsHours: 1e-9 },
  { id: 'A B', name: '', command: '', args: 'x' },
  { what: 'everything' },
  { text: 5 },
  { before: Number.NaN },
  { before: 'first' },
  { guide: 'agents ' },
  { agent: 'demo', folder: 'relative', title: 5 },
  JSON.parse('{"__proto__": {"isEnabled": true}}'),
];

/** The state as the window would load it; what counts the time or the process is left out. */
async function readState(page: Page): Promise<unknown> {
  const result = await page.evaluate(() => (globalThis as WindowGlobal).baton.call('window.load', null));
  if (!result.ok) throw new Error(result.error);
  const { link, usage: _usage, pairing, devices, settings, ...rest } = result.value;
  const { historyBytes: _bytes, ...kept } = settings;
  const known = devices.map(({ id, name, scope, pairedAt }) => ({ id, name, scope, pairedAt }));
  return {
    ...rest,
    devices: known,
    settings: kept,
    link: { kind: link.kind, relay: link.relay },
    requests: pairing.requests,
  };
}

test('garbage on every channel, by the bridge and past it, changes nothing and stops nothing', async ({
  start,
  openPhone,
}) => {
  const app = await start();
  const window = await windowOf(app);
  const phone = await openPhone();
  await window.pair(phone, 'My phone');
  await window.startSession(/Demo/, 'Untouched');
  const before = await readState(window.page);

  // Through the bridge: known channels and unknown ones.
  const answers = await window.page.evaluate(
    async ([channels, garbage]) => {
      const call = (globalThis as WindowGlobal).baton.call as (
        channel: string,
        argument: unknown,
      ) => Promise<{ ok: boolean }>;
      const said: Record<string, number> = {};
      for (const channel of channels) {
        for (const argument of garbage) {
          const answer = await call(channel, argument).catch(() => null);
          const word = answer === null ? 'rejected' : answer.ok ? `ok ${channel}` : 'refused';
          said[word] = (said[word] ?? 0) + 1;
        }
      }
      return said;
    },
    [[...CHANNELS, 'no.such-channel', '', '__proto__', 'push:slice'], GARBAGE] as const,
  );
  expect(answers).toEqual({ refused: CHANNELS.length * GARBAGE.length, rejected: 4 * GARBAGE.length });

  // Well-formed, but of what is not there.
  const strangers = await window.page.evaluate(async (id) => {
    const { call } = (globalThis as WindowGlobal).baton;
    const results = [
      await call('session.set-remote', { session: id, isRemote: false }),
      await call('session.link', { session: id }),
      await call('device.set-scope', { device: id, scope: 'watch' }),
      await call('device.revoke', { device: id }),
      await call('agent.remove', { id: 'no-such-agent' }),
      await call('client.send', { channel: id, received: 0, message: { type: 'watch', session: id } }),
    ];
    return results.filter(({ ok }) => ok).length;
  }, uuidv7());
  expect(strangers).toBe(0);

  // Past the bridge, and from senders that are not the window's page.
  for (const channel of CHANNELS) {
    for (const sender of SENDERS) {
      expect(await app.invoke(sender, `baton:${channel}`, [null])).toMatchObject({ ok: false });
    }
  }
  await expect(app.invoke('window', 'baton:no.such-channel', [null])).rejects.toThrow('No handler registered');

  expect(await readState(window.page)).toEqual(before);
  await window.show('Activity');
  await window.page.getByRole('button', { name: 'Verify' }).click();
  await expect(window.page.locator('.notice.good')).toBeVisible();
  await phone.openSession('Untouched');
  await phone.prompt('echo: still here');
  await expect(phone.page.getByText('still here', { exact: true })).toBeVisible();
});

test('the page gets nowhere: navigation, new windows, permissions and foreign requests are refused', async ({
  start,
}) => {
  let visits = 0;
  const server = createServer((_request, response) => {
    visits += 1;
    response.setHeader('access-control-allow-origin', '*').end('foreign');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const foreign = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const app = await start();
    const { page, remoteSwitch } = await windowOf(app);
    await expect(remoteSwitch).toBeVisible();
    expect(await tryFetch(page, foreign)).toBe('refused');

    // Once more without the policy of the page itself: now only the app's own handlers stand in the way.
    const session = await page.context().newCDPSession(page);
    await session.send('Page.setBypassCSP', { enabled: true });
    await page.reload();
    await expect(remoteSwitch).toBeVisible();
    const home = page.url();
    expect(await tryFetch(page, foreign)).toBe('refused');
    expect(await tryToLoad(page, foreign)).toEqual({ image: 'error', script: 'error', socket: 'closed' });
    expect(await permissions(page)).toEqual({ geolocation: 'denied', notifications: 'denied', camera: 'denied' });
    for (const address of [foreign, 'about:blank']) await refuseWindow(page, address);
    await page.evaluate((url) => {
      const frame = document.createElement('iframe');
      frame.src = url;
      document.body.append(frame);
      location.assign(url);
    }, foreign);
    await page.evaluate((url) => {
      const link = document.createElement('a');
      Object.assign(link, { href: url, target: '_blank' });
      document.body.append(link);
      link.click();
      link.target = '';
      link.click();
    }, foreign);
    await expect.poll(() => page.context().pages().length).toBe(1);
    expect(page.url()).toBe(home);
    expect(await page.evaluate(() => document.title)).toBe('Baton');
    await expect(remoteSwitch).toBeVisible();
    expect(visits).toBe(0);
    expect(await app.opened()).toEqual([]);
  } finally {
    server.closeAllConnections();
    server.close();
  }
});

/** Where Chromium makes the window before the app is asked, as in the stand-in, it has to be closed at once. */
async function refuseWindow(page: Page, address: string): Promise<void> {
  const opening = page.context().waitForEvent('page', { timeout: 3000 });
  await page.evaluate((url) => void window.open(url), address);
  const opened = await opening.catch(() => null);
  if (opened && !opened.isClosed()) await opened.waitForEvent('close', { timeout: 5000 });
}

function tryFetch(page: Page, url: string): Promise<string> {
  return page.evaluate(
    (address) =>
      fetch(address).then(
        () => 'answered',
        () => 'refused',
      ),
    url,
  );
}

function tryToLoad(page: Page, url: string): Promise<{ image: string; script: string; socket: string }> {
  return page.evaluate(async (address) => {
    const load = (element: HTMLImageElement | HTMLScriptElement) => {
      const loaded = new Promise<string>((resolve) => {
        element.onload = () => resolve('loaded');
        element.onerror = () => resolve('error');
      });
      element.src = address;
      document.body.append(element);
      return loaded;
    };
    const socket = new Promise<string>((resolve) => {
      new WebSocket(address.replace('http', 'ws')).onclose = () => resolve('closed');
    });
    return {
      image: await load(new Image()),
      script: await load(document.createElement('script')),
      socket: await socket,
    };
  }, url);
}

function permissions(page: Page): Promise<Record<string, string>> {
  return page.evaluate(async () => {
    const { permissions } = navigator;
    return {
      geolocation: (await permissions.query({ name: 'geolocation' })).state,
      notifications: (await permissions.query({ name: 'notifications' })).state,
      camera: (await permissions.query({ name: 'camera' as PermissionName })).state,
    };
  });
}
