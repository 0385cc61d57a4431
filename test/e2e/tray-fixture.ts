/** The tray app in a folder of its own; whatever a test has started is ended after it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test as base, expect } from '@playwright/test';
import { type App, type StartOptions, startApp } from '../support/app/app.ts';
import { WindowPage } from '../support/app/window-page.ts';
import { PhonePage } from '../support/phone-page.ts';

export { expect } from '@playwright/test';

interface Fixtures {
  /** The data folder. */
  folder: string;
  /** Starts the app with the demo agent, on a desktop that shows tray icons. */
  start: (options?: Partial<StartOptions>) => Promise<App>;
  openPhone: () => Promise<PhonePage>;
}

/** No session bus, so that the desktop's name decides whether it has a tray. */
const DESKTOP_WITH_TRAY = { XDG_CURRENT_DESKTOP: 'KDE', DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nowhere' };
export const DESKTOP_WITHOUT_TRAY = { ...DESKTOP_WITH_TRAY, XDG_CURRENT_DESKTOP: 'GNOME' };

export const test = base.extend<Fixtures>({
  // biome-ignore lint/correctness/noEmptyPattern: the runner reads which fixtures are needed from this pattern.
  folder: async ({}, use) => {
    const folder = mkdtempSync(join(tmpdir(), 'baton-tray-'));
    await use(folder);
    rmSync(folder, { recursive: true, force: true });
  },
  start: async ({ browser, folder }, use) => {
    const started: App[] = [];
    await use(async (options = {}) => {
      const demo = { BATON_DEMO_PACE_MS: '2', BATON_DEMO_STATE: join(folder, 'demo-state') };
      const env = { ...DESKTOP_WITH_TRAY, ...demo, ...options.env };
      const app = await startApp({ browser, dataFolder: folder, args: ['--demo'], ...options, env });
      started.push(app);
      return app;
    });
    for (const app of started) await app.quit();
  },
  openPhone: async ({ browser }, use) => {
    const phones: PhonePage[] = [];
    await use(async () => {
      const phone = await PhonePage.open(browser);
      phones.push(phone);
      return phone;
    });
    for (const phone of phones) await phone.close();
  },
});

export async function windowOf(app: App): Promise<WindowPage> {
  return new WindowPage(await app.window());
}

/** The text of the one message box that waits, after `count` boxes in all. */
export async function untilAsked(app: App, count = 1): Promise<string> {
  await expect.poll(async () => (await app.messageBoxes()).length).toBe(count);
  return (await app.messageBoxes())[count - 1]?.message ?? '';
}

/** The item of the tray's menu with this label. */
export async function menuItem(app: App, label: string): Promise<{ isChecked: boolean; isEnabled: boolean } | null> {
  const { items } = await app.tray();
  const item = items.find((one) => one.label === label);
  return item ? { isChecked: item.isChecked, isEnabled: item.isEnabled } : null;
}
