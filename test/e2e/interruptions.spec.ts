import { once } from 'node:events';
import { expect } from '@playwright/test';
import { pairWithTerminal } from '../support/phone-page.ts';
import { startTerminalHost } from '../support/terminal-host.ts';
import { test } from './fixture.ts';

test('a prompt written while the computer is gone waits visibly and is delivered once after it is back', async ({
  openPhone,
  host,
  folder,
  port,
}) => {
  const phone = await openPhone();
  await pairWithTerminal(phone, host, 'My phone');
  await phone.startSession(/Demo/, 'Interrupted session');
  await phone.prompt('echo: before');
  // The session was idle before the prompt too: what proves the turn is its answer and the prompt's receipt.
  await expect(phone.page.getByText('before', { exact: true })).toBeVisible();
  await expect(phone.page.getByText('the agent has it')).toBeVisible();
  await expect(phone.page.locator('.session-head').getByText('Idle')).toBeVisible();
  await host.kill();

  await phone.prompt('echo: written in between');
  await expect(phone.page.getByText('waiting for connection')).toBeVisible();
  await phone.page.getByRole('button', { name: 'Back to the list' }).click();
  await expect(phone.page.locator('.status-text').getByText(/Relay unreachable since/)).toBeVisible();
  await expect(phone.page.getByText(/What follows is as of/)).toBeVisible();

  const again = startTerminalHost(['--demo', '--data', folder, '--port', String(port)]);
  try {
    await expect(phone.page.locator('.status-text').getByText(/Connected · proven/)).toBeVisible({ timeout: 40_000 });
    await phone.openSession('Interrupted session');
    await expect(phone.page.getByText('waiting for connection')).toHaveCount(0);
    await expect(phone.page.locator('.session-head').getByText('Idle')).toBeVisible();
    await expect(phone.page.getByText('echo: written in between')).toHaveCount(1);
    await expect(phone.page.getByText('written in between', { exact: true })).toHaveCount(1);
  } finally {
    await again.quit();
  }
});

test('quitting on the computer is told to the phone at once', async ({ openPhone, host }) => {
  const phone = await openPhone();
  await pairWithTerminal(phone, host, 'My phone');
  await host.quit();
  await expect(phone.page.locator('.status-text').getByText(/Baton was quit on the computer/)).toBeVisible();
});

test('a terminal that is closed in mid-turn leaves the agent at work, and the next Baton and the phone have all of it', async ({
  openPhone,
  host,
  folder,
  port,
}) => {
  const phone = await openPhone();
  await pairWithTerminal(phone, host, 'My phone');
  await phone.startSession(/Demo/, 'Goes on');
  await phone.prompt('slow 8');
  await expect(phone.page.getByText('Second 1 of 8.')).toBeVisible();
  const exited = once(host.process, 'exit');
  host.process.kill('SIGHUP');
  expect(await exited).toEqual([0, null]);

  const again = startTerminalHost(['--demo', '--data', folder, '--port', String(port)]);
  try {
    await expect(phone.page.getByText('Second 8 of 8.', { exact: false })).toBeVisible({ timeout: 60_000 });
    await expect(phone.page.getByText('slow 8', { exact: true })).toHaveCount(1);
    await expect(phone.page.getByText(/interrupted/i)).toHaveCount(0);
  } finally {
    await again.quit();
  }
});

test('a phone that is closed and opened again has everything, also while the computer is away', async ({
  openPhone,
  host,
}) => {
  const phone = await openPhone();
  await pairWithTerminal(phone, host, 'My phone');
  await phone.startSession(/Demo/, 'Kept session');
  await phone.prompt('echo: keep this');
  await expect(phone.page.getByText('keep this', { exact: true })).toBeVisible();
  await phone.page.close();
  await host.quit();
  const page = await phone.context.newPage();
  // The service worker serves the page while nothing answers at its address.
  const link = /http:\/\/127\.0\.0\.1:\d+/.exec(host.output())?.[0] ?? '';
  await page.goto(link);
  await page.getByRole('link', { name: /Kept session/ }).click();
  await expect(page.getByText('keep this', { exact: true })).toBeVisible();
});
