import { expect } from '@playwright/test';
import { onHost, test } from './gallery-page.ts';

test.describe('answering a question', () => {
  test('shows how far the answer has come, takes no second one, and the agent gets the option by its id', async ({
    gallery: { page, open },
  }) => {
    await open('session-approval');
    const questions = page.getByRole('region', { name: 'Waits for your answer' });
    await questions.getByRole('group', { name: 'Allow' }).getByRole('button').first().click();
    await expect(questions.getByText('sending')).toBeVisible();
    await expect(questions.getByRole('button', { name: /Allow|Deny/ })).toHaveCount(0);
    expect(await onHost(page, (host) => host.calls.value)).toEqual([
      { call: 'answer', detail: { approval: 'ap-edit', option: 'once' } },
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
      { call: 'answer', detail: { approval: 'ap-edit', option: 'no', note: 'Keep the name.' } },
    ]);
  });

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
      page.getByRole('region', { name: 'Waits for your answer' }).getByText('Answered on iPad in the kitchen: Allow'),
    ).toBeVisible();
    await expect(page.getByRole('group', { name: 'Allow' })).toHaveCount(0);
  });

  test('is not offered to a device that may only watch, nor to one whose access was revoked', async ({
    gallery: { page, open },
  }) => {
    await open('session-watch');
    await expect(page.getByText('This device may only watch. Answer on the computer')).toBeVisible();
    await expect(page.getByRole('group', { name: 'Allow' })).toHaveCount(0);
    await expect(page.getByRole('textbox', { name: 'Prompt' })).toHaveCount(0);
    await open('home-revoked');
    await expect(page.getByText('It cannot be answered from here now.').first()).toBeVisible();
    await expect(page.getByRole('group', { name: 'Allow' })).toHaveCount(0);
  });

  test('has large buttons, allow and deny well apart', async ({ gallery: { page, open } }) => {
    await open('session-approval');
    const allow = await page.getByRole('group', { name: 'Allow' }).getByRole('button').all();
    const deny = await page.getByRole('group', { name: 'Deny' }).getByRole('button').all();
    const boxes = async (buttons: typeof allow) =>
      Promise.all(buttons.map(async (button) => (await button.boundingBox()) ?? { y: 0, height: 0 }));
    const [allowed, denied] = [await boxes(allow), await boxes(deny)];
    for (const box of [...allowed, ...denied]) expect(box.height).toBeGreaterThanOrEqual(48);
    const lowestAllow = Math.max(...allowed.map(({ y, height }) => y + height));
    expect(Math.min(...denied.map(({ y }) => y)) - lowestAllow).toBeGreaterThanOrEqual(24);
  });

  test('is possible from the list, and a new question is announced to those who do not see it', async ({
    gallery: { page, open },
  }) => {
    await open('home');
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
    await expect(page.getByRole('status').filter({ hasText: 'Needs your answer: Fetch a page' })).toBeAttached();
  });
});
