/** The real page, a relay that runs apart from the computer, and a computer that is away: what the page says, and what comes of it. */
import { join } from 'node:path';
import { expect, type Page } from '@playwright/test';
import { createRelay, type Relay } from '#relay/relay.ts';
import { PhonePage, pairWithTerminal } from '../support/phone-page.ts';
import { startTerminalHost } from '../support/terminal-host.ts';
import { test as base } from './fixture.ts';

const LEFT = 'left at the relay, sealed';

const test = base.extend<{ relay: Relay }>({
  relay: async ({ folder }, use) => {
    const relay = await createRelay({
      host: '127.0.0.1',
      port: 0,
      publicOrigins: [],
      databaseFile: join(folder, 'apart.db'),
      phoneFolder: join(import.meta.dirname, '../../dist/phone'),
      log: () => {},
    });
    await use(relay);
    await relay.stop({ graceful: false });
  },
});

const promptRow = (page: Page, text: string) => page.locator('.row-prompt').filter({ hasText: text });

test('a prompt written while the computer is away is left at the relay; the page is closed; it is done once', async ({
  browser,
  relay,
  folder,
}) => {
  const away = ['--demo', '--data', folder, '--relay', relay.origin];
  const host = startTerminalHost(away);
  const phone = await PhonePage.open(browser);
  await pairWithTerminal(phone, host, 'My phone');
  await phone.startSession(/Demo/, 'Left alone');
  await phone.prompt('echo: before');
  await expect(phone.page.getByText('the agent has it')).toBeVisible();
  await host.kill();

  await phone.prompt('echo: while you slept');
  await expect(promptRow(phone.page, 'while you slept').getByText(LEFT)).toBeVisible();
  await expect(phone.page.getByText('Delivered when the computer wakes; you can close this page.')).toBeVisible();
  await phone.prompt('echo: never mind');
  await expect(promptRow(phone.page, 'never mind').getByText(LEFT)).toBeVisible();
  await promptRow(phone.page, 'never mind').getByRole('button', { name: 'Take back' }).click();
  await expect(phone.page.getByText('never mind')).toHaveCount(0);
  await phone.page.getByRole('button', { name: 'Back to the list' }).click();
  await expect(phone.page.locator('.status-text').getByText(/Computer offline since/)).toBeVisible();
  await phone.page.close();

  const again = startTerminalHost(away);
  try {
    await expect.poll(() => relay.metrics().lettersTaken, { timeout: 30_000 }).toBe(2);
    const page = await phone.context.newPage();
    await page.goto(relay.origin);
    await page.getByRole('link', { name: /Left alone/ }).click();
    await expect(promptRow(page, 'while you slept').getByText('the agent has it')).toBeVisible({ timeout: 30_000 });
    await expect(page.getByText('while you slept', { exact: true })).toHaveCount(1);
    await expect(promptRow(page, 'while you slept')).toHaveCount(1);
    await expect(page.getByText('never mind')).toHaveCount(0);
    expect(phone.problems).toEqual([]);
  } finally {
    await again.quit();
  }
});

test('what is too large for the mailbox says that it waits on the phone, and what follows too', async ({
  browser,
  relay,
  folder,
}) => {
  const host = startTerminalHost(['--demo', '--data', folder, '--relay', relay.origin]);
  const phone = await PhonePage.open(browser);
  await pairWithTerminal(phone, host, 'My phone');
  await phone.startSession(/Demo/, 'Large');
  await host.kill();
  await phone.prompt(`echo: ${'large '.repeat(60_000)}`);
  await expect(phone.page.getByText('it is too large to be left at the relay')).toBeVisible();
  await phone.prompt('echo: small');
  await expect(promptRow(phone.page, 'small').getByText('behind the one before it')).toBeVisible();
  await expect(promptRow(phone.page, 'small').getByText('waiting for connection')).toBeVisible();
  expect(relay.metrics().now.letters).toBe(0);
});
