/**
 * `npm run screenshots`: takes the pictures of README and docs of the real thing: the phone's page with a host in a terminal, and the window of the
 * tray app, with relay, demo agent and Chromium. `-- --only phone` or `-- --only window` takes some of them.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Browser, chromium } from 'playwright';
import { ROOT } from '#scripts/steps.ts';
import { chromiumArguments, requireChromium, WHAT_TO_INSTALL } from '../support/chromium.ts';
import { findFreePort } from '../support/free-port.ts';
import { endKeeper } from '../support/keeper/end-keeper.ts';
import { PhonePage, pairWithTerminal } from '../support/phone-page.ts';
import { startTerminalHost } from '../support/terminal-host.ts';
import { takeWindow } from './window.ts';

const FOLDER = join(ROOT, 'assets', 'screenshots');
const SCHEMES = ['light', 'dark'] as const;

/** A project that looks like somebody's. */
function makeProject(): string {
  const folder = join(mkdtempSync(join(tmpdir(), 'baton-shots-')), 'webshop');
  mkdirSync(folder);
  const notes = ['# Notes on the webshop', '', '- Prices are whole cents.', '- The cart is kept in local storage.', ''];
  writeFileSync(join(folder, 'baton-demo.md'), notes.join('\n'));
  return folder;
}

async function takePhone(browser: Browser, colorScheme: (typeof SCHEMES)[number]): Promise<void> {
  const data = mkdtempSync(join(tmpdir(), 'baton-shots-'));
  const project = makeProject();
  const host = startTerminalHost(['--data', data, '--port', String(await findFreePort()), '--project', project]);
  const phone = await PhonePage.open(browser, { colorScheme });
  const { page } = phone;
  const shoot = async (name: string) => {
    // Past the guard that keeps a new card from taking a tap, and past transitions.
    await page.waitForTimeout(700);
    await page.screenshot({ path: join(FOLDER, `${name}-${colorScheme}.png`) });
  };
  try {
    const link = (await host.untilPrinted(/https?:\/\/\S+\/p#\S+/))[0];
    await phone.beginPairing(link, 'My phone');
    await shoot('pairing');
    await page.getByRole('button', { name: 'Cancel' }).click();
    await host.untilPrinted(/\/p#/, host.output().indexOf(link) + link.length);
    await pairWithTerminal(phone, host, 'My phone');

    await phone.startSession(/Demo/, 'Explain the pricing code');
    await phone.prompt('echo: `total` adds up price × count for every item. Nothing is rounded, so use whole cents.');
    await page.locator('.session-head').getByText('Idle').waitFor();
    await page.getByRole('button', { name: 'Back to the list' }).click();

    await phone.startSession(/Demo/, 'Orders are final');
    await phone.prompt('Note that orders are final');
    await phone.questions.getByRole('group', { name: 'Allow', exact: true }).waitFor();
    await shoot('approval');
    await page.getByRole('button', { name: 'Back to the list' }).click();
    await page.getByRole('heading', { name: 'Needs you' }).waitFor();
    await shoot('list');
    await phone.openSession('Orders are final');
    await phone.allow();
    await page.locator('.session-head').getByText('Idle').waitFor();
    await shoot('session');
    await page.locator('.diff').first().scrollIntoViewIfNeeded();
    await shoot('diff');
    await host.kill();
    await phone.prompt('Now add a test for it');
    await page.getByText('waiting for connection').waitFor();
    await page.getByRole('button', { name: 'Back to the list' }).click();
    await page
      .locator('.status-text')
      .getByText(/Relay unreachable/)
      .waitFor();
    await shoot('offline');
  } finally {
    await phone.close();
    await host.quit();
    await endKeeper(data);
    rmSync(data, { recursive: true, force: true });
    rmSync(join(project, '..'), { recursive: true, force: true });
  }
}

const executablePath = requireChromium();
if (executablePath === null) {
  console.error(WHAT_TO_INSTALL);
  process.exit(1);
}
mkdirSync(FOLDER, { recursive: true });
const browser = await chromium.launch({ executablePath, args: chromiumArguments() });
const { only } = parseArgs({ options: { only: { type: 'string' } } }).values;
for (const colorScheme of SCHEMES) {
  if (only !== 'window') await takePhone(browser, colorScheme);
  if (only !== 'phone') await takeWindow({ browser, colorScheme, folder: FOLDER });
}
await browser.close();
console.log(`The pictures are in ${FOLDER}.`);
