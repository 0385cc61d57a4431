/** When a page listens to what it shows. */
import type { Page } from '@playwright/test';

/**
 * Waits until the effects of all that is drawn by now have run: keys are heard, calls are made. Preact runs them in a task after
 * the frame that follows a drawing, and a drawing can be seen before that.
 */
export async function effectsRun(page: Page): Promise<void> {
  await page.evaluate(async () => {
    // Effects may draw once more, and that drawing has effects of its own.
    for (let drawing = 0; drawing < 2; drawing += 1)
      await new Promise<void>((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
  });
}
