/** What an app in the stand-in and the desktop it runs on (the test) say to each other. */
import type { Call } from './wire.ts';

export type PowerEvent = 'suspend' | 'resume' | 'lock-screen' | 'unlock-screen' | 'shutdown' | 'on-ac' | 'on-battery';

export interface MenuView {
  readonly label: string;
  readonly type: string;
  readonly isEnabled: boolean;
  readonly isChecked: boolean;
  readonly isVisible: boolean;
  readonly items: readonly MenuView[];
}

export interface TrayView {
  readonly tooltip: string;
  /** File of the icon that is shown. */
  readonly iconPath: string;
  /** Of the menu that a person would see now; empty if there is none. */
  readonly items: readonly MenuView[];
}

export interface MessageBoxView {
  readonly message: string;
  readonly detail: string;
  readonly title: string;
  readonly buttons: readonly string[];
  readonly defaultId: number | null;
  readonly cancelId: number | null;
}

export interface NotificationView {
  readonly title: string;
  readonly body: string;
  readonly actions: readonly string[];
  readonly group: string;
  readonly isSilent: boolean;
}

export interface FileDialogView {
  readonly title: string;
  readonly defaultPath: string;
  readonly properties: readonly string[];
}

/** Where a message of a page comes from; null: from a frame that is gone. */
export type FrameView = { readonly url: string; readonly isMain: boolean } | null;

export type RequestKind =
  | 'mainFrame'
  | 'subFrame'
  | 'stylesheet'
  | 'script'
  | 'image'
  | 'font'
  | 'xhr'
  | 'media'
  | 'webSocket'
  | 'other';

/** What the app asks of the desktop. URLs are those of the loopback server that stands for a custom scheme. */
export interface DesktopCalls {
  'window.create': Call<
    { window: number; preload: string | null; width: number; height: number; grants: readonly string[] },
    null
  >;
  /** `text` says why it could not be loaded. */
  'window.load': Call<{ window: number; url: string }, { isLoaded: boolean; text: string }>;
  'window.reload': Call<{ window: number }, null>;
  'window.resize': Call<{ window: number; width: number; height: number }, null>;
  'window.visible': Call<{ window: number; isVisible: boolean }, null>;
  'window.push': Call<{ window: number; channel: string; args: readonly unknown[] }, null>;
  'window.evaluate': Call<{ window: number; code: string }, unknown>;
  'window.close': Call<{ window: number }, null>;
  /** The permissions, by their names in Chromium, that pages have from now on; all others are denied. */
  'window.grant': Call<{ window: number; grants: readonly string[] }, null>;
  'dialog.message-box': Call<MessageBoxView, { response: number; isChecked: boolean }>;
  /** Null: the person left it. */
  'dialog.open': Call<FileDialogView, { paths: readonly string[] | null }>;
  'dialog.save': Call<FileDialogView, { path: string | null }>;
  'dialog.error-box': Call<{ title: string; content: string }, null>;
  'notification.show': Call<{ notification: number; view: NotificationView }, null>;
  'notification.close': Call<{ notification: number }, null>;
  'shell.open': Call<{ target: string }, null>;
  'clipboard.write': Call<{ text: string }, null>;
}

/** What the desktop asks of the app, mostly because a person or a page did something. */
export interface AppCalls {
  'ipc.invoke': Call<
    { window: number; channel: string; args: readonly unknown[]; frame: FrameView },
    { isDone: true; value: unknown } | { isDone: false; message: string }
  >;
  'ipc.send': Call<{ window: number; channel: string; args: readonly unknown[]; frame: FrameView }, null>;
  'page.navigating': Call<{ window: number; url: string; isMainFrame: boolean }, { isAllowed: boolean }>;
  'page.navigated': Call<{ window: number; url: string }, null>;
  'page.opening': Call<{ window: number; url: string }, { isAllowed: boolean }>;
  'page.requesting': Call<{ window: number; url: string; method: string; kind: RequestKind }, { isCancelled: boolean }>;
  'page.crashed': Call<{ window: number }, null>;
  /** As by the window's own button. */
  'window.close': Call<{ window: number }, null>;
  'window.focus': Call<{ window: number; isFocused: boolean }, null>;
  /** The tray's calls wait until there is one. */
  'tray.read': Call<null, TrayView>;
  'tray.click': Call<{ button: 'left' | 'right' }, null>;
  /** The labels on the way to the item: a submenu's, then its own. Fails if there is no such item or it is disabled. */
  'menu.click': Call<{ labels: readonly string[] }, null>;
  /** With `isFrozen` the process stops itself the moment the app's handlers return, as a computer that falls asleep; the answer comes after SIGCONT. */
  'power.emit': Call<{ event: PowerEvent; isFrozen: boolean }, null>;
  'power.set': Call<{ isOnBattery: boolean }, null>;
  'power.blockers': Call<null, { types: readonly string[] }>;
  'notification.act': Call<{ notification: number; act: 'click' | 'close' | number }, null>;
  'theme.set': Call<{ isDark: boolean }, null>;
  'app.quit': Call<null, null>;
  /** Answers after everything that came before it has been handled. */
  'app.settle': Call<null, null>;
}

/** How a keyring behaves; `rotated`: it has a new key and wants everything encrypted again. */
export type KeyringMode = 'available' | 'unavailable' | 'refusing' | 'rotated' | 'basic-text';

/** Handed over in the environment variable `STAND_IN`, as JSON. */
export interface StandInOptions {
  readonly keyring: { readonly mode: KeyringMode; readonly file: string };
  readonly isDark: boolean;
  readonly isOnBattery: boolean;
  readonly isNotificationSupported: boolean;
}
