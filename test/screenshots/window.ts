/** Pictures of the tray app's window: the compiled app, a relay, the demo agent and a paired phone page. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, expect } from '@playwright/test';
import { createRelay } from '#relay/relay.ts';
import { ROOT } from '#scripts/steps.ts';
import { type App, startApp } from '../support/app/app.ts';
import { type PageName, WindowPage } from '../support/app/window-page.ts';
import { findFreePort } from '../support/free-port.ts';
import { PhonePage } from '../support/phone-page.ts';

const DESKTOP = { XDG_CURRENT_DESKTOP: 'KDE', DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nowhere' };
const PHONE = 'My phone';

export interface Shooting {
  readonly browser: Browser;
  readonly colorScheme: 'light' | 'dark';
  /** Where the pictures go. */
  readonly folder: string;
}

/** Every page of the window: with nothing there yet, with work going on, and with the relay gone. */
export async function takeWindow(shooting: Shooting): Promise<void> {
  await takeEmpty(shooting);
  await takeReady(shooting);
  await takeBusyAndFailing(shooting);
}

/** Names are `window-<page>-<how it is>-<scheme>.png`. */
async function shoot({ folder, colorScheme }: Shooting, window: WindowPage, name: string): Promise<void> {
  // Past transitions, and with nothing under the cursor.
  await window.page.mouse.move(0, 0);
  await window.page.waitForTimeout(500);
  await window.page.screenshot({ path: join(folder, `window-${name}-${colorScheme}.png`) });
}

async function shootPages(
  shooting: Shooting,
  window: WindowPage,
  pages: readonly PageName[],
  how: string,
): Promise<void> {
  for (const page of pages) {
    await window.show(page);
    await shoot(shooting, window, `${page.toLowerCase()}-${how}`);
  }
}

async function takeEmpty(shooting: Shooting): Promise<void> {
  await withApp(shooting, {}, async (app) => {
    const window = new WindowPage(await app.window());
    await expect(window.status.first()).toContainText('onnected');
    // The first steps depend on which agents there are.
    await window.show('Settings');
    await expect(window.page.getByText('Still looking for agents')).toHaveCount(0);
    await shootPages(shooting, window, ['Sessions', 'Pair', 'Devices', 'Settings', 'Activity'], 'empty');
  });
}

/** The code as it is once phones can reach the relay. Nobody reaches this one, so it is only looked at. */
async function takeReady(shooting: Shooting): Promise<void> {
  await withApp(shooting, { relayPublicUrl: 'https://studio.tail1234.ts.net' }, async (app) => {
    const window = new WindowPage(await app.window());
    await window.show('Pair');
    await expect(window.page.getByRole('img', { name: /^Pairing code/ })).toBeVisible();
    await shoot(shooting, window, 'pair-ready');
  });
}

async function takeBusyAndFailing(shooting: Shooting): Promise<void> {
  const relay = await startRelay();
  const phone = await PhonePage.open(shooting.browser, { colorScheme: shooting.colorScheme });
  try {
    const project = join(relay.folder, 'webshop');
    mkdirSync(project);
    writeFileSync(join(project, 'baton-demo.md'), '# Notes on the webshop\n\n- Prices are whole cents.\n');
    // Somebody who has used Baton for a while has put the first steps away.
    const settings = { relay: relay.origin, projects: [project], dismissedGuides: ['agents', 'relay', 'pair'] };
    await withApp(shooting, settings, async (app) => {
      const window = new WindowPage(await app.window());
      await takeBusy(shooting, window, phone);
      await relay.stop();
      await takeFailing(shooting, window);
    });
  } finally {
    await phone.close();
    await relay.stop();
    rmSync(relay.folder, { recursive: true, force: true });
  }
}

async function takeBusy(shooting: Shooting, window: WindowPage, phone: PhonePage): Promise<void> {
  const digits = await phone.beginPairing(await window.pairingLink(phone.page), PHONE);
  await expect(window.request(PHONE)).toBeVisible();
  expect(await window.digits(PHONE)).toBe(digits);
  await shoot(shooting, window, 'pair-asked');
  await window.request(PHONE).getByRole('button', { name: 'The digits are the same: Allow' }).click();
  await phone.finishPairing();

  await phone.startSession(/Demo/, 'Explain the pricing code');
  await phone.prompt('echo: `total` adds up price × count for every item.');
  await expect(phone.page.locator('.session-head').getByText('Idle')).toBeVisible();
  await phone.page.getByRole('button', { name: 'Back to the list' }).click();
  await phone.startSession(/Demo/, 'Sort out the shipping tests');
  await phone.prompt('slow 600');
  await expect(phone.page.locator('.session-head').getByText('Working')).toBeVisible();
  await phone.page.getByRole('button', { name: 'Back to the list' }).click();
  await phone.startSession(/Demo/, 'Orders are final');
  await phone.prompt('Note that orders are final');
  await expect(phone.questions.getByRole('group', { name: 'Allow', exact: true })).toBeVisible();
  await phone.page.getByRole('button', { name: 'Back to the list' }).click();

  await window.show('Sessions');
  await expect(window.page.getByRole('heading', { name: /needs you/i })).toBeVisible();
  await shootPages(shooting, window, ['Sessions', 'Pair', 'Devices', 'Settings', 'Activity'], 'busy');
  await window.show('Sessions');
  await window.openSession('Orders are final');
  await expect(window.questions.getByRole('group', { name: 'Allow', exact: true })).toBeVisible();
  await shoot(shooting, window, 'session-busy');
}

async function takeFailing(shooting: Shooting, window: WindowPage): Promise<void> {
  await expect(window.status.first()).toContainText(/cannot reach/i, { timeout: 60_000 });
  await shootPages(shooting, window, ['Sessions', 'Pair', 'Devices', 'Activity'], 'failing');
  await window.show('Settings');
  await window.page.getByRole('button', { name: 'Test', exact: true }).click();
  await expect(window.page.locator('.test-verdict')).toBeVisible({ timeout: 40_000 });
  await window.page.locator('.test-steps > :last-child').scrollIntoViewIfNeeded();
  await shoot(shooting, window, 'settings-failing');
}

async function withApp(
  { browser, colorScheme }: Shooting,
  settings: Record<string, unknown>,
  use: (app: App) => Promise<void>,
): Promise<void> {
  const dataFolder = mkdtempSync(join(tmpdir(), 'baton-shots-'));
  writeFileSync(join(dataFolder, 'settings.json'), JSON.stringify({ relayPort: await findFreePort(), ...settings }));
  const app = await startApp({ browser, dataFolder, colorScheme, args: ['--demo'], env: DESKTOP });
  try {
    await use(app);
  } finally {
    await app.quit();
    rmSync(dataFolder, { recursive: true, force: true });
  }
}

/** A relay that can go away. */
async function startRelay(): Promise<{ origin: string; folder: string; stop(): Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), 'baton-shots-'));
  const relay = await createRelay({
    host: '127.0.0.1',
    port: 0,
    publicOrigins: [],
    databaseFile: join(folder, 'relay.db'),
    phoneFolder: join(ROOT, 'dist', 'phone'),
    log: () => {},
  });
  let stopping: Promise<void> | null = null;
  return {
    origin: `http://127.0.0.1:${relay.port}`,
    folder,
    stop: () => {
      stopping ??= relay.stop({ graceful: false });
      return stopping;
    },
  };
}
