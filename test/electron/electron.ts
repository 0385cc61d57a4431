/** The stand-in for the module `electron` in the main process: what the app uses of it, and nothing else. */
import { StandInApp } from './app.ts';
import { AppProtocol } from './app-protocol.ts';
import { createBrowserWindowClass } from './browser-window.ts';
import { StandInClipboard, StandInNativeTheme, StandInNet, StandInScreen, StandInShell } from './desktop-services.ts';
import { connectToDesktop } from './desktop-wire.ts';
import { StandInDialog } from './dialog.ts';
import { StandInIpcMain } from './ipc-main.ts';
import { StandInMenu, StandInMenuItem } from './menu.ts';
import { createNotificationClass } from './notification.ts';
import { StandInPowerMonitor, StandInPowerSaveBlocker } from './power.ts';
import { StandInSafeStorage } from './safe-storage.ts';
import { createTrayClass } from './tray.ts';
import { Sessions } from './web-session.ts';

const { desktop, options } = connectToDesktop();

export const app = new StandInApp(desktop);
export const protocol = new AppProtocol(() => app.isReady());
export const session = new Sessions(protocol);
export const ipcMain = new StandInIpcMain();
export const BrowserWindow = createBrowserWindowClass({ app, desktop, sessions: session, ipcMain });
export const Tray = createTrayClass(app, desktop);
export const Menu = StandInMenu;
export const MenuItem = StandInMenuItem;
export const Notification = createNotificationClass(app, desktop, options.isNotificationSupported);
export const dialog = new StandInDialog(app, desktop);
export const safeStorage = new StandInSafeStorage(app, options.keyring);
export const powerMonitor = new StandInPowerMonitor(desktop, options.isOnBattery);
export const powerSaveBlocker = new StandInPowerSaveBlocker(desktop);
export const nativeTheme = new StandInNativeTheme(desktop, options.isDark);
export const shell = new StandInShell(desktop);
export const clipboard = new StandInClipboard(desktop);
export const screen = new StandInScreen(app);
export const net = new StandInNet();
export { nativeImage } from './native-image.ts';

/** Libraries reach for the default export. */
export default {
  app,
  protocol,
  session,
  ipcMain,
  BrowserWindow,
  Tray,
  Menu,
  MenuItem,
  Notification,
  dialog,
  safeStorage,
  powerMonitor,
  powerSaveBlocker,
  nativeTheme,
  shell,
  clipboard,
  screen,
  net,
};
