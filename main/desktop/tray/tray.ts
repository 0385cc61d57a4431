/** The one tray icon: made once, changed in place, with the manners of each system. */
import { join } from 'node:path';
import type { Menu, MenuItemConstructorOptions, NativeTheme, Rectangle, Tray } from 'electron';
import type { AppView } from '#preload/contract.ts';
import type { TrayState } from './tray-state.ts';

export interface TrayIconOptions {
  readonly system: AppView['system'];
  /** `assets/tray`. */
  readonly folder: string;
  readonly createTray: (image: string) => Tray;
  readonly buildMenu: (template: MenuItemConstructorOptions[]) => Menu;
  readonly theme: Pick<NativeTheme, 'shouldUseDarkColorsForSystemIntegratedUI' | 'on' | 'off'>;
  /** Linux: the name of the desktop, from `XDG_CURRENT_DESKTOP`. */
  readonly desktop: string;
  /** The menu as it is now. */
  readonly renderMenu: () => MenuItemConstructorOptions[];
  /** Where the menu is opened by a click of its own: it is about to open. */
  readonly onMenu: () => void;
  /** A click on the icon itself. */
  readonly onActivate: () => void;
}

/** Dispose it only when Baton quits: some desktops never show a second icon of the same program. */
export class TrayIcon {
  readonly #options: TrayIconOptions;
  readonly #tray: Tray;
  readonly #onTheme = () => this.#showImage();
  #state: TrayState;
  #image: string;
  #tooltip = '';
  #menuText = '';
  #isDisposed = false;

  constructor(options: TrayIconOptions, state: TrayState) {
    this.#options = options;
    this.#state = state;
    this.#image = this.#imageOf(state);
    this.#tray = options.createTray(this.#image);
    this.#tray.on('click', () => options.onActivate());
    // A menu that is set would open on a left click on macOS; there, and on Windows, it is made when it is asked for.
    if (options.system !== 'linux') this.#tray.on('right-click', () => this.#popUpMenu());
    if (options.system === 'mac') this.#tray.setIgnoreDoubleClickEvents(true);
    options.theme.on('updated', this.#onTheme);
    this.update(state);
  }

  /** Where it is on the screen; null where the system does not say. */
  get bounds(): Rectangle | null {
    return this.#options.system === 'linux' ? null : this.#tray.getBounds();
  }

  /** Only what differs reaches the system. */
  update(state: TrayState): void {
    this.#state = state;
    this.#showImage();
    if (state.tooltip !== this.#tooltip) {
      this.#tooltip = state.tooltip;
      this.#tray.setToolTip(state.tooltip);
    }
    if (this.#options.system === 'linux') this.#setMenu();
  }

  dispose(): void {
    this.#isDisposed = true;
    this.#options.theme.off('updated', this.#onTheme);
    this.#tray.destroy();
  }

  /** On Linux a menu that is shown already does not change: it is set again after each change. */
  #setMenu(): void {
    const template = this.#options.renderMenu();
    const text = JSON.stringify(template);
    if (text === this.#menuText) return;
    this.#menuText = text;
    this.#tray.setContextMenu(this.#options.buildMenu(template));
  }

  /** After a click the system has ticked a box by itself, whatever came of it. */
  refreshMenu(): void {
    if (this.#isDisposed) return;
    this.#menuText = '';
    if (this.#options.system === 'linux') this.#setMenu();
  }

  #popUpMenu(): void {
    this.#options.onMenu();
    this.#tray.popUpContextMenu(this.#options.buildMenu(this.#options.renderMenu()));
  }

  #showImage(): void {
    const image = this.#imageOf(this.#state);
    if (image === this.#image) return;
    this.#image = image;
    this.#tray.setImage(image);
  }

  #imageOf({ icon }: TrayState): string {
    const { system, folder, theme, desktop } = this.#options;
    if (system === 'mac') return join(folder, 'mac', `${icon}Template.png`);
    // GNOME's panel is dark whatever the colours of windows are.
    const isDark = theme.shouldUseDarkColorsForSystemIntegratedUI || (system === 'linux' && /gnome/i.test(desktop));
    const tone = isDark ? 'dark' : 'light';
    return system === 'windows'
      ? join(folder, 'windows', `${icon}-${tone}.ico`)
      : join(folder, 'linux', `${icon}-${tone}.png`);
  }
}
