import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { launchBrowser, makeTrialFolder, startTrial, type Trial } from './trial.ts';

let browser: Browser;
let folder: ReturnType<typeof makeTrialFolder>;
let trial: Trial | null = null;

beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser.close();
});
beforeEach(() => {
  folder = makeTrialFolder();
});
afterEach(async () => {
  await trial?.app.kill();
  trial = null;
  folder.remove();
});

async function start(): Promise<Trial> {
  trial = await startTrial(browser, folder.folder);
  return trial;
}
/** What the app said about its life, in order. */
const story = (output: string) => output.match(/^(before-quit|will-quit|quit|window-all-closed|closed)$/gm);

it('a second launch hands its words to the first and ends', async () => {
  const { app } = await start();
  await app.launchAgain(['--pair']);
  await expect.poll(() => app.output()).toContain('second-instance {"words":["--pair"]}');
});

it('a lock whose holder was killed is taken over, and a proper end leaves none', async () => {
  const killed = await start();
  await killed.app.kill();
  expect(existsSync(join(folder.folder, 'SingletonLock'))).toBe(true);
  const next = await start();
  expect(await next.run(`return electron.app.hasSingleInstanceLock()`)).toBe(true);
  await next.app.quit();
  expect(existsSync(join(folder.folder, 'SingletonLock'))).toBe(false);
});

it('quitting closes the windows, says will-quit and quit, and never window-all-closed', async () => {
  const { app, run } = await start();
  await run(`electron.BrowserWindow.getAllWindows()[0].on('closed', () => console.log('closed'))`);
  await app.quit();
  expect(await app.exited).toBe(0);
  expect(story(app.output())).toEqual(['before-quit', 'closed', 'will-quit', 'quit']);
});

it('before-quit, a window and will-quit can each stop the quitting, which then begins again', async () => {
  const { app, run } = await start();
  await run(`
    electron.app.once('before-quit', (event) => event.preventDefault());
    electron.app.quit();
    electron.BrowserWindow.getAllWindows()[0].once('close', (event) => event.preventDefault());
    electron.app.quit();
    electron.app.once('will-quit', (event) => event.preventDefault());
    electron.app.quit();`).catch(() => {});
  await expect.poll(() => story(app.output())).toEqual(['before-quit', 'before-quit', 'before-quit', 'will-quit']);
  await app.quit();
  expect(story(app.output())?.slice(4)).toEqual(['before-quit', 'will-quit', 'quit']);
});

it('exit asks nobody and gives its code; SIGTERM quits properly', async () => {
  const left = await start();
  await left.run(`setImmediate(() => electron.app.exit(7))`);
  expect(await left.app.exited).toBe(7);
  expect(story(left.app.output())).toEqual(['quit']);
  const { app } = await start();
  process.kill(app.pid, 'SIGTERM');
  expect(await app.exited).toBe(0);
  expect(story(app.output())).toEqual(['before-quit', 'will-quit', 'quit']);
});
