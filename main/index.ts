/** Electron's entry: what has to be settled before the app is ready, in the order in which it has to be. */

import { join } from 'node:path';
import { app, dialog, Notification, protocol } from 'electron';
import type { Log } from '#lib/log.ts';
import { unawaited } from '#lib/unawaited.ts';
import { createApplication } from './application.ts';
import { parseLaunchArguments } from './desktop/launch-arguments.ts';
import { APP_PRIVILEGES } from './desktop/system/app-protocol.ts';
import { installCrashHandlers } from './desktop/system/crash-handlers.ts';
import { describeDataFolderError } from './host/folder-failure.ts';
import { createLog } from './host/log.ts';
import { makeFolder } from './host/make-folder.ts';
import { defaultDataFolder, homeFolder } from './setup/data-folder.ts';

/** The same as `appId` of the package, or Windows shows no notifications. */
const APP_USER_MODEL_ID = 'app.baton.tray';

function main(): void {
  protocol.registerSchemesAsPrivileged([APP_PRIVILEGES]);
  setSwitches();

  const given = parseLaunchArguments(process.argv.slice(1), process.cwd());
  const dataFolder = given.data ?? defaultDataFolder();
  if (dataFolder === null) {
    refuse('This user has no home folder. Say with --data where Baton shall keep its files.');
    return;
  }
  let log: Log;
  try {
    const browserFolder = join(dataFolder, 'browser');
    makeFolder(browserFolder);
    app.setPath('userData', dataFolder);
    app.setPath('sessionData', browserFolder);
    if (!app.requestSingleInstanceLock({ ...given }) || given.isQuit) {
      // The Baton that runs does what this one was started for.
      app.exit(0);
      return;
    }
    log = createLog({ folder: dataFolder, isVerbose: given.isVerbose, home: homeFolder() });
  } catch (error) {
    const words = describeDataFolderError(error);
    refuse(`Baton cannot keep its data in ${dataFolder}: ${words} Choose another folder with --data.`);
    return;
  }

  installCrashHandlers({ process, log, now: Date.now, show: showError });
  // Baton lives in the tray; without a listener it would quit with its window.
  app.on('window-all-closed', () => {});
  app
    .whenReady()
    .then(() => createApplication({ given, dataFolder, log }))
    .catch((error: unknown) => {
      log.error('Baton could not start', { error });
      refuse(`Baton could not start: ${error instanceof Error ? error.message : String(error)}`);
    });
}

function setSwitches(): void {
  app.enableSandbox();
  // GTK 4, Electron's choice on GNOME, still takes apps down there.
  if (process.platform === 'linux') app.commandLine.appendSwitch('gtk-version', '3');
  if (process.platform === 'win32') app.setAppUserModelId(APP_USER_MODEL_ID);
}

/** Does not wait for the click: anyone who is not at the desk must not stop the sessions. */
function showError(title: string, text: string): void {
  // On macOS a box without a window stops the whole program until it is clicked.
  if (app.isReady() && process.platform === 'darwin') new Notification({ title, body: text }).show();
  else if (app.isReady())
    unawaited(
      dialog.showMessageBox({ type: 'error', title, message: title, detail: text, buttons: ['OK'] }),
      'show an error',
    );
  else dialog.showErrorBox(title, text);
}

function refuse(text: string): void {
  process.stderr.write(`${text}\n`);
  dialog.showErrorBox('Baton', text);
  app.exit(1);
}

main();
