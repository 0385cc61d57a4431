import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createRelay } from '#relay/relay.ts';
import type { App } from '../support/app/app.ts';
import type { WindowPage } from '../support/app/window-page.ts';
import type { PhonePage } from '../support/phone-page.ts';
import { expect, test, windowOf } from './tray-fixture.ts';

const ASLEEP_WITHIN_MS = 1000;

async function pairAndOpen(app: App, phone: PhonePage): Promise<WindowPage> {
  const window = await windowOf(app);
  await window.pair(phone, 'My phone');
  await window.show('Sessions');
  await phone.startSession(/Demo/, 'Sleeper');
  return window;
}

/** Emits suspend, waits for the word on the phone; milliseconds. */
async function fallAsleep(app: App, phone: PhonePage, isFrozen: boolean): Promise<number> {
  await phone.backToList();
  const from = performance.now();
  await app.emitPower('suspend', { isFrozen });
  await expect(phone.page.locator('.status-text', { hasText: /^Asleep since/ }).first()).toBeVisible({
    timeout: ASLEEP_WITHIN_MS,
  });
  return performance.now() - from;
}

/** Emits resume; milliseconds until the phone is connected, and until it has what was answered meanwhile. */
async function wakeUp(app: App, phone: PhonePage, answer: string): Promise<{ connected: number; caughtUp: number }> {
  const from = performance.now();
  await app.emitPower('resume');
  await expect(phone.status).toHaveText(/^Connected · proven/);
  const connected = performance.now() - from;
  await expect(phone.page.getByText(answer, { exact: true })).toBeVisible();
  return { connected, caughtUp: performance.now() - from };
}

function print(what: string, asleep: number, { connected, caughtUp }: { connected: number; caughtUp: number }): void {
  const round = (ms: number) => `${Math.round(ms)} ms`;
  console.log(
    `${what}: asleep on the phone ${round(asleep)} after suspend; connected ${round(connected)}, caught up ${round(caughtUp)} after resume`,
  );
}

test('suspend is on the phone within a second; after resume it is connected and caught up', async ({
  start,
  openPhone,
}) => {
  const app = await start();
  const phone = await openPhone();
  const window = await pairAndOpen(app, phone);
  const asleep = await fallAsleep(app, phone, false);
  await expect(window.status).toHaveText(/^Asleep since/);
  await phone.openSession('Sleeper');
  await phone.prompt('echo: written while asleep');
  await expect(phone.page.getByText(/left at the relay, sealed/)).toBeVisible();
  print('Own relay', asleep, await wakeUp(app, phone, 'written while asleep'));
  await expect(window.status).toHaveText(/^Connected to/);
  await expect(phone.page.getByText('echo: written while asleep')).toHaveCount(1);
});

test('the word is out before the handler of suspend returns: the process stands still from then on', async ({
  start,
  openPhone,
  folder,
}) => {
  const relay = await createRelay({
    host: '127.0.0.1',
    port: 0,
    publicOrigins: [],
    databaseFile: join(folder, 'other-relay.db'),
    phoneFolder: join(import.meta.dirname, '../../dist/phone'),
    log: () => {},
  });
  try {
    writeFileSync(join(folder, 'settings.json'), JSON.stringify({ relay: `http://127.0.0.1:${relay.port}` }));
    const app = await start();
    const phone = await openPhone();
    await pairAndOpen(app, phone);
    const asleep = await fallAsleep(app, phone, true);
    await phone.openSession('Sleeper');
    await phone.prompt('echo: written while frozen');
    print('Other relay, process frozen', asleep, await wakeUp(app, phone, 'written while frozen'));
  } finally {
    await relay.stop({ graceful: false });
  }
});

test('the computer is kept awake only while an agent works, and on battery only if that was chosen', async ({
  start,
  openPhone,
}) => {
  const app = await start({ isOnBattery: true });
  const phone = await openPhone();
  const window = await pairAndOpen(app, phone);
  const keepAwake = 'Keep this computer awake while agents work';
  await app.clickMenu(keepAwake, 'When on power');
  await phone.prompt('slow 60');
  await expect(window.session('Sleeper')).toContainText('Working');
  expect(await app.powerBlockers()).toEqual([]);
  await app.setOnBattery(false);
  await expect.poll(() => app.powerBlockers()).toEqual(['prevent-app-suspension']);
  await app.setOnBattery(true);
  await expect.poll(() => app.powerBlockers()).toEqual([]);
  await app.clickMenu(keepAwake, 'Always');
  await expect.poll(() => app.powerBlockers()).toEqual(['prevent-app-suspension']);
  await window.show('Settings');
  await expect(window.page.getByText('It is kept awake at this moment.')).toBeVisible();
  await phone.page.getByRole('button', { name: 'Stop the agent' }).click();
  await expect(window.page.getByText('It is not kept awake now.')).toBeVisible();
  expect(await app.powerBlockers()).toEqual([]);
});
