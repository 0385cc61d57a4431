import { expect } from '@playwright/test';
import { SESSION } from '../gallery/fixture-state.ts';
import { FRONT_ENDS, onHost, test } from './gallery-page.ts';

for (const frontEnd of FRONT_ENDS) {
  test.describe(`in the ${frontEnd}`, () => {
    test.use({ frontEnd });

    test.describe('writing', () => {
      test('Enter sends, Shift+Enter breaks the line, and the prompt shows its receipt', async ({
        gallery: { page, open },
      }) => {
        await open('session');
        const field = page.getByRole('textbox', { name: 'Prompt' });
        await field.fill('one');
        await field.press('Shift+Enter');
        await field.pressSequentially('two');
        await field.press('Enter');
        await expect(field).toHaveValue('');
        const feed = page.getByRole('feed');
        await expect(feed.getByText('one\ntwo')).toBeVisible();
        await expect(feed.getByText('sending')).toBeVisible();
        const id = await onHost(page, (host) => host.outbox.value[0]?.id ?? '');
        await page.evaluate(
          ([session, command]) => {
            const { host } = window;
            host.receive(command as string, 'accepted');
            host.log(session as string).append({
              kind: 'prompt',
              body: { command: command as string, text: 'one\ntwo', by: { device: 'd', name: 'This phone' } },
            });
          },
          [SESSION, id],
        );
        await expect(feed.getByText('on your computer')).toBeVisible();
        await page.evaluate(
          ([session, command]) => {
            window.host
              .log(session as string)
              .append(
                { kind: 'turn.started', body: { command: command as string } },
                { kind: 'turn.acknowledged', body: { command: command as string } },
              );
          },
          [SESSION, id],
        );
        await expect(feed.getByText('the agent has it').last()).toBeVisible();
        await expect(feed.getByText('one\ntwo')).toHaveCount(1);
      });

      test('the Enter that ends a composition sends nothing, and what was written goes as it was written', async ({
        gallery: { page, open },
      }) => {
        await open('session');
        const field = page.getByRole('textbox', { name: 'Prompt' });
        await field.fill('    indented\n変換');
        // As Safari sends it: the composition is over already.
        await field.evaluate((element) => {
          const enter = { key: 'Enter', keyCode: 229, bubbles: true, cancelable: true };
          element.dispatchEvent(new KeyboardEvent('keydown', enter));
        });
        expect(await onHost(page, (host) => host.outbox.value.length)).toBe(0);
        await field.press('Enter');
        await expect(field).toHaveValue('');
        expect(await onHost(page, (host) => host.outbox.value.map(({ body }) => body))).toEqual([
          { text: '    indented\n変換' },
        ]);
      });

      test('a prompt that was stored just before the page was loaded again is not left in the field', async ({
        gallery: { page, open },
      }) => {
        await open('session');
        const field = page.getByRole('textbox', { name: 'Prompt' });
        await field.fill('once only');
        await page.evaluate(() => {
          const { host } = window;
          // It is stored, and the page is gone before it hears of that.
          host.send = () => new Promise(() => {});
        });
        await field.press('Enter');
        await open('session');
        await expect(field).toHaveValue('once only');
        await page.evaluate((session) => window.host.send('prompt', session as string, { text: 'once only' }), SESSION);
        await expect(field).toHaveValue('');

        // The same words again are another prompt as long as they were not stored again.
        await page.evaluate((session) => {
          const { host } = window;
          const body = { command: 'before', text: 'once only', by: { device: 'd', name: 'This phone' } };
          host.log(session as string).append({ kind: 'prompt', body });
          host.outbox.value = [];
          host.send = () => new Promise(() => {});
        }, SESSION);
        await field.fill('once only');
        await field.press('Enter');
        await open('session');
        await page.evaluate((session) => {
          const body = { command: 'before', text: 'other words', by: { device: 'd', name: 'This phone' } };
          window.host.log(session as string).append({ kind: 'prompt', body });
        }, SESSION);
        await expect(page.getByText('other words')).toBeVisible();
        await expect(field).toHaveValue('once only');
      });

      test('a draft outlives leaving the session', async ({ gallery: { page, open } }) => {
        // Narrow, so that the way back is there in both.
        await page.setViewportSize({ width: 760, height: 700 });
        await open('session');
        await page.getByRole('textbox', { name: 'Prompt' }).fill('half a thought');
        await page.getByRole('button', { name: 'Back to the list' }).click();
        await page
          .getByRole('link', { name: /Back off when the relay is away/ })
          .first()
          .click();
        await expect(page.getByRole('textbox', { name: 'Prompt' })).toHaveValue('half a thought');
      });

      test('a refused prompt says why and comes back into the field', async ({ gallery: { page, open } }) => {
        await open('session-receipts');
        await expect(page.getByText('32 prompts wait already.')).toBeVisible();
        await page.getByRole('button', { name: 'Edit and resend' }).click();
        await expect(page.getByRole('textbox', { name: 'Prompt' })).toHaveValue('Far too many prompts');
        await expect(page.getByText('32 prompts wait already.')).toHaveCount(0);
      });

      test('a prompt that waits can be taken back', async ({ gallery: { page, open } }) => {
        await open('session-offline');
        await expect(page.getByText('waiting for connection')).toBeVisible();
        await page.getByRole('button', { name: 'Take back' }).click();
        await expect(page.getByText('waiting for connection')).toHaveCount(0);
        expect(await onHost(page, (host) => host.calls.value)).toEqual([{ call: 'withdraw', detail: 'q9' }]);
      });

      test('an uncertain prompt runs again only when a person says so', async ({ gallery: { page, open } }) => {
        await open('session-uncertain');
        await page.getByRole('button', { name: 'Run again' }).click();
        expect(await onHost(page, (host) => host.calls.value)).toEqual([
          { call: 'prompt.resolve', detail: { command: 'c1', decision: 'run-again' } },
        ]);
        await expect(page.getByRole('button', { name: 'Leave it' })).toHaveCount(0);
      });

      test('the turn can be stopped, once', async ({ gallery: { page, open } }) => {
        await open('session-working');
        await page.getByRole('button', { name: 'Stop the agent' }).click();
        await expect(page.getByRole('button', { name: 'Stopping' })).toBeDisabled();
        expect(await onHost(page, (host) => host.calls.value.map(({ call }) => call))).toEqual(['cancel']);
      });
    });
  });
}
