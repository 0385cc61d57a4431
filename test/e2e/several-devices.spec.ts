import { expect } from '@playwright/test';
import { pairWithTerminal, showNewCode } from '../support/phone-page.ts';
import { test } from './fixture.ts';

test('two browsers see the same, a third may only watch, and revoking one leaves the others alone', async ({
  openPhone,
  host,
}) => {
  const [one, two, watcher] = await Promise.all([openPhone(), openPhone(), openPhone()]);
  await pairWithTerminal(one, host, 'Phone one');
  await showNewCode(host);
  await pairWithTerminal(two, host, 'Phone two');
  await showNewCode(host);
  await pairWithTerminal(watcher, host, 'Watcher', 'w');

  await one.startSession(/Demo/, 'Shared session');
  await two.openSession('Shared session');
  await watcher.openSession('Shared session');
  await one.prompt('Show me what you can do');

  for (const phone of [one, two])
    await expect(phone.questions.getByRole('group', { name: 'Allow', exact: true })).toBeVisible();
  await expect(watcher.questions.getByText('may only watch')).toBeVisible();
  await expect(watcher.page.getByRole('textbox', { name: 'Prompt' })).toHaveCount(0);

  await two.allow();
  await expect(one.questions.getByText('Answered on Phone two')).toBeVisible();
  for (const phone of [one, two, watcher]) {
    await expect(phone.page.locator('.diff').first()).toBeVisible();
    await expect(phone.page.locator('.session-head').getByText('Idle')).toBeVisible();
  }

  const before = host.output().length;
  host.press('d');
  const [, number] = await host.untilPrinted(/(\d) {2}Phone two/, before);
  host.press(`${number}y`);
  await expect(two.page.locator('.status-text')).toHaveText(/revoked/);
  await one.prompt('echo: still here');
  await expect(one.page.getByText('still here').last()).toBeVisible();
  await expect(watcher.page.getByText('still here').last()).toBeVisible();
  await expect(two.page.getByText('still here')).toHaveCount(0);
});
