/** Version 56aa5b1 and this one: a phone's storage is taken over, and the page of either talks to the host of the other. */
import { join } from 'node:path';
import { type Browser, chromium, expect, type Page } from '@playwright/test';
import { createRelay, type Relay } from '#relay/relay.ts';
import { chromiumArguments, findChromium } from '../support/chromium.ts';
import {
  OLD_ORIGIN,
  OLD_SESSIONS,
  OLD_TEXTS,
  unpackOldComputer,
  unpackOldHost,
  unpackOldPage,
  unpackOldPhone,
} from '../support/old-version/fixture.ts';
import { allowOnOldHost, showOldLink, startOldHost } from '../support/old-version/old-host.ts';
import { OldPage } from '../support/old-version/old-page.ts';
import { dumpStorage, recordsOf, restoreStorage } from '../support/old-version/phone-storage.ts';
import { PhonePage } from '../support/phone-page.ts';
import { startTerminalHost } from '../support/terminal-host.ts';
import { test as base } from './fixture.ts';

const PRESENT_PAGE = join(import.meta.dirname, '../../dist/phone');

interface Fixtures {
  /** A relay of this version, apart from the host, that serves the page of one version. */
  serve(phoneFolder: string, databaseFile?: string): Promise<Relay>;
  /** A phone with nothing on it yet, for which the origin of the old version's relay leads to this one. */
  openOldPhone(relay: Relay): Promise<PhonePage>;
}

const test = base.extend<Fixtures>({
  serve: async ({ folder }, use) => {
    const relays: Relay[] = [];
    await use(async (phoneFolder, databaseFile = join(folder, 'apart.db')) => {
      const relay = await createRelay({
        host: '127.0.0.1',
        port: 0,
        publicOrigins: [OLD_ORIGIN],
        databaseFile,
        phoneFolder,
        log: () => {},
      });
      relays.push(relay);
      return relay;
    });
    for (const relay of relays) await relay.stop({ graceful: false });
  },
  // biome-ignore lint/correctness/noEmptyPattern: the runner reads which fixtures are needed from this pattern.
  openOldPhone: async ({}, use) => {
    const browsers: Browser[] = [];
    const executablePath = findChromium();
    await use(async (relay) => {
      // A browser keeps what it stores by origin, and the port of that origin may be taken here.
      const rule = `MAP ${new URL(OLD_ORIGIN).host} ${new URL(addressOf(relay)).host}`;
      const args = [...chromiumArguments(), `--host-resolver-rules=${rule}`];
      const browser = await chromium.launch({ ...(executablePath && { executablePath }), args });
      browsers.push(browser);
      return await PhonePage.open(browser);
    });
    for (const browser of browsers) await browser.close();
  },
});

/** Where hosts find it. */
const addressOf = (relay: Relay) => `http://127.0.0.1:${relay.port}`;

const promptRow = (page: Page, text: string) => page.locator('.row-prompt').filter({ hasText: text });

test('a page of the old version, once paired, allows what it shows all of, and can only deny an edit', async ({
  browser,
  folder,
  serve,
}) => {
  const relay = await serve(unpackOldPage(join(folder, 'old-page')));
  const program = unpackOldHost(join(folder, 'old-host'));
  const data = join(folder, 'data');
  const options = ['--demo', '--data', data, '--relay', addressOf(relay)];
  const before = startOldHost(program, options);
  const context = await browser.newContext({ viewport: { width: 390, height: 844 } });
  const phone = new OldPage(await context.newPage());
  try {
    const link = await showOldLink(before, true);
    await allowOnOldHost(before, 'a', () => phone.beginPairing(link, 'Old phone'));
    await phone.finishPairing();
  } finally {
    await before.quit();
  }
  const host = startTerminalHost(options);
  try {
    await phone.startSession(/Demo/, 'With the new host');
    await phone.prompt('many approvals 1');
    await phone.answer('Allow');
    await expect(phone.page.getByText('1 allowed, 0 denied.')).toBeVisible();
    await expect(phone.page.locator('.session-head').getByText('Idle')).toBeVisible();

    await phone.prompt('Show me what you can do');
    await phone.answer('Allow');
    await expect(phone.page.getByText('This page is too old to show all of what is asked.').first()).toBeVisible();
    await phone.answer('Deny');
    await expect(phone.page.getByText(/Nothing has been written/)).toBeVisible();
    await expect(phone.page.locator('.session-head').getByText('Idle')).toBeVisible();
    expect(phone.problems).toEqual([]);
  } finally {
    await context.close();
    await host.quit();
  }
});

