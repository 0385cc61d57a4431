/** The tray app as a person meets it: its tray, window, dialogs and notifications. The same for real Electron and for the stand-in. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright';
import type { KeyringMode, MessageBoxView, NotificationView, PowerEvent, TrayView } from '#test/electron/messages.ts';
import { findFreePort } from '../terminal-host.ts';
import { startInElectron } from './electron-driver.ts';
import { findElectron } from './find-electron.ts';
import { startInStandIn } from './stand-in-driver.ts';

export type { MenuView, MessageBoxView, PowerEvent, TrayView } from '#test/electron/messages.ts';

export interface StartOptions {
  /** Absolute. Without a settings.json it gets one with a free port for the relay. */
  readonly dataFolder: string;
  readonly args?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  readonly colorScheme?: 'light' | 'dark';
  /** Whose pages the stand-in uses; without it the app gets a Chromium of its own. */
  readonly browser?: Browser;
  /** Where `--data` is not to be given. */
  readonly isDataFolderGiven?: boolean;
  readonly keyring?: KeyringMode;
  readonly isOnBattery?: boolean;
  readonly isNotificationSupported?: boolean;
}

export interface ShownNotification extends NotificationView {
  readonly isShown: boolean;
}

/** Where a call to the app pretends to come from: the window's own page, a frame inside it, another site in it, or a frame that is gone. */
export type PretendedSender = 'window' | 'inner-frame' | 'foreign-page' | 'gone';

export interface App {
  readonly driver: 'stand-in' | 'electron';
  readonly pid: number;
  readonly dataFolder: string;
  /** The visible window's page; waits for it. */
  window(): Promise<Page>;
  isWindowVisible(): Promise<boolean>;
  /** As by the window's own button. */
  closeWindow(): Promise<void>;
  /** What the tray shows; waits until there is one. */
  tray(): Promise<TrayView>;
  /** The labels on the way to the item. Rejects if it is missing or disabled. */
  clickMenu(...labels: string[]): Promise<void>;
  /** With `isFrozen`, the process stands still the moment it has handled the event, until `resume` is emitted. */
  emitPower(event: PowerEvent, options?: { isFrozen?: boolean }): Promise<void>;
  setOnBattery(isOnBattery: boolean): Promise<void>;
  /** What keeps the computer awake now. */
  powerBlockers(): Promise<readonly string[]>;
  /** Launches the app a second time on the same folder, and waits until that process is gone. */
  launchAgain(args?: readonly string[]): Promise<void>;
  /** The answer to the box that is open, or to the next one. */
  answerNextMessageBox(button: number): Promise<void>;
  /** Null: the person leaves the dialog. */
  answerNextOpenDialog(paths: readonly string[] | null): Promise<void>;
  answerNextSaveDialog(path: string | null): Promise<void>;
  /** All so far, oldest first. */
  messageBoxes(): Promise<readonly MessageBoxView[]>;
  notifications(): Promise<readonly ShownNotification[]>;
  actOnNotification(index: number, act: 'click' | 'close' | number): Promise<void>;
  /** The entry that starts the app at login; null if there is none. */
  loginItem(): Promise<{ file: string; text: string } | null>;
  /** Addresses and files that were given to other programs. */
  opened(): Promise<readonly string[]>;
  clipboard(): Promise<string | null>;
  /** Calls the app on one of its channels past the preload, as a page that was taken over might. */
  invoke(sender: PretendedSender, channel: string, args: readonly unknown[]): Promise<unknown>;
  output(): string;
  /** Errors in the window's page and what it refused to load, so far. */
  problems(): readonly string[];
  /** Quits, answering with Quit if it asks. */
  quit(): Promise<void>;
  /** SIGKILL. */
  kill(): Promise<void>;
  /** Its exit code; null if a signal ended it. */
  readonly exited: Promise<number | null>;
}

/** What both drivers need to know. */
export interface DriverOptions extends StartOptions {
  /** Arguments of the app, `--data` among them. */
  readonly args: readonly string[];
  /** The whole environment. */
  readonly env: Record<string, string>;
  readonly configFolder: string;
  /** For what belongs to the desktop: keyring, scripts. */
  readonly desktopFolder: string;
}

const ROOT = join(import.meta.dirname, '../../..');
/** The compiled app (`npm run build` comes first). */
export const APP_ENTRY = join(ROOT, 'dist/main/index.js');

let isDriverTold = false;

/** Starts the compiled app: in Electron if its binary and a display are there, else in the stand-in; the run says which. */
export async function startApp(options: StartOptions): Promise<App> {
  const found = findElectron();
  if (!isDriverTold) {
    isDriverTold = true;
    console.log(
      found.kind === 'found'
        ? `The tray app runs in real Electron: ${found.executable}`
        : `The tray app runs in the stand-in for Electron, because ${found.reason}.`,
    );
  }
  const prepared = await prepare(options);
  return found.kind === 'found' ? startInElectron(prepared, found.executable) : startInStandIn(prepared);
}

async function prepare(options: StartOptions): Promise<DriverOptions> {
  const { dataFolder } = options;
  const desktopFolder = join(dataFolder, 'desktop');
  const configFolder = join(desktopFolder, 'config');
  mkdirSync(configFolder, { recursive: true, mode: 0o700 });
  const settings = join(dataFolder, 'settings.json');
  if (!existsSync(settings)) writeFileSync(settings, JSON.stringify({ relayPort: await findFreePort() }));
  const given = options.isDataFolderGiven === false ? [] : ['--data', dataFolder];
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries({ ...process.env, XDG_CONFIG_HOME: configFolder, ...options.env })) {
    if (value !== undefined && name !== 'ELECTRON_RUN_AS_NODE' && name !== 'NODE_OPTIONS') env[name] = value;
  }
  return { ...options, args: [...given, ...(options.args ?? [])], env, configFolder, desktopFolder };
}
