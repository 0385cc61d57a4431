/** A question on the screen can be allowed only when its end has been seen. */
import { expect, type Locator } from '@playwright/test';

/** The first button that allows the question, or the first of the questions, in `within`: it is there once all of that has been read. */
export async function allowButton(within: Locator): Promise<Locator> {
  const group = within.getByRole('group', { name: 'Allow', exact: true }).first();
  const readOn = group.getByRole('button', { name: 'Read on, then allow' });
  const allow = group.locator('button[aria-describedby]').first();
  await group.waitFor();
  await expect(async () => {
    if ((await readOn.count()) > 0) await readOn.click({ timeout: 1_000 });
    await expect(allow).toBeVisible({ timeout: 500 });
  }).toPass();
  return allow;
}
