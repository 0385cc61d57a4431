/** Does what Baton was started for, also when it was started a second time. */

import type { Log } from '#lib/log.ts';
import type { Page } from '#preload/contract.ts';
import type { SettingsStore } from '../host/settings.ts';
import { makeDemoFolder } from '../setup/demo-folder.ts';
import { addProjectFolders } from '../setup/project-folders.ts';
import type { LaunchArguments } from './launch-arguments.ts';
import type { RemoteSwitch } from './remote-switch.ts';

export interface LaunchRequests {
  /** What a second launch asks of this one. Never rejects. */
  obey(given: LaunchArguments): Promise<void>;
  setRemote(isEnabled: boolean): Promise<void>;
  addDemoFolder(): void;
}

export function createLaunchRequests(options: {
  dataFolder: string;
  settings: SettingsStore;
  remoteSwitch: RemoteSwitch;
  /** False while another Baton holds the data folder: the settings are its then. */
  canStore: () => boolean;
  show: (page?: Page) => void;
  quit: () => Promise<void>;
  /** The switch for all sessions was set, or was not. */
  onDidSwitch: () => void;
  log: Log;
}): LaunchRequests {
  const { dataFolder, settings, remoteSwitch, canStore, show, quit, onDidSwitch, log } = options;
  const requests: LaunchRequests = {
    async obey(given) {
      try {
        if (given.isQuit) return await quit();
        if (given.isDemo) requests.addDemoFolder();
        if (given.isPairing) show('pair');
        // Anyone who starts it with nothing to do wants to see it: on a desktop without a tray, that is the way back in.
        else if (given.remote === null && !given.isAutostart) show();
        if (given.remote !== null) await requests.setRemote(given.remote === 'on');
      } catch (error) {
        log.error('Failed to do what Baton was started again for', { error });
      }
    },
    async setRemote(isEnabled) {
      const set = await remoteSwitch.set(isEnabled);
      onDidSwitch();
      // Words for why it cannot be are in the window.
      if (!set.ok) show();
    },
    addDemoFolder() {
      if (!canStore()) return;
      try {
        addProjectFolders(settings, [makeDemoFolder(dataFolder)]);
      } catch (error) {
        log.error('The folder for the demo agent could not be made', { error });
      }
    },
  };
  return requests;
}
