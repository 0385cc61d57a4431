/** Reads a QR code as a camera would: from the pixels on the screen. */
import type { Page } from '@playwright/test';
import jsqr from 'jsqr';

/** Of what `shown` has on its screen now; null if no code can be made out. `canvas` is any page without a policy against it, to decode the picture. */
export async function readQr(shown: Page, canvas: Page): Promise<string | null> {
  const picture = (await shown.screenshot()).toString('base64');
  const { width, height, pixels } = await canvas.evaluate(async (base64) => {
    const bitmap = await createImageBitmap(await (await fetch(`data:image/png;base64,${base64}`)).blob());
    const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d');
    if (!context) throw new Error('This page has no canvas.');
    context.drawImage(bitmap, 0, 0);
    const { data } = context.getImageData(0, 0, bitmap.width, bitmap.height);
    let text = '';
    for (let at = 0; at < data.length; at += 0x8000) text += String.fromCharCode(...data.subarray(at, at + 0x8000));
    return { width: bitmap.width, height: bitmap.height, pixels: btoa(text) };
  }, picture);
  return jsqr(new Uint8ClampedArray(Buffer.from(pixels, 'base64')), width, height)?.data ?? null;
}
