/** The window itself, and the app around it. */

import type { HostLifecycle } from '#main/desktop/host-lifecycle.ts';
import { outsideAddress } from '#main/desktop/system/outside-pages.ts';
import type { OutsidePage, Page, UpdateView, WindowState } from '#preload/contract.ts';
import { type CallHandlers, fail, succeed } from './call-handlers.ts';

type AppChannel =
  | 'window.load'
  | 'window.show-page'
  | 'window.close'
  | 'clipboard.write'
  | 'outside.open'
  | 'update.check'
  | 'app.retry'
  | 'app.quit';

export function createAppCalls(options: {
  lifecycle: HostLifecycle;
  /** The whole state; slices are pushed from then on. */
  load: () => Promise<WindowState>;
  showPage: (page: Page) => void;
  closeWindow: () => void;
  writeClipboard: (text: string) => Promise<void> | void;
  /** Of this build; null if it has none. */
  updatePage: string | null;
  openExternal: (address: string) => Promise<void>;
  checkForUpdate: () => Promise<UpdateView>;
  quit: () => void;
}): Pick<CallHandlers, AppChannel> {
  const { lifecycle, updatePage } = options;
  return {
    'window.load': async () => succeed(await options.load()),
    'window.show-page': ({ page }) => {
      options.showPage(page);
      return succeed(null);
    },
    'window.close': () => {
      options.closeWindow();
      return succeed(null);
    },
    'clipboard.write': async ({ text }) => {
      try {
        await options.writeClipboard(text);
        return succeed(null);
      } catch {
        return fail('The system did not take it into the clipboard. Select the text and copy it by hand.');
      }
    },
    'outside.open': async ({ page }: { page: OutsidePage }) => {
      const address = outsideAddress(page, updatePage);
      if (address === null) return fail('This build of Baton does not know where newer ones are to be had.');
      try {
        await options.openExternal(address);
        return succeed(null);
      } catch {
        return fail(`The system could not open a browser. The address is ${address}`);
      }
    },
    'update.check': async () => succeed(await options.checkForUpdate()),
    'app.retry': async () => {
      await lifecycle.open();
      return lifecycle.refusal === null ? succeed(null) : fail(lifecycle.refusal);
    },
    'app.quit': () => {
      // The question it may ask is not waited for: the window may go with the answer.
      options.quit();
      return succeed(null);
    },
  };
}
