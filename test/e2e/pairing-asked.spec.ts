import { join } from 'node:path';
import { expect } from '@playwright/test';
import { startHost, type TestHost } from '../support/test-host.ts';
import { test as base } from './fixture.ts';

const PAGE = join(import.meta.dirname, '../../dist/phone');

const test = base.extend<{ computer: TestHost }>({
  // biome-ignore lint/correctness/noEmptyPattern: the runner reads which fixtures are needed from this pattern.
  computer: async ({}, use) => {
    const computer = await startHost({ relay: { phoneFolder: PAGE } });
    await computer.until('the relay', () => computer.host.remote.status.kind === 'connected');
    await use(computer);
    await computer.stop();
  },
});

test('while one browser waits for the answer another is not asked about, and hears why', async ({
  computer,
  openPhone,
}) => {
  const { pairing } = computer.host.remote;
  const [first, second] = [await openPhone(), await openPhone()];
  const [one, other] = [await pairing.show(), await pairing.show()];
  const digits = await first.beginPairing(one.link, 'First');
  expect(pairing.requests).toMatchObject([{ name: 'First', digits }]);
  await second.page.goto(other.link);
  await second.page.getByRole('button', { name: 'Connect' }).click();
  await expect(second.page.getByText(/Another device waits for an answer at the computer/)).toBeVisible();
  await expect(second.page.getByText(/Nothing was stored on this device/)).toBeVisible();
  expect(pairing.requests).toMatchObject([{ name: 'First', digits }]);
  pairing.allow(pairing.requests[0]?.id ?? '', 'full');
  await first.finishPairing();
});

test('when nobody answers, the browser is told so in the computer’s words', async ({ computer, openPhone }) => {
  const { pairing } = computer.host.remote;
  const phone = await openPhone();
  await phone.beginPairing((await pairing.show()).link, 'Phone');
  pairing.deny(pairing.requests[0]?.id ?? '', 'Nobody answered at the computer in time.');
  await expect(phone.page.getByText(/Nobody answered at the computer in time/)).toBeVisible();
});
