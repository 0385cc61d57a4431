import { expect } from '@playwright/test';
import { allowButton } from '../support/read-question.ts';
import { FRONT_ENDS, onHost, test } from './gallery-page.ts';

/** The page’s clock stands still except where a test moves it. */
const NOON = Date.parse('2026-11-22T12:00:00Z');
/** The window is never smaller than its last one. */
const SIZES = {
  phone: [
    [390, 844],
    [320, 568],
    [844, 390],
  ],
  window: [
    [1100, 760],
    [380, 480],
  ],
} as const;
const LISTS = { phone: 'home', window: 'sessions' };

for (const frontEnd of FRONT_ENDS) {
  test.describe(`in the ${frontEnd}`, () => {
    test.use({ frontEnd });

    test.describe('answering a question', () => {
      test('shows how far the answer has come, takes no second one, and the agent gets the option by its id', async ({
        gallery: { page, open },
      }) => {
        await open('session-approval');
        const questions = page.getByRole('region', { name: 'Waits for your answer' });
        await (await allowButton(questions)).click();
        await expect(questions.getByText('sending')).toBeVisible();
        await expect(questions.getByRole('button', { name: /Allow|Deny/ })).toHaveCount(0);
        expect(await onHost(page, (host) => host.calls.value)).toEqual([
          { call: 'answer', detail: { approval: 'ap-edit', option: 'once', digest: expect.any(String) } },
        ]);
        await onHost(page, (host) => host.receive(host.outbox.value[0]?.id ?? '', 'accepted'));
        await expect(questions.getByText('on your computer')).toBeVisible();
        await onHost(page, (host) => host.receive(host.outbox.value[0]?.id ?? '', 'applied'));
        await expect(questions.getByText('the agent has it')).toBeVisible();
      });

      test('with a denial can say why, and the words travel with it', async ({ gallery: { page, open } }) => {
        await open('session-approval');
        await page.getByRole('button', { name: 'Deny and say why' }).click();
        const send = page.getByRole('button', { name: 'Deny and say why' });
        await expect(send).toBeDisabled();
        await page.getByRole('textbox', { name: 'What should it do instead?' }).fill(' Keep the name. ');
        await send.click();
        expect(await onHost(page, (host) => host.calls.value)).toEqual([
          {
            call: 'answer',
            detail: { approval: 'ap-edit', option: 'no', digest: expect.any(String), note: ' Keep the name. ' },
          },
        ]);
      });

      for (const [width, height] of SIZES[frontEnd]) {
        test(`at ${width}×${height} is offered when the end was read, and moves nothing of it`, async ({
          gallery: { page, open },
        }) => {
          await page.setViewportSize({ width, height });
          await open('session-approval-tricky');
          const questions = page.getByRole('region', { name: 'Waits for your answer' });
          const end = questions.locator('.asked-end');
          await expect(end).not.toBeInViewport();
          await expect(questions.getByRole('button', { name: 'Yes, this once' })).toHaveCount(0);
          const allow = await allowButton(questions);
          // Where the answers stand below the end, both fit only on a screen that is not the smallest.
          if (height > 390) await expect(end).toBeInViewport();
          await allow.scrollIntoViewIfNeeded();
          await expect(allow).toBeInViewport({ ratio: 1 });
        });
      }

      test('elsewhere takes the buttons away and says where', async ({ gallery: { page, open } }) => {
        await open('session-approval');
        await expect(page.getByRole('group', { name: 'Allow' })).toBeVisible();
        await onHost(page, (host, session) => {
          const by = { device: 'other', name: 'iPad in the kitchen' };
          host.log(session).append({
            kind: 'approval.answered',
            body: { approval: 'ap-edit', option: { id: 'once', name: 'Allow', kind: 'allow_once' }, by },
          });
          const state = host.state.value;
          if (state) host.state.value = { ...state, approvals: [] };
        });
        await expect(
          page
            .getByRole('region', { name: 'Waits for your answer' })
            .getByText('Answered on iPad in the kitchen: Allow'),
        ).toBeVisible();
        await expect(page.getByRole('group', { name: 'Allow' })).toHaveCount(0);
      });

      test('that comes too early counts for no question: one that came above, or one that folded, moved them', async ({
        gallery: { page, open },
      }) => {
        await page.clock.install({ time: NOON });
        await open('session-approvals');
        await page.clock.pauseAt(NOON + 60_000);
        await page.clock.runFor(2000);
        const first = page.getByRole('article', { name: 'Run a command in checkout' });
        const second = page.getByRole('article', { name: 'Edit src/relay/relay-link.ts' }).last();
        const allow = await allowButton(second);
        await page.clock.runFor(2000);
        const answers = () => onHost(page, (host) => host.calls.value.map(({ detail }) => detail));
        await onHost(page, (host) => {
          const state = host.state.value;
          const [one] = state?.approvals ?? [];
          if (!state || !one) throw new Error('Nothing is asked.');
          const earlier = { ...one, approval: 'earlier', title: 'Asked before', askedAt: one.askedAt - 3_600_000 };
          host.state.value = { ...state, approvals: [earlier, ...state.approvals] };
        });
        await expect(page.getByRole('article', { name: 'Asked before' })).toBeVisible();
        const yes = first.getByRole('button', { name: 'Yes', exact: true });
        await yes.dispatchEvent('click');
        expect(await answers()).toEqual([]);
        await page.clock.runFor(800);
        await yes.dispatchEvent('click');
        await expect(first.getByText('sending')).toBeVisible();
        // The card that was answered has folded, and the next one stands where it stood.
        await allow.dispatchEvent('click');
        await page.clock.runFor(600);
        await allow.dispatchEvent('click');
        expect(await answers()).toEqual([expect.objectContaining({ approval: 'ap-run', option: 'o1' })]);
        await page.clock.runFor(200);
        await allow.dispatchEvent('click');
        expect(await answers()).toEqual([
          expect.objectContaining({ approval: 'ap-run', option: 'o1' }),
          expect.objectContaining({ approval: 'ap-edit', option: 'once' }),
        ]);
      });

      test('is possible from the list, and a new question is announced to those who do not see it', async ({
        gallery: { page, open },
      }) => {
        await open(LISTS[frontEnd]);
        const card = page.getByRole('article', { name: 'Run a command in checkout' });
        await expect(card.getByText('rm -rf dist && npm run build')).toBeVisible();
        await card.getByRole('button', { name: 'No', exact: true }).click();
        await expect(card.getByText('sending')).toBeVisible();
        await onHost(page, (host) => {
          const state = host.state.value;
          const [first] = state?.approvals ?? [];
          if (state && first)
            host.state.value = {
              ...state,
              approvals: [...state.approvals, { ...first, approval: 'new', title: 'Fetch a page' }],
            };
        });
        await expect(page.locator('[aria-live]').filter({ hasText: 'Needs your answer: Fetch a page' })).toBeAttached();
      });
    });
  });
}
