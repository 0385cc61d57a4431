import { expect } from '@playwright/test';
import { onHost, test } from './gallery-page.ts';

test.describe('dialogs', () => {
  test('close with Escape and give the focus back', async ({ gallery: { page, open } }) => {
    await open('session');
    const opener = page.getByRole('button', { name: /^Studio: Connected/ });
    await opener.focus();
    await page.keyboard.press('Enter');
    await expect(page.getByRole('dialog', { name: 'Studio' })).toBeVisible();
    await expect(page.getByText('4f1c09ab27de')).toBeVisible();
    for (let press = 0; press < 6; press += 1) await page.keyboard.press('Tab');
    expect(
      await page.evaluate(
        () => document.activeElement === document.body || document.activeElement?.closest('dialog') !== null,
      ),
    ).toBe(true);
    await page.keyboard.press('Escape');
    await expect(page.getByRole('dialog')).toHaveCount(0);
    await expect(opener).toBeFocused();
  });

  test('forgetting a computer asks first', async ({ gallery: { page, open } }) => {
    await open('home');
    await page.getByRole('button', { name: /Connected · proven/ }).click();
    await page.getByRole('button', { name: 'Forget this computer' }).click();
    expect(await onHost(page, (host) => host.calls.value)).toEqual([]);
    await page.getByRole('button', { name: 'Forget Studio' }).click();
    await expect(page.getByRole('dialog')).toHaveCount(0);
    expect(await onHost(page, (host) => host.calls.value.map(({ call }) => call))).toEqual(['forget']);
  });

  test('a new session is started in a typed folder and opened at once', async ({ gallery: { page, open } }) => {
    await open('home');
    await page.getByRole('button', { name: 'New session' }).click();
    const sheet = page.getByRole('dialog', { name: 'New session' });
    await sheet.getByRole('radio', { name: 'Codex' }).check();
    await sheet.getByRole('radio', { name: 'Another folder' }).check();
    await expect(sheet.getByRole('button', { name: 'Start session' })).toBeDisabled();
    await sheet.getByRole('textbox', { name: /^Path/ }).fill('/srv/site');
    await sheet.getByRole('button', { name: 'Start session' }).click();
    await expect(page).toHaveURL(/\/s\/studio\/[0-9a-f-]{36}$/);
    await expect(page.getByText('Starting a session')).toBeVisible();
    expect(await onHost(page, (host) => host.calls.value)).toEqual([
      { call: 'session.new', detail: { agent: 'codex', folder: '/srv/site' } },
    ]);
    await page.goBack();
    await expect(page.getByRole('heading', { name: 'Studio' })).toBeVisible();
  });

  test('agents that are missing say how to install them', async ({ gallery: { page, open } }) => {
    await open('no-agents');
    await page.getByRole('button', { name: 'New session' }).click();
    await expect(page.getByText('No agent was found on Studio.')).toBeVisible();
    await expect(page.getByText('npm install -g opencode-ai@1.18.33')).toBeVisible();
  });
});
