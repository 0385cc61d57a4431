/** The system's own dialogs, in front of the window if it is in view. */
import type { Dialog, MessageBoxOptions } from 'electron';
import type { AppView } from '#preload/contract.ts';
import type { FileDialogs } from '../ipc/calls/history-calls.ts';
import type { AskPerson } from '../remote-switch.ts';
import type { MainWindow } from '../window/main-window.ts';

type DialogApi = Pick<Dialog, 'showMessageBox' | 'showOpenDialog' | 'showSaveDialog'>;

export function createSystemDialogs(
  dialog: DialogApi,
  window: () => MainWindow,
  system: AppView['system'],
): FileDialogs & { ask: AskPerson } {
  const owner = () => (window().isVisible ? window().native : null);
  // On macOS a question without a window is modal to the whole program: no session and no phone would be served until it is answered.
  const ownerOfQuestion = async () => {
    if (system === 'mac' && owner() === null) await window().bringIntoView();
    const native = owner();
    if (native?.isMinimized()) native.restore();
    return native;
  };
  return {
    ask: (options: MessageBoxOptions) =>
      window().holdOpen(async () => {
        const native = await ownerOfQuestion();
        const { response } = native
          ? await dialog.showMessageBox(native, options)
          : await dialog.showMessageBox(options);
        return response;
      }),
    chooseFolder: () =>
      window().holdOpen(async () => {
        const native = owner();
        const options = { title: 'Folder for the session', properties: ['openDirectory', 'createDirectory'] } as const;
        const given = { ...options, properties: [...options.properties] };
        const { canceled, filePaths } = native
          ? await dialog.showOpenDialog(native, given)
          : await dialog.showOpenDialog(given);
        return canceled ? null : (filePaths[0] ?? null);
      }),
    chooseExportFile: (suggestedName) =>
      window().holdOpen(async () => {
        const native = owner();
        const given = {
          title: 'Export the history',
          defaultPath: suggestedName,
          filters: [{ name: 'JSON Lines', extensions: ['jsonl'] }],
        };
        const { canceled, filePath } = native
          ? await dialog.showSaveDialog(native, given)
          : await dialog.showSaveDialog(given);
        return canceled || !filePath ? null : filePath;
      }),
  };
}
