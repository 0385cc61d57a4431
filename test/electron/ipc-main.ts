/** `ipcMain`: answers to what pages ask. */
import { EventEmitter } from 'node:events';
import { ElectronEvent } from './electron-event.ts';

type Listener = Parameters<Electron.IpcMain['handle']>[1];
type Used = 'handle' | 'handleOnce' | 'removeHandler';

export interface Sender {
  readonly contents: Electron.WebContents;
  readonly frame: Electron.WebFrameMain | null;
}

export class StandInIpcMain extends EventEmitter implements Pick<Electron.IpcMain, Used> {
  readonly #handlers = new Map<string, Listener>();

  handle(channel: string, listener: Listener): void {
    if (this.#handlers.has(channel)) throw new Error(`Attempted to register a second handler for '${channel}'`);
    if (typeof listener !== 'function')
      throw new Error(`Expected handler to be a function, but found ${typeof listener}`);
    this.#handlers.set(channel, listener);
  }

  handleOnce(channel: string, listener: Listener): void {
    this.handle(channel, (event, ...args) => {
      this.removeHandler(channel);
      return listener(event, ...args);
    });
  }

  removeHandler(channel: string): void {
    this.#handlers.delete(channel);
  }

  /** Rejects as `ipcRenderer.invoke` does. */
  async invoke(sender: Sender, channel: string, args: readonly unknown[]): Promise<unknown> {
    const handler = this.#handlers.get(channel);
    if (!handler)
      throw new Error(`Error invoking remote method '${channel}': Error: No handler registered for '${channel}'`);
    try {
      return await handler(eventFrom(sender), ...args);
    } catch (error) {
      throw new Error(`Error invoking remote method '${channel}': ${error}`);
    }
  }

  send(sender: Sender, channel: string, args: readonly unknown[]): void {
    this.emit(channel, eventFrom(sender), ...args);
  }
}

function eventFrom({ contents, frame }: Sender): Electron.IpcMainInvokeEvent {
  const details = { type: 'frame' as const, frameId: 1, processId: 1, sender: contents, senderFrame: frame };
  return Object.assign(new ElectronEvent(), details);
}
