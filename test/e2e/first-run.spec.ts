import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from '@playwright/test';
import { pairWithTerminal } from '../support/phone-page.ts';
import { test } from './fixture.ts';

test('a newcomer pairs a browser, starts a demo session, allows its edit and sees the diff', async ({
  openPhone,
  host,
  folder,
}) => {
  const phone = await openPhone();
  await pairWithTerminal(phone, host, 'My phone');
  await phone.startSession(/Demo/, 'First steps');
  await phone.prompt('Show me what you can do');
  await phone.allow();
  await expect(phone.page.locator('.diff').first()).toBeVisible();
  await expect(phone.page.getByText('the agent has it').first()).toBeVisible();
  await expect(phone.page.locator('.session-head').getByText('Idle')).toBeVisible();
  expect(readFileSync(join(folder, 'demo', 'hello.js'), 'utf8')).not.toBe('');
  expect(phone.problems).toEqual([]);
});
