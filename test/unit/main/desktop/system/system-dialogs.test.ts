import type { BaseWindow, BrowserWindow, MessageBoxOptions } from 'electron';
import { expect, test } from 'vitest';
import { createSystemDialogs } from '#main/desktop/system/system-dialogs.ts';
import type { MainWindow } from '#main/desktop/window/main-window.ts';

const QUESTION: MessageBoxOptions = { message: 'Quit?', buttons: ['Quit', 'Stay'] };

function createWorld(system: 'linux' | 'mac' | 'windows', state: 'hidden' | 'minimized' | 'in view') {
  const heard: string[] = [];
  let isVisible = state !== 'hidden';
  const native = {
    isMinimized: () => state === 'minimized',
    restore: () => heard.push('restored'),
  } as unknown as BrowserWindow;
  const window = {
    get isVisible() {
      return isVisible;
    },
    native,
    holdOpen: <Value>(work: () => Promise<Value>) => work(),
    bringIntoView: async () => {
      heard.push('brought into view');
      isVisible = true;
    },
  } as unknown as MainWindow;
  const answer = { response: 1, checkboxChecked: false };
  const showMessageBox = async (first: BaseWindow | MessageBoxOptions, second?: MessageBoxOptions) => {
    heard.push(second === undefined ? 'asked without a window' : `asked in front of ${first === native ? 'it' : '?'}`);
    return answer;
  };
  const never = () => Promise.reject(new Error('asked'));
  const dialogs = createSystemDialogs(
    { showMessageBox, showOpenDialog: never, showSaveDialog: never } as never,
    () => window,
    system,
  );
  return { heard, dialogs };
}

test.each([
  ['linux', 'in view', ['asked in front of it']],
  ['linux', 'hidden', ['asked without a window']],
  ['windows', 'hidden', ['asked without a window']],
  ['linux', 'minimized', ['restored', 'asked in front of it']],
  ['mac', 'in view', ['asked in front of it']],
  // Without one, macOS stops the whole program until it is answered.
  ['mac', 'hidden', ['brought into view', 'asked in front of it']],
] as const)(
  'on %s with the window %s a question is asked where it is seen and stops nothing',
  async (system, state, expected) => {
    const { dialogs, heard } = createWorld(system, state);
    expect(await dialogs.ask(QUESTION)).toBe(1);
    expect(heard).toEqual(expected);
  },
);
