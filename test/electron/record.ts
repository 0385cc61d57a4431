/**
 * The entry with which tests start real Electron: writes down what the app shows outside its windows and answers in the person's place,
 * then runs the app unmodified. Its types are removed before Electron, which knows none, gets it; so it imports no other file.
 */
import {
  BrowserWindow,
  clipboard,
  dialog,
  ipcMain,
  type MenuItem,
  Notification,
  nativeTheme,
  powerMonitor,
  powerSaveBlocker,
  safeStorage,
  shell,
  Tray,
} from 'electron';
import type { MenuView, MessageBoxView, NotificationView, StandInOptions, TrayView } from './messages.ts';

export type { MessageBoxView, NotificationView, TrayView } from './messages.ts';

type Handler = Parameters<typeof ipcMain.handle>[1];

/** What the driver reaches as `globalThis.batonRecorder`. */
export interface Recorder {
  readonly messageBoxes: MessageBoxView[];
  readonly opened: string[];
  readonly blockers: () => string[];
  readonly clipboard: () => string | null;
  readonly notifications: () => (NotificationView & { isShown: boolean })[];
  /** Waits until there is one. */
  readonly tray: () => Promise<TrayView>;
  readonly press: (labels: readonly string[]) => Promise<void>;
  readonly answerBox: (button: number) => void;
  readonly answerOpenDialog: (paths: readonly string[] | null) => void;
  readonly answerSaveDialog: (path: string | null) => void;
  readonly actOnNotification: (index: number, act: 'click' | 'close' | number) => void;
  readonly setOnBattery: (isOnBattery: boolean) => void;
  readonly invoke: (sender: string, channel: string, args: readonly unknown[]) => Promise<unknown>;
  /** From now on every box is answered with its Quit. */
  readonly leave: () => void;
}

const options = JSON.parse(process.env.STAND_IN ?? '{}') as StandInOptions;
const entry = process.env.BATON_APP_ENTRY ?? '';
delete process.env.STAND_IN;

class Answers<Value> {
  readonly #given: Value[] = [];
  readonly #waiting: ((value: Value) => void)[] = [];

  give(value: Value): void {
    const waiting = this.#waiting.shift();
    if (waiting) waiting(value);
    else this.#given.push(value);
  }

