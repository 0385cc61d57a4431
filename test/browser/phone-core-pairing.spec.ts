import { expect, type Page } from '@playwright/test';
import type { PairingStep } from '#phone/core/contract.ts';
import type { TestHost } from '../support/test-host.ts';
import { test } from './phone-core-page.ts';

/** Takes the pairing from the address and keeps it, and every step it goes through. */
async function takePairing(page: Page): Promise<void> {
  await page.evaluate(() => {
    const pairing = window.baton.pairFromAddress();
    const steps: PairingStep[] = [];
    pairing?.step.subscribe((step) => steps.push(step));
    Object.assign(window, { pairing, steps });
  });
}

async function untilStep(page: Page, kind: PairingStep['kind']): Promise<PairingStep> {
  const handle = await page.waitForFunction((wanted) => {
    const { steps } = window as unknown as { steps: PairingStep[] };
    return steps.find((step) => step.kind === wanted);
  }, kind);
  return (await handle.jsonValue()) as PairingStep;
}

async function begin(page: Page, name = 'Test phone'): Promise<void> {
  await takePairing(page);
  await untilStep(page, 'ready');
  await page.evaluate(
    (given) => (window as unknown as { pairing: { begin(name: string): void } }).pairing.begin(given),
    name,
  );
}

async function offer(host: TestHost): Promise<string> {
  await host.until('link', () => host.host.remote.status.kind === 'connected');
  return (await host.host.remote.pairing.show()).link;
}

/** The phone may show its digits a moment before the computer does. */
async function untilAsked(host: TestHost) {
  const { pairing } = host.host.remote;
  await expect.poll(() => pairing.requests.length).toBe(1);
  const request = pairing.requests[0];
  if (!request) throw new Error('Nobody asks.');
  return request;
}

async function countStored(page: Page) {
  return await page.evaluate(async () => {
    const { Database } = window.core;
    return await new Database().run(async (database) => [await database.count('hosts'), await database.count('keys')]);
  });
}

test('pairing shows the host’s digits, stores nothing before Allow, and ends connected', async ({ host, openCore }) => {
  const link = await offer(host);
  const page = await openCore(link);
  expect(page.url()).toBe(`${new URL(link).origin}/p`);
  await begin(page, '  My phone  ');
  const compare = await untilStep(page, 'compare');
  const request = await untilAsked(host);
  expect(request).toMatchObject({ name: 'My phone', digits: compare.kind === 'compare' && compare.digits });
  expect(await countStored(page)).toEqual([0, 0]);

  host.host.remote.pairing.allow(request.id, 'answer');
  expect(await untilStep(page, 'paired')).toMatchObject({ hostName: 'Test computer', hostId: host.host.hostId });
  await page.waitForFunction(() => window.baton.hosts.value[0]?.status.value.kind === 'connected');
  const known = await page.evaluate(() => {
    const connection = window.baton.hosts.value[0];
    return [connection?.name.value, connection?.scope.value, connection?.state.value?.isRemoteControlEnabled];
  });
  expect(known).toEqual(['Test computer', 'answer', true]);
  expect(await countStored(page)).toEqual([1, 1]);
  const steps = await page.evaluate(() =>
    (window as unknown as { steps: PairingStep[] }).steps.map((step) => step.kind),
  );
  expect(steps).toEqual(['checking', 'ready', 'connecting', 'compare', 'storing', 'paired']);
});

test('a denied device keeps nothing and is told', async ({ host, openCore }) => {
  const page = await openCore(await offer(host));
  await begin(page);
  await untilStep(page, 'compare');
  host.host.remote.pairing.deny((await untilAsked(host)).id);
  expect(await untilStep(page, 'refused')).toMatchObject({ title: 'The computer said no' });
  expect(await countStored(page)).toEqual([0, 0]);
});

test('a pairing that is cancelled on the phone leaves nothing here and no request there', async ({
  host,
  openCore,
}) => {
  const page = await openCore(await offer(host));
  await begin(page);
  await untilStep(page, 'compare');
  await page.evaluate(() => (window as unknown as { pairing: { cancel(): void } }).pairing.cancel());
  expect(await untilStep(page, 'refused')).toMatchObject({ title: 'Pairing was cancelled' });
  await expect.poll(() => host.host.remote.pairing.requests.length).toBe(0);
  expect(await countStored(page)).toEqual([0, 0]);
});

test('a code works once', async ({ host, openCore }) => {
  const link = await offer(host);
  const first = await openCore(link);
  await begin(first);
  await untilStep(first, 'compare');
  const second = await openCore(link);
  await begin(second);
  expect(await untilStep(second, 'refused')).toMatchObject({ title: 'This code is no longer good' });
});

