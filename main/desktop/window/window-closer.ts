/** What happens when the person closes the window: Baton goes on, and the first time says so. */

import type { Log } from '#lib/log.ts';
import type { SettingsStore } from '#main/host/settings.ts';
import type { AppView } from '#preload/contract.ts';
import type { AskPerson } from '../remote-switch.ts';
import { readCloseChoice, renderCloseNotice } from './close-notice.ts';

export function createWindowCloser(options: {
  system: AppView['system'];
  settings: SettingsStore;
  isTrayKnown: () => boolean;
  /** False while another Baton holds the data folder: the settings are its then. */
  canStore: () => boolean;
  ask: AskPerson;
  hide: () => void;
  quit: () => Promise<void>;
  log: Log;
}): { close(): Promise<void> } {
  const { system, settings, canStore, ask, hide, quit, log } = options;
  let isAsking = false;
  return {
    async close() {
      // On macOS and Windows the window belongs to the icon from which it was opened.
      if (system !== 'linux' || settings.get().isTrayExplained) {
        hide();
        return;
      }
      if (isAsking) return;
      isAsking = true;
      const isTrayKnown = options.isTrayKnown();
      const choice = await ask(renderCloseNotice(isTrayKnown))
        .then((button) => readCloseChoice(isTrayKnown, button))
        .finally(() => {
          isAsking = false;
        });
      if (choice === 'quit') return await quit();
      if (choice === 'stay') return;
      hide();
      if (!canStore()) return;
      try {
        settings.update({ isTrayExplained: true });
      } catch (error) {
        log.warn('It could not be noted that the tray was explained', { error });
      }
    },
  };
}