  take(): Promise<Value> {
    if (this.#given.length > 0) return Promise.resolve(this.#given.shift() as Value);
    const { promise, resolve } = Promise.withResolvers<Value>();
    this.#waiting.push(resolve);
    return promise;
  }

  get isWaiting(): boolean {
    return this.#waiting.length > 0;
  }
}

const boxes = new Answers<number>();
const openDialogs = new Answers<readonly string[] | null>();
const saveDialogs = new Answers<string | null>();
const messageBoxes: MessageBoxView[] = [];
const opened: string[] = [];
const handlers = new Map<string, Handler>();
const blockers = new Map<number, string>();
const shown: { notification: Notification; isShown: boolean }[] = [];
const tray = { tooltip: '', iconPath: '', menu: null as Electron.Menu | null };
const trayShown = Promise.withResolvers<void>();
let copied: string | null = null;
let isOnBattery = options.isOnBattery ?? false;
let isLeaving = false;

/** Replaces a method by one that is given the original. */
function wrap<Target extends object, Name extends keyof Target>(
  target: Target,
  name: Name,
  replace: (original: Target[Name]) => Target[Name],
): void {
  target[name] = replace(target[name]);
}

function recordTray(): void {
  wrap(Tray.prototype, 'setContextMenu', (original) => {
    return function (this: Tray, menu) {
      tray.menu = menu;
      trayShown.resolve();
      original.call(this, menu);
    };
  });
  wrap(Tray.prototype, 'popUpContextMenu', () => {
    return function (this: Tray, menu) {
      if (menu) tray.menu = menu;
    };
  });
  wrap(Tray.prototype, 'setToolTip', (original) => {
    return function (this: Tray, tooltip) {
      tray.tooltip = tooltip;
      original.call(this, tooltip);
    };
  });
  wrap(Tray.prototype, 'setImage', (original) => {
    return function (this: Tray, image) {
      tray.iconPath = typeof image === 'string' ? image : '';
      original.call(this, image);
    };
  });
}

function recordDialogs(): void {
  const last = <Value>(args: unknown[]) => args.at(-1) as Value;
  wrap(dialog, 'showMessageBox', () => async (...args: unknown[]) => {
    const {
      message,
      detail = '',
      title = '',
      buttons = ['OK'],
      defaultId,
      cancelId,
    } = last<Electron.MessageBoxOptions>(args);
    messageBoxes.push({ message, detail, title, buttons, defaultId: defaultId ?? null, cancelId: cancelId ?? null });
    if (isLeaving) boxes.give(quitButton());
    return { response: await boxes.take(), checkboxChecked: false };
  });
  wrap(dialog, 'showOpenDialog', () => async () => {
    const paths = await openDialogs.take();
    return { canceled: paths === null, filePaths: [...(paths ?? [])] };
  });
  wrap(dialog, 'showSaveDialog', () => async () => {
    const path = await saveDialogs.take();
    return { canceled: path === null, filePath: path ?? '' };
  });
}

function quitButton(): number {
  return Math.max(0, messageBoxes.at(-1)?.buttons.findIndex((label) => /^Quit/.test(label)) ?? 0);
}

function recordNotifications(): void {
  Notification.isSupported = () => options.isNotificationSupported ?? true;
  wrap(Notification.prototype, 'show', () => {
    return function (this: Notification) {
      shown.push({ notification: this, isShown: true });
      this.emit('show', {});
    };
  });
  wrap(Notification.prototype, 'close', () => {
    return function (this: Notification) {
      const found = shown.find((one) => one.notification === this && one.isShown);
      if (!found) return;
      found.isShown = false;
      this.emit('close', {});
    };
  });
}

function recordPower(): void {
  powerMonitor.isOnBatteryPower = () => isOnBattery;
  wrap(powerSaveBlocker, 'start', (original) => (type) => {
    const id = original.call(powerSaveBlocker, type);
    blockers.set(id, type);
    return id;
  });
  wrap(powerSaveBlocker, 'stop', (original) => (id) => {
    blockers.delete(id);
    return original.call(powerSaveBlocker, id);
  });
}

function recordTheRest(): void {
  shell.openExternal = async (url) => void opened.push(url);
  shell.openPath = async (path) => {
    opened.push(path);
    return '';
  };
  clipboard.writeText = async (text) => {
    copied = text;
  };
  wrap(ipcMain, 'handle', (original) => (channel, handler) => {
    handlers.set(channel, handler);
    original.call(ipcMain, channel, handler);
  });
  if (options.keyring?.mode === 'unavailable') safeStorage.isAsyncEncryptionAvailable = async () => false;
  if (options.keyring?.mode === 'refusing') {
    safeStorage.decryptStringAsync = async () => {
      throw new Error('Error while decrypting the ciphertext provided.');
    };
  }
  if (options.isDark) nativeTheme.themeSource = 'dark';
}

function viewOfItem(item: MenuItem): MenuView {
  const { label, type, enabled, checked, visible, submenu } = item;
  const items = submenu?.items.map(viewOfItem) ?? [];
  return { label, type, isEnabled: enabled, isChecked: checked, isVisible: visible, items };
}

/** Electron's own `click` sets the mark of a checkbox before it calls the app. */
function press(menu: Electron.Menu | null | undefined, [label, ...rest]: readonly string[]): void {
  const found = menu?.items.filter((item) => item.label === label && item.visible) ?? [];
  const [item] = found;
  if (!item || found.length > 1) throw new Error(`${found.length} items are called "${label}".`);
  if (!item.enabled) throw new Error(`"${label}" is disabled.`);
  if (rest.length > 0) press(item.submenu, rest);
  else item.click({}, undefined, undefined);
}

function actOnNotification(index: number, act: 'click' | 'close' | number): void {
  const found = shown[index];
  if (!found?.isShown) throw new Error('The notification is no longer shown.');
  const { notification } = found;
  found.isShown = false;
  if (act === 'click') notification.emit('click', {});
  else if (typeof act === 'number') notification.emit('action', { actionIndex: act, selectionIndex: -1 }, act, -1);
  notification.emit('close', {});
}

async function invoke(sender: string, channel: string, args: readonly unknown[]): Promise<unknown> {
  const handler = handlers.get(channel);
  if (!handler) throw new Error(`No handler registered for '${channel}'`);
  const contents = BrowserWindow.getAllWindows()[0]?.webContents;
  if (!contents) throw new Error('There is no window.');
  const own = contents.mainFrame;
  const frames: Record<string, unknown> = {
    window: own,
    'inner-frame': { url: own.url, origin: own.origin, parent: own, top: own },
    'foreign-page': { url: 'https://example.com/', origin: 'https://example.com', parent: null },
    gone: null,
  };
  const event = { type: 'frame', frameId: 1, processId: 1, sender: contents, senderFrame: frames[sender] };
  return await handler(event as unknown as Electron.IpcMainInvokeEvent, ...structuredClone(args));
}

const recorder: Recorder = {
  messageBoxes,
  opened,
  blockers: () => [...blockers.values()],
  clipboard: () => copied,
  notifications: () =>
    shown.map(({ notification, isShown }) => ({
      title: notification.title,
      body: notification.body,
      actions: notification.actions.map((action) => action.text ?? ''),
      group: notification.groupId,
      isSilent: notification.silent,
      isShown,
    })),
  async tray() {
    await trayShown.promise;
    return { tooltip: tray.tooltip, iconPath: tray.iconPath, items: tray.menu?.items.map(viewOfItem) ?? [] };
  },
  async press(labels) {
    await trayShown.promise;
    press(tray.menu, labels);
  },
  answerBox: (button) => boxes.give(button),
  answerOpenDialog: (paths) => openDialogs.give(paths),
  answerSaveDialog: (path) => saveDialogs.give(path),
  actOnNotification,
  setOnBattery(isNow) {
    isOnBattery = isNow;
    powerMonitor.emit(isNow ? 'on-battery' : 'on-ac');
  },
  invoke,
  leave() {
    isLeaving = true;
    if (boxes.isWaiting) boxes.give(quitButton());
  },
};
Object.assign(globalThis, { batonRecorder: recorder });

recordTray();
recordDialogs();
recordNotifications();
recordPower();
recordTheRest();
await import(entry);
