/** Where the rows of a session stand on the screen. */
import type { Page } from '@playwright/test';

/** Waits until two frames in a row, from now on, show the same rows at the same places. */
export async function settled(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const nextPlaces = () =>
      new Promise<string>((resolve) =>
        requestAnimationFrame(() => {
          const rows = [...document.querySelectorAll('.feed-row')];
          resolve(rows.map((row) => Math.round(row.getBoundingClientRect().top)).join());
        }),
      );
    let last = '';
    let places = '';
    do {
      last = places;
      places = await nextPlaces();
    } while (places === '' || places !== last);
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