test('a code of another computer is refused, because the computer cannot prove that it is its own', async ({
  host,
  openCore,
}) => {
  const link = new URL(await offer(host));
  const parts = link.hash.split('.');
  parts[1] = `${parts[1]?.slice(0, -2)}AA`;
  link.hash = parts.join('.');
  const page = await openCore(link.href);
  await begin(page);
  expect(await untilStep(page, 'refused')).toMatchObject({ title: 'The connection is not safe' });
});

test('a computer that is not connected to the relay is told apart from a bad code', async ({ host, openCore }) => {
  const page = await openCore(await offer(host));
  await takePairing(page);
  await untilStep(page, 'ready');
  await host.host.remote.stop('quit');
  await page.evaluate(() => (window as unknown as { pairing: { begin(name: string): void } }).pairing.begin('x'));
  const step = await untilStep(page, 'refused');
  expect(['The computer is not reachable', 'This code is no longer good']).toContain(
    step.kind === 'refused' && step.title,
  );
});

test('keys that the browser does not keep are noticed before the computer counts the device as paired', async ({
  host,
  openCore,
}) => {
  const page = await openCore(await offer(host));
  // As WebKit does with X25519 keys: what was written is not there.
  await page.evaluate(() => {
    const get = IDBObjectStore.prototype.get;
    IDBObjectStore.prototype.get = function (query) {
      return get.call(this, this.name === 'keys' ? 'lost' : query);
    };
  });
  await begin(page);
  await untilStep(page, 'compare');
  host.host.remote.pairing.allow((await untilAsked(host)).id, 'full');
  expect(await untilStep(page, 'refused')).toMatchObject({ title: 'This device could not be paired' });
  await expect.poll(() => host.host.remote.pairing.requests.length).toBe(0);
  expect(host.host.remote.devices()).toEqual([]);
  expect(await countStored(page)).toEqual([0, 0]);
});

test('a device that lost the last word finds out whether it was paired', async ({ host, openCore }) => {
  const page = await openCore(await offer(host));
  await begin(page);
  await untilStep(page, 'compare');
  // The pairing socket dies the moment "stored" has left: "done" never comes.
  await page.evaluate(() => {
    const send = WebSocket.prototype.send;
    let isStoring = false;
    (
      window as unknown as { pairing: { step: { subscribe(callback: (step: PairingStep) => void): void } } }
    ).pairing.step.subscribe((step) => {
      isStoring = step.kind === 'storing';
    });
    WebSocket.prototype.send = function (data) {
      send.call(this, data);
      if (!isStoring || typeof data === 'string') return;
      isStoring = false;
      this.close();
    };
  });
  host.host.remote.pairing.allow((await untilAsked(host)).id, 'full');
  await page.waitForFunction(() =>
    (window as unknown as { steps: PairingStep[] }).steps.some(
      (step) => step.kind === 'paired' || step.kind === 'refused',
    ),
  );
  const last = await page.evaluate(() => (window as unknown as { steps: PairingStep[] }).steps.at(-1)?.kind);
  // Whether "stored" still reached the computer is up to the network; that both sides agree is not.
  const isPaired = host.host.remote.devices().length === 1;
  expect([last, await countStored(page)]).toEqual(isPaired ? ['paired', [1, 1]] : ['refused', [0, 0]]);
});

test('pairing the same computer again replaces the keys and keeps what was synced', async ({ host, openCore }) => {
  const session = await host.startSession('Kept');
  const pairOnce = async (page: Page) => {
    await begin(page);
    await untilStep(page, 'compare');
    host.host.remote.pairing.allow((await untilAsked(host)).id, 'full');
    await untilStep(page, 'paired');
    await page.waitForFunction(() => window.baton.hosts.value[0]?.status.value.kind === 'connected');
  };
  const page = await openCore(await offer(host));
  await pairOnce(page);
  await page.waitForFunction((id) => (window.baton.hosts.value[0]?.log(id).events.value.length ?? 0) > 0, session);
  const second = await openCore(await offer(host), page.context());
  await pairOnce(second);
  expect(await second.evaluate(() => window.baton.hosts.value.length)).toBe(1);
  expect(await countStored(second)).toEqual([1, 1]);
  expect(host.host.remote.devices()).toHaveLength(2);
  // The tab in which a person has just paired has the connection, and the other one says so.
  await page.waitForFunction(
    (deviceId) => Reflect.get(window.baton.hosts.value[0] ?? {}, 'deviceId') === deviceId,
    await second.evaluate(() => Reflect.get(window.baton.hosts.value[0] ?? {}, 'deviceId')),
  );
  expect(await page.evaluate(() => window.baton.hosts.value[0]?.status.value)).toMatchObject({
    kind: 'stopped',
    reason: 'other-tab',
  });
  await expect.poll(() => second.evaluate(() => window.baton.hosts.value[0]?.status.value.kind)).toBe('connected');
});