test('a page of the old version, whose digits can be chosen, is not paired with this host but told to reload', async ({
  browser,
  folder,
  serve,
}) => {
  const relay = await serve(unpackOldPage(join(folder, 'old-page')));
  const host = startTerminalHost(['--demo', '--data', join(folder, 'data'), '--relay', addressOf(relay)]);
  const context = await browser.newContext({ viewport: { width: 390, height: 844 } });
  const phone = new OldPage(await context.newPage());
  try {
    await phone.page.goto((await host.untilPrinted(/https?:\/\/\S+\/p#\S+/))[0]);
    await phone.page.getByRole('button', { name: 'Connect' }).click();
    await expect(phone.page.getByText('This page and the computer do not fit together')).toBeVisible();
    await expect(phone.page.getByText(/Reload this page and use a new code/)).toBeVisible();
  } finally {
    await context.close();
    await host.quit();
  }
});

test('this page pairs with the host of the old version, starts a session, allows an edit and shows the diff', async ({
  browser,
  folder,
  serve,
}) => {
  const relay = await serve(PRESENT_PAGE);
  const program = unpackOldHost(join(folder, 'old-host'));
  const data = join(folder, 'data');
  const host = startOldHost(program, ['--demo', '--data', data, '--relay', addressOf(relay)]);
  const phone = await PhonePage.open(browser);
  try {
    const link = await showOldLink(host, true);
    await allowOnOldHost(host, 'a', () => phone.beginPairing(link, 'New phone'));
    await phone.finishPairing();
    await phone.startSession(/Demo/, 'With the old host');
    await phone.prompt('Show me what you can do');
    await phone.allow();
    await expect(phone.page.locator('.diff').first()).toContainText('Show me what you can do');
    await expect(phone.page.getByText('the agent has it').first()).toBeVisible();
    await expect(phone.page.locator('.session-head').getByText('Idle')).toBeVisible();
    expect(phone.problems).toEqual([]);
  } finally {
    await phone.close();
    await host.quit();
  }
});

test('a phone of the old version opens this page with everything in place, and is caught up without pairing again', async ({
  folder,
  serve,
  openOldPhone,
}) => {
  const { data, agents } = unpackOldComputer(join(folder, 'computer'));
  // That computer's own relay knows which phones it has.
  const relay = await serve(PRESENT_PAGE, join(data, 'relay.db'));
  const old = unpackOldPhone(join(folder, 'phone'));
  const phone = await openOldPhone(relay);
  const { page } = phone;
  // A page of that origin with none of our code in it.
  await page.route(`${OLD_ORIGIN}/nothing`, (route) => route.fulfill({ contentType: 'text/html', body: '' }));
  await page.goto(`${OLD_ORIGIN}/nothing`);
  await restoreStorage(page, old);

  // The computer is still off: what the phone has of it is all there is.
  await page.goto(OLD_ORIGIN);
  await page.locator('summary').getByText('Ended').click();
  for (const title of Object.values(OLD_SESSIONS)) {
    await expect(page.getByRole('link', { name: new RegExp(title) }).first()).toBeVisible();
  }
  await phone.openSession(OLD_SESSIONS.greeting);
  await expect(page.locator('.diff').first()).toContainText('Tidy the greeting, please');
  await expect(page.getByText('The tool printed 100 KiB.')).toBeVisible();
  await expect(promptRow(page, 'Tidy the greeting, please')).toHaveCount(1);
  await expect(promptRow(page, 'written on the way home')).toHaveCount(1);
  await expect(promptRow(page, 'written on the way home').getByText('left at the relay, sealed')).toBeVisible();
  await expect(page.getByRole('textbox', { name: 'Prompt' })).toHaveValue(OLD_TEXTS.draft);
  const taken = await dumpStorage(page, old.database);
  for (const store of ['hosts', 'events', 'cursors']) {
    expect(recordsOf(taken, store)).toMatchObject(recordsOf(old, store));
  }

  const host = startTerminalHost(['--demo', '--data', data, '--relay', addressOf(relay)], {
    BATON_DEMO_STATE: agents,
    BATON_DEMO_PACE_MS: '1',
  });
  try {
    await expect(promptRow(page, 'written on the way home').getByText('the agent has it')).toBeVisible();
    await expect(page.getByText('written on the way home', { exact: true })).toHaveCount(1);
    await phone.backToList();
    await expect(phone.status).toContainText('Connected · proven');
    await phone.openSession(OLD_SESSIONS.waiting);
    for (const text of OLD_TEXTS.queued) {
      await expect(page.getByText(text.replace('echo: ', ''), { exact: true })).toHaveCount(1);
    }
    expect(host.output()).not.toMatch(/asks to be paired/);
    expect(phone.problems).toEqual([]);
  } finally {
    await host.quit();
  }
});
