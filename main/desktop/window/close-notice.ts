/** What a person is told when they close the window for the first time: Baton goes on, and how to come back to it. */
import type { MessageBoxOptions } from 'electron';

export type CloseChoice = 'hide' | 'quit' | 'stay';

/** Pure. `isTrayKnown` false: the desktop may show no icon, and a window that is gone could not be found again. */
export function renderCloseNotice(isTrayKnown: boolean): MessageBoxOptions {
  const again = 'Starting Baton again, as you did now, brings the window back.';
  if (isTrayKnown) {
    return {
      type: 'info',
      title: 'Baton',
      message: 'Baton goes on without its window',
      detail: `Your sessions keep running. Click Baton's icon in the panel to open the window. ${again} To end Baton, choose Quit in the icon's menu or in the window's settings.`,
      buttons: ['OK'],
      defaultId: 0,
      cancelId: 0,
      noLink: true,
    };
  }
  return {
    type: 'question',
    title: 'Baton',
    message: 'Close the window and let Baton go on?',
    detail: `Your sessions keep running. This desktop may show no icon of Baton. ${again}`,
    buttons: ['Let it go on', 'Quit Baton', 'Cancel'],
    defaultId: 0,
    cancelId: 2,
    noLink: true,
  };
}

export function readCloseChoice(isTrayKnown: boolean, button: number): CloseChoice {
  if (isTrayKnown || button === 0) return 'hide';
  return button === 1 ? 'quit' : 'stay';
}
