/** `Menu` and `MenuItem`: kept as they were built, and clicked by the test as a person would. */
import { EventEmitter } from 'node:events';
import type { MenuView } from './messages.ts';

type Template = readonly (Electron.MenuItemConstructorOptions | StandInMenuItem)[];
type ItemUsed = 'id' | 'label' | 'sublabel' | 'toolTip' | 'type' | 'enabled' | 'visible' | 'checked';

export class StandInMenuItem implements Pick<Electron.MenuItem, ItemUsed> {
  readonly id: string;
  readonly label: string;
  readonly sublabel: string;
  readonly toolTip: string;
  readonly type: Electron.MenuItem['type'];
  readonly submenu: StandInMenu | null;
  enabled: boolean;
  visible: boolean;
  checked: boolean;
  readonly #click: Electron.MenuItemConstructorOptions['click'];

  constructor(options: Electron.MenuItemConstructorOptions) {
    if (options.role) throw new Error(`The stand-in has no menu roles such as ${options.role}: give the item a click.`);
    this.id = options.id ?? '';
    this.label = options.label ?? '';
    this.sublabel = options.sublabel ?? '';
    this.toolTip = options.toolTip ?? '';
    this.type = options.type ?? (options.submenu ? 'submenu' : 'normal');
    this.enabled = options.enabled ?? true;
    this.visible = options.visible ?? true;
    this.checked = options.checked ?? false;
    this.submenu = Array.isArray(options.submenu) ? StandInMenu.buildFromTemplate(options.submenu) : null;
    this.#click = options.click;
  }

  /** Sets the mark first, as the system does, and then calls the app. */
  press(siblings: readonly StandInMenuItem[]): void {
    if (this.type === 'checkbox') this.checked = !this.checked;
    if (this.type === 'radio') {
      for (const item of groupOf(this, siblings)) item.checked = item === this;
    }
    this.#click?.(this as unknown as Electron.MenuItem, undefined, {} as Electron.KeyboardEvent);
  }

  view(): MenuView {
    const { label, type, enabled, checked, visible, submenu } = this;
    return {
      label,
      type,
      isEnabled: enabled,
      isChecked: checked,
      isVisible: visible,
      items: submenu?.view() ?? [],
    };
  }
}

export class StandInMenu
  extends EventEmitter
  implements Pick<Electron.Menu, 'getMenuItemById' | 'popup' | 'closePopup'>
{
  static #applicationMenu: StandInMenu | null = null;
  items: StandInMenuItem[] & Electron.MenuItem[] = [];

  static buildFromTemplate(template: Template): StandInMenu {
    const menu = new StandInMenu();
    for (const options of template) {
      menu.append(options instanceof StandInMenuItem ? options : new StandInMenuItem(options));
    }
    return menu;
  }

  static setApplicationMenu(menu: StandInMenu | null): void {
    StandInMenu.#applicationMenu = menu;
  }

  static getApplicationMenu(): StandInMenu | null {
    return StandInMenu.#applicationMenu;
  }

  append(item: StandInMenuItem): void {
    this.items.push(item as StandInMenuItem & Electron.MenuItem);
  }

  getMenuItemById(id: string): Electron.MenuItem | null {
    for (const item of this.items as StandInMenuItem[]) {
      if (item.id === id) return item as unknown as Electron.MenuItem;
      const found = item.submenu?.getMenuItemById(id);
      if (found) return found;
    }
    return null;
  }

  popup(): void {}
  closePopup(): void {}

  view(): MenuView[] {
    return (this.items as StandInMenuItem[]).map((item) => item.view());
  }

  /** Throws unless each label names exactly one item that is visible and enabled. */
  press(labels: readonly string[]): void {
    const [label, ...rest] = labels;
    const items: readonly StandInMenuItem[] = this.items;
    const found = items.filter((item) => item.label === label && item.visible);
    const [item] = found;
    if (!item || found.length > 1) {
      throw new Error(
        `${found.length} items are called "${label}". There are: ${items.map((one) => one.label).join(' | ')}`,
      );
    }
    if (!item.enabled) throw new Error(`"${label}" is disabled.`);
    if (rest.length === 0) item.press(items);
    else if (item.submenu) item.submenu.press(rest);
    else throw new Error(`"${label}" has no submenu.`);
  }
}

/** The radio items that stand together. */
function groupOf(item: StandInMenuItem, siblings: readonly StandInMenuItem[]): StandInMenuItem[] {
  const at = siblings.indexOf(item);
  const isRadio = (index: number) => siblings[index]?.type === 'radio';
  let [from, to] = [at, at];
  while (isRadio(from - 1)) from--;
  while (isRadio(to + 1)) to++;
  return siblings.slice(from, to + 1);
}
