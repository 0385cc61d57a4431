import { expect } from '@playwright/test';
import { pairWithTerminal } from '../support/phone-page.ts';
import { test } from './fixture.ts';

test('the terminal lists what each session takes of the computer, and ends the one that is chosen', async ({
  openPhone,
  host,
}) => {
  host.press('l');
  await host.untilPrinted(/No session is running\./);
  const phone = await openPhone();
  await pairWithTerminal(phone, host, 'My phone');
  await phone.startSession(/Demo/, 'Stays');
  await phone.backToList();
  await phone.startSession(/Demo/, 'At work');
  await phone.prompt('long 100000');
  await expect(phone.page.locator('.session-head').getByText('Working')).toBeVisible();

  let from = 0;
  let list = '';
  // What a process takes of a core is known after the second look at it.
  await expect(async () => {
    from = host.output().length;
    host.press('l');
    await host.untilPrinted(/Press a number to end that session/, from);
    list = host.output().slice(from);
    if (!list.includes('of one core')) host.press('x');
    expect(list).toContain('of one core');
  }).toPass();
  // What works stands before what rests.
  expect(list).toMatch(/^ {2}1 {2}At work {2}Demo agent {2}works {2}\d+ s {2,}\d+ MB {2,}\d+ %$/m);
  expect(list).toMatch(/^ {2}2 {2}Stays {4}Demo agent {2}idle {3}\d+ s {2,}\d+ MB {2,}\d+ %$/m);
  expect(list).toMatch(/^ {5}All 2 sessions: \d+ processes, \d+ MB, \d+ % of one core$/m);
  expect(list).toMatch(/^ {5}Baton itself: \d+ MB, the keeper of its agents \d+ MB$/m);

  from = host.output().length;
  host.press('1');
  await host.untilPrinted(/End “At work”\?\n {2}Demo agent is in the middle of a turn, which is stopped\./, from);
  host.press('y');
  await host.untilPrinted(/“At work” has ended; its agent is gone\./, from);
  await expect(phone.page.locator('.session-head').getByText('Ended')).toBeVisible();

  from = host.output().length;
  host.press('l');
  await host.untilPrinted(/Press a number/, from);
  expect(host.output().slice(from)).toMatch(/^ {2}1 {2}Stays .*\n {5}In all: 1 process, /m);
  host.press('x');
  expect(phone.problems).toEqual([]);
});
