/** The tray app, compiled, on a desktop that shows its icon, for the benchmarks. */
import { mkdirSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import type { Browser } from 'playwright';
import { compile, run } from '#scripts/steps.ts';
import type { Figure } from '#test/bench/bench.ts';
import { type App, startApp } from '../app/app.ts';

const LOOK_EVERY_MS = 2;
const WAIT_MS = 120_000;
/** A desktop that shows tray icons, without a session bus to be asked about it. */
const DESKTOP = { XDG_CURRENT_DESKTOP: 'KDE', DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nowhere' };
export const OPEN = 'Open Baton';

/** The app as it is started: below `dist`. */
export async function buildApp(): Promise<void> {
  if ((await compile('main', 'preload')) !== 0) throw new Error('The app cannot be built: tsc failed.');
  const steps = [
    ['vite', 'build', 'phone', '--logLevel', 'warn'],
    ['vite', 'build', 'renderer', '--logLevel', 'warn'],
  ] as const;
  for (const [program, ...args] of steps) {
    if ((await run(program, args)) !== 0) throw new Error(`The app cannot be built: ${program} failed.`);
  }
}

/** Hidden, as at login. */
export async function startBenchApp(browser: Browser, dataFolder: string): Promise<App> {
  mkdirSync(dataFolder, { recursive: true });
  return await startApp({ browser, dataFolder, args: ['--demo', '--autostart'], env: DESKTOP });
}

/** Resolves when the tray is there, and the first line of its menu as wanted. */
export async function untilTray(app: App, isReady: (status: string) => boolean): Promise<void> {
  await until('the tray is ready', async () => {
    const tray = await app.tray().catch(() => null);
    return tray !== null && tray.items.length > 0 && isReady(tray.items[0]?.label ?? '');
  });
}

export async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  const giveUpAt = performance.now() + WAIT_MS;
  while (!(await isSo())) {
    if (performance.now() > giveUpAt) throw new Error(`Not in time: ${what}.`);
    await wait(LOOK_EVERY_MS);
  }
}

/** Nobody shall take figures of the stand-in for those of Electron. */
export function labelDriver(figure: Figure, driver: App['driver']): Figure {
  if (driver === 'electron') return { ...figure, how: `${figure.how}; real Electron` };
  return { ...figure, how: `${figure.how}; **stand-in for Electron**: Node and a headless Chromium` };
}
