/** Where the rows of a session stand on the screen. */
import type { Page } from '@playwright/test';

/** Waits until two frames in a row show the same rows at the same places. */
export async function settled(page: Page): Promise<void> {
  await page.waitForFunction(() => {
    const state = window as unknown as { lastPlaces?: string };
    const places = [...document.querySelectorAll('.feed-row')]
      .map((row) => Math.round(row.getBoundingClientRect().top))
      .join();
    const isSame = state.lastPlaces === places;
    state.lastPlaces = places;
    return isSame;
  });
}

/** What stands first in view, and how far from the top. */
export async function firstVisible(page: Page): Promise<{ text: string; top: number }> {
  return page.evaluate(() => {
    const top = document.querySelector('.feed')?.getBoundingClientRect().top ?? 0;
    const row = [...document.querySelectorAll('.feed-row')].find(
      (element) => element.getBoundingClientRect().bottom > top + 1,
    );
    return { text: row?.textContent ?? '', top: Math.round((row?.getBoundingClientRect().top ?? 0) - top) };
  });
}
