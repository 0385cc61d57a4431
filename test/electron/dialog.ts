/** `dialog`: asks the test, and waits as long as it takes. */
import type { StandInApp } from './app.ts';
import type { DesktopWire } from './desktop-wire.ts';
import type { FileDialogView } from './messages.ts';

/** Electron's dialogs take a window first, or not. */
type Arguments<Options> = [window: unknown, options: Options] | [options: Options];

type Used = 'showMessageBox' | 'showOpenDialog' | 'showSaveDialog' | 'showErrorBox';

export class StandInDialog implements Pick<Electron.Dialog, Used> {
  readonly #app: StandInApp;
  readonly #desktop: DesktopWire;

  constructor(app: StandInApp, desktop: DesktopWire) {
    this.#app = app;
    this.#desktop = desktop;
  }

  async showMessageBox(...args: Arguments<Electron.MessageBoxOptions>): Promise<Electron.MessageBoxReturnValue> {
    this.#app.requireReady('dialog');
    const { message, detail = '', title = '', buttons = ['OK'], defaultId, cancelId } = optionsOf(args);
    const view = { message, detail, title, buttons, defaultId: defaultId ?? null, cancelId: cancelId ?? null };
    const { response, isChecked } = await this.#desktop.call('dialog.message-box', view);
    return { response, checkboxChecked: isChecked };
  }

  async showOpenDialog(...args: Arguments<Electron.OpenDialogOptions>): Promise<Electron.OpenDialogReturnValue> {
    this.#app.requireReady('dialog');
    const options = optionsOf(args);
    const { paths } = await this.#desktop.call('dialog.open', viewOf(options, options.properties ?? []));
    return { canceled: paths === null, filePaths: [...(paths ?? [])] };
  }

  async showSaveDialog(...args: Arguments<Electron.SaveDialogOptions>): Promise<Electron.SaveDialogReturnValue> {
    this.#app.requireReady('dialog');
    const options = optionsOf(args);
    const { path } = await this.#desktop.call('dialog.save', viewOf(options, options.properties ?? []));
    return { canceled: path === null, filePath: path ?? '' };
  }

  /** Before ready, Electron on Linux writes it to stderr. */
  showErrorBox(title: string, content: string): void {
    console.error(`${title}\n${content}`);
    this.#desktop.tell('dialog.error-box', { title, content });
  }
}

function optionsOf<Options>(args: Arguments<Options>): Options {
  return args.length === 2 ? args[1] : args[0];
}

function viewOf(options: { title?: string; defaultPath?: string }, properties: readonly string[]): FileDialogView {
  return { title: options.title ?? '', defaultPath: options.defaultPath ?? '', properties };
}
