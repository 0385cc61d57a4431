import { expect } from '@playwright/test';
import { SESSION } from '../gallery/fixture-state.ts';
import { FRONT_ENDS, onHost, test } from './gallery-page.ts';

const LISTS = { phone: 'home', window: 'sessions' };

for (const frontEnd of FRONT_ENDS) {
  test.describe(`in the ${frontEnd}`, () => {
    test.use({ frontEnd });

    test('a new session is started in a typed folder and opened at once', async ({ gallery: { page, open } }) => {
      await open(LISTS[frontEnd]);
      await page.getByRole('button', { name: 'New session' }).click();
      const sheet = page.getByRole('dialog', { name: 'New session' });
      await sheet.getByRole('radio', { name: 'Codex' }).check();
      await sheet.getByRole('radio', { name: 'Another folder' }).check();
      await expect(sheet.getByRole('button', { name: 'Start session' })).toBeDisabled();
      await sheet.getByRole('textbox', { name: /^Path/ }).fill('/srv/site');
      await sheet.getByRole('button', { name: 'Start session' }).click();
      await expect(page.getByText('Starting a session')).toBeVisible();
      expect(await onHost(page, (host) => host.calls.value)).toEqual([
        { call: 'session.new', detail: { agent: 'codex', folder: '/srv/site' } },
      ]);
    });

    test.describe('the menu of a session', () => {
      test('renames it: the title has the focus, and Enter sends', async ({ gallery: { page, open } }) => {
        await open('session');
        await page.getByRole('button', { name: 'Session menu' }).click();
        await page.getByRole('button', { name: 'Rename' }).click();
        await expect(page.getByRole('textbox', { name: 'Title' })).toBeFocused();
        await page.keyboard.type('Notes for 0.2');
        await page.keyboard.press('Enter');
        await expect(page.getByRole('dialog')).toHaveCount(0);
        expect(await onHost(page, (host) => host.calls.value)).toEqual([
          { call: 'session.rename', detail: { title: 'Notes for 0.2' } },
        ]);
      });

      test('changes its mode', async ({ gallery: { page, open } }) => {
        await open('session');
        await page.getByRole('button', { name: 'Session menu' }).click();
        await page.getByRole('button', { name: 'Mode' }).click();
        await expect(page.getByRole('button', { name: /^Ask first/ })).toBeFocused();
        await page.getByRole('button', { name: /^Plan/ }).click();
        expect(await onHost(page, (host) => host.calls.value)).toEqual([
          { call: 'mode.set', detail: { mode: 'plan' } },
        ]);
      });

      test('asks before it ends it', async ({ gallery: { page, open } }) => {
        await open('session');
        await page.getByRole('button', { name: 'Session menu' }).click();
        await page.getByRole('button', { name: 'End session' }).click();
        await expect(page.getByRole('dialog', { name: 'End this session?' })).toBeVisible();
        await expect(page.getByRole('button', { name: 'Keep it' })).toBeFocused();
        expect(await onHost(page, (host) => host.calls.value)).toEqual([]);
        await page.getByRole('button', { name: 'End session' }).click();
        expect(await onHost(page, (host) => host.calls.value.map(({ call }) => call))).toEqual(['session.end']);
      });
    });

    test('an interrupted session is resumed from where it says so', async ({ gallery: { page, open } }) => {
      await open('session-uncertain');
      await page.getByRole('button', { name: 'Resume' }).click();
      await expect(page.getByText('sending')).toBeVisible();
      await expect(page.getByRole('button', { name: 'Resume' })).toHaveCount(0);
      expect(await onHost(page, (host) => host.outbox.value.map(({ kind, session }) => [kind, session]))).toEqual([
        ['session.resume', SESSION],
      ]);
    });

    test('arrow keys lead from session to session, and Enter opens one', async ({ gallery: { page, open } }) => {
      await open(LISTS[frontEnd]);
      const list = page.getByRole('list', { name: 'Open sessions' });
      const links = list.getByRole('link');
      await links.first().focus();
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('ArrowDown');
      await expect(links.nth(2)).toBeFocused();
      await page.keyboard.press('ArrowUp');
      await expect(links.nth(1)).toBeFocused();
      await page.keyboard.press('End');
      await expect(page.locator('summary', { hasText: 'Ended' })).toBeFocused();
      await page.keyboard.press('Home');
      await page.keyboard.press('Enter');
      await expect(page.getByRole('heading', { name: 'Back off when the relay is away', level: 1 })).toBeVisible();
    });
  });
}
