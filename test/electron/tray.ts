/** `Tray`: remembers what a person would see, and lets the test click it. */
import { EventEmitter } from 'node:events';
import type { StandInApp } from './app.ts';
import type { DesktopWire } from './desktop-wire.ts';
import type { StandInMenu } from './menu.ts';
import type { TrayView } from './messages.ts';
import { imageFrom, type StandInNativeImage } from './native-image.ts';

type Used =
  | 'destroy'
  | 'getBounds'
  | 'isDestroyed'
  | 'popUpContextMenu'
  | 'setContextMenu'
  | 'setIgnoreDoubleClickEvents'
  | 'setImage'
  | 'setPressedImage'
  | 'setTitle'
  | 'setToolTip';

const BOUNDS: Electron.Rectangle = { x: 1200, y: 0, width: 22, height: 22 };

export type TrayClass = new (
  image: string | Electron.NativeImage,
  guid?: string,
) => EventEmitter & Pick<Electron.Tray, Used>;

/** Apps write `new Tray(…)`, so the class is made for its surroundings once. */
export function createTrayClass(app: StandInApp, desktop: DesktopWire): TrayClass {
  let shown: StandInTray | null = null;
  const first = Promise.withResolvers<void>();

  class StandInTray extends EventEmitter implements Pick<Electron.Tray, Used> {
    #image: StandInNativeImage;
    #tooltip = '';
    #menu: StandInMenu | null = null;
    #isDestroyed = false;

    constructor(image: string | Electron.NativeImage, ...guid: [guid?: string]) {
      super();
      app.requireReady('Tray');
      if (guid.length > 0 && guid[0] === undefined) throw new TypeError('Windows refuses a GUID of undefined.');
      if (shown) throw new Error('There is a tray already: change it in place.');
      this.#image = imageFrom(image);
      shown = this;
      first.resolve();
    }

    setImage(image: string | Electron.NativeImage): void {
      this.#image = imageFrom(image);
    }

    setPressedImage(image: string | Electron.NativeImage): void {
      imageFrom(image);
    }

    setToolTip(tooltip: string): void {
      this.#tooltip = tooltip;
    }

    setTitle(): void {}
    setIgnoreDoubleClickEvents(): void {}

    setContextMenu(menu: Electron.Menu | null): void {
      this.#menu = menu as unknown as StandInMenu | null;
    }

    /** It stays open until an item is clicked, so a menu that was popped up is the one on show. */
    popUpContextMenu(menu?: Electron.Menu): void {
      if (menu) this.#menu = menu as unknown as StandInMenu;
    }

    getBounds(): Electron.Rectangle {
      return { ...BOUNDS };
    }

    isDestroyed(): boolean {
      return this.#isDestroyed;
    }

    destroy(): void {
      this.#isDestroyed = true;
      shown = null;
    }

    view(): TrayView {
      return { tooltip: this.#tooltip, iconPath: this.#image.path, items: this.#menu?.view() ?? [] };
    }

    press(labels: readonly string[]): void {
      if (!this.#menu) throw new Error('The tray has no menu.');
      this.#menu.press(labels);
    }
  }

  const untilShown = async (): Promise<StandInTray> => {
    await first.promise;
    if (!shown) throw new Error('The app shows no tray any more.');
    return shown;
  };
  desktop.answer('tray.read', async () => (await untilShown()).view());
  desktop.answer('tray.click', async ({ button }) => {
    const tray = await untilShown();
    tray.emit(button === 'left' ? 'click' : 'right-click', {}, tray.getBounds(), { x: BOUNDS.x, y: BOUNDS.y });
    return null;
  });
  desktop.answer('menu.click', async ({ labels }) => {
    (await untilShown()).press(labels);
    return null;
  });
  return StandInTray;
}
