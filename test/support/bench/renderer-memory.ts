/** How much memory the window's own process holds, whichever driver shows it. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Browser, CDPSession, Page } from 'playwright';
import type { App } from '../app/app.ts';
import { readProcessTree } from './measured-process.ts';

/** Long enough to be told from whatever else goes on in a browser. */
const BUSY_MS = 400;

/** The process that draws the window; null if it cannot be told. `browser`: whose pages the stand-in uses. */
export async function findRenderer(app: App, browser: Browser, page: Page): Promise<number | null> {
  if (app.driver === 'electron') return await findElectronRenderer(app.pid);
  const session = await browser.newBrowserCDPSession();
  const before = await readProcessorTimes(session);
  await page.evaluate(beBusy, BUSY_MS);
  const after = await readProcessorTimes(session);
  await session.detach();
  const used = [...after].map(([pid, seconds]) => [pid, seconds - (before.get(pid) ?? 0)] as const);
  return used.sort(([, one], [, other]) => other - one)[0]?.[0] ?? null;
}

/** Electron has one for its one window. */
async function findElectronRenderer(main: number): Promise<number | null> {
  const tree = await readProcessTree(main);
  const { stdout } = await promisify(execFile)('ps', ['-A', '-ww', '-o', 'pid=,args=']).catch(() => ({ stdout: '' }));
  const renderers = stdout.split('\n').filter((line) => line.includes('--type=renderer'));
  return renderers.map((line) => Number.parseInt(line, 10)).find((pid) => tree?.has(pid)) ?? null;
}

/** RSS in bytes of a process; null where `ps` is missing. */
export async function readRss(pid: number): Promise<number | null> {
  return (await readProcessTree(pid))?.get(pid) ?? null;
}

/** Seconds of processor time of every renderer. Chromium tells no page's process, and has others besides, so the busy one is looked for. */
async function readProcessorTimes(session: CDPSession): Promise<ReadonlyMap<number, number>> {
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  return new Map(processInfo.filter(({ type }) => type === 'renderer').map(({ id, cpuTime }) => [id, cpuTime]));
}

/** In the page. */
function beBusy(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}
