/** The door between the window and main: who knocks, what they carry, and what they are told. */
import type { IpcMain, IpcMainInvokeEvent, WebContents, WebFrameMain } from 'electron';
import type { Disposer } from '#lib/disposer.ts';
import type { Log } from '#lib/log.ts';
import {
  type ArgumentOf,
  type Channel,
  calls,
  type Result,
  type ValueOf,
  type WireChannel,
} from '#preload/contract.ts';
import { isOwnAddress } from '../system/app-protocol.ts';
import { type CallHandlers, fail } from './calls/call-handlers.ts';

const ALIEN = 'Only the window of Baton may ask this.';
const MALFORMED = 'Baton did not understand what the window asked, and has changed nothing.';
const BROKEN = 'Something went wrong in Baton. Its log has the details; what you asked may not be done.';

export interface IpcRouterOptions {
  readonly ipcMain: Pick<IpcMain, 'handle' | 'removeHandler'>;
  readonly handlers: CallHandlers;
  /** The window's contents now; null if there is none. */
  readonly ownContents: () => WebContents | null;
  readonly log: Log;
}

/** Listens on every channel until it is disposed. */
export function createIpcRouter(options: IpcRouterOptions): Disposer {
  const { ipcMain, handlers, log } = options;
  const names = Object.keys(calls) as Channel[];
  for (const name of names) {
    ipcMain.handle(wireName(name), async (event: IpcMainInvokeEvent, argument: unknown) => {
      if (!isFromOwnPage(event, options.ownContents())) {
        log.warn('A call from elsewhere was refused', { channel: name });
        return fail(ALIEN);
      }
      return await answerCall(name, argument, handlers, log);
    });
  }
  return () => {
    for (const name of names) ipcMain.removeHandler(wireName(name));
  };
}

/** Parses the argument, then asks the handler. What the handler throws is a bug: it is logged, and the window gets a plain sentence. */
export async function answerCall<Name extends Channel>(
  name: Name,
  argument: unknown,
  handlers: CallHandlers,
  log: Log,
): Promise<Result<ValueOf<Name>>> {
  try {
    const parsed = calls[name].argument.safeParse(argument);
    if (!parsed.success) {
      // What was sent is not logged: it may be anything.
      log.warn('A malformed call was refused', { channel: name, issues: parsed.error.issues.length });
      return fail(MALFORMED);
    }
    return await handlers[name](parsed.data as ArgumentOf<Name>);
  } catch (error) {
    log.error('A call from the window failed', { channel: name, error });
    return fail(BROKEN);
  }
}

/** Only the main frame of our own window, while it shows our own page. The frame is null once it has gone elsewhere or is destroyed. */
export function isFromOwnPage(
  event: { readonly sender: WebContents; readonly senderFrame: Pick<WebFrameMain, 'url' | 'parent'> | null },
  own: WebContents | null,
): boolean {
  const frame = event.senderFrame;
  return own !== null && event.sender === own && frame !== null && frame.parent === null && isOwnAddress(frame.url);
}

function wireName(name: Channel): WireChannel {
  return `baton:${name}`;
}
