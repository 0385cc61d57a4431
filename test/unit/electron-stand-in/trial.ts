/** Starts the trial app in the stand-in, in a folder of its own. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium } from 'playwright';
import type { App, StartOptions } from '#test/support/app/app.ts';
import { startInStandIn } from '#test/support/app/stand-in-driver.ts';
import { chromiumArguments, findChromium } from '#test/support/chromium.ts';

const PRELOAD = `
const { contextBridge, ipcRenderer } = require('electron');
contextBridge.exposeInMainWorld('trial', {
  invoke: (channel, ...args) => ipcRenderer.invoke(channel, ...args),
  on: (channel, listener) => {
    const handle = (_event, ...args) => listener(...args);
    ipcRenderer.on(channel, handle);
    return () => ipcRenderer.off(channel, handle);
  },
});`;

export interface Trial {
  readonly app: App;
  readonly folder: string;
  /** Runs code in main, with \`electron\` and the event of the call at hand. */
  run(code: string): Promise<unknown>;
}

/** What the page of the trial app sees of it. */
export interface TrialWindow {
  readonly trial: {
    invoke(channel: string, ...args: unknown[]): Promise<unknown>;
    on(channel: string, listener: (...args: unknown[]) => void): () => void;
  };
  readonly seenAtStart: string;
}

export async function launchBrowser(): Promise<Browser> {
  const executablePath = findChromium();
  return await chromium.launch({ ...(executablePath ? { executablePath } : {}), args: chromiumArguments() });
}

export function makeTrialFolder(): { folder: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'baton-stand-in-'));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

export async function startTrial(
  browser: Browser,
  folder: string,
  options: Partial<StartOptions> & { isGuarded?: boolean; csp?: string } = {},
): Promise<Trial> {
  const preload = join(folder, 'preload.cjs');
  const desktopFolder = join(folder, 'desktop');
  mkdirSync(desktopFolder, { recursive: true });
  writeFileSync(preload, PRELOAD);
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(process.env)) if (value !== undefined) env[name] = value;
  env.TRIAL_PRELOAD = preload;
  env.TRIAL_GUARDED = options.isGuarded === false ? '0' : '1';
  if (options.csp !== undefined) env.TRIAL_CSP = options.csp;
  const app = await startInStandIn(
    { ...options, browser, dataFolder: folder, args: ['--data', folder], env, desktopFolder, configFolder: folder },
    join(import.meta.dirname, 'trial-app.ts'),
  );
  await app.window();
  return { app, folder, run: (code) => app.invoke('window', 'run', [code]) };
}
