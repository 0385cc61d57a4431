/** The real page in a real browser, paired over the real relay, with a watch inside. */
import type { Browser, Page } from 'playwright';
import { PhonePage, pairWithTerminal } from '../phone-page.ts';
import type { BenchHost } from './bench-host.ts';
import { installPageWatch } from './page-watch.ts';

/** More than this, and times of both sides cannot be compared. */
const CLOCKS_DIFFER_MAX_MS = 2;

/** A browser profile of its own with the page open, not yet paired. */
export async function openPhone(browser: Browser): Promise<PhonePage> {
  const phone = await PhonePage.open(browser);
  await phone.context.addInitScript(installPageWatch);
  return phone;
}

/** The same, paired and showing its list. */
export async function pairPhone(browser: Browser, host: BenchHost, name: string): Promise<PhonePage> {
  const phone = await openPhone(browser);
  await host.showCode();
  await pairWithTerminal(phone, host, name);
  await checkClocks(phone.page);
  return phone;
}

/** The page's clock and this process's are read from the same one of the machine; makes sure that they agree. */
export async function checkClocks(page: Page): Promise<void> {
  const now = () => performance.timeOrigin + performance.now();
  let best = { differs: Number.POSITIVE_INFINITY, round: Number.POSITIVE_INFINITY };
  for (let tries = 0; tries < 10; tries += 1) {
    const before = now();
    const there = await page.evaluate(() => window.batonWatch.now());
    const after = now();
    if (after - before < best.round) best = { differs: there - (before + after) / 2, round: after - before };
  }
  if (Math.abs(best.differs) > CLOCKS_DIFFER_MAX_MS + best.round / 2) {
    throw new Error(`The page's clock differs by ${best.differs.toFixed(1)} ms: its times mean nothing here.`);
  }
}
