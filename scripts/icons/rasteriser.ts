/** Turns SVG into pixels, with the Chromium that the tests use. */
import { type Browser, chromium, type Page } from 'playwright';
import { chromiumArguments } from '#test/support/chromium.ts';
import type { Picture } from './png.ts';

export class Rasteriser {
  readonly #browser: Browser;
  readonly #page: Page;

  private constructor(browser: Browser, page: Page) {
    this.#browser = browser;
    this.#page = page;
  }

  static async open(executablePath: string): Promise<Rasteriser> {
    const browser = await chromium.launch({ executablePath, args: chromiumArguments() });
    return new Rasteriser(browser, await browser.newPage());
  }

  /** A square of `size` pixels; the drawing fills `scale` of it, on `ground`. */
  async draw(
    svg: string,
    size: number,
    { scale = 1, ground = '' }: { scale?: number; ground?: string } = {},
  ): Promise<Picture> {
    const encoded = await this.#page.evaluate(
      async ({ svg, size, scale, ground }) => {
        const image = new Image();
        image.src = `data:image/svg+xml,${encodeURIComponent(svg)}`;
        await image.decode();
        const canvas = document.createElement('canvas');
        canvas.width = size;
        canvas.height = size;
        const context = canvas.getContext('2d');
        if (context === null) throw new Error('This browser draws nothing.');
        if (ground !== '') {
          context.fillStyle = ground;
          context.fillRect(0, 0, size, size);
        }
        const inner = Math.round(size * scale);
        const edge = (size - inner) / 2;
        context.drawImage(image, edge, edge, inner, inner);
        const { data } = context.getImageData(0, 0, size, size);
        let text = '';
        for (const byte of data) text += String.fromCharCode(byte);
        return btoa(text);
      },
      { svg, size, scale, ground },
    );
    return { width: size, height: size, pixels: Buffer.from(encoded, 'base64') };
  }

  /** A page as people see it, for a sheet of icons. */
  async photograph(html: string, width: number): Promise<Buffer> {
    await this.#page.setViewportSize({ width, height: 100 });
    await this.#page.setContent(html);
    return await this.#page.locator('body').screenshot();
  }

  async close(): Promise<void> {
    await this.#browser.close();
  }
}
