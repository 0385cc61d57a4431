/** What can happen to the page. */
import { randomUUID } from 'node:crypto';
import type { Page } from 'playwright';
import { signalIfRunning } from '../support/chaos/processes.ts';
import { readProgress } from './page-evidence.ts';
import type { Row } from './row.ts';
import type { Stage } from './stage.ts';

const QUOTA_BYTES = 8 * 1024 * 1024;

/** As a phone does with a page that is not looked at: without a word to it. The browser has no other page. */
async function signalRenderers(stage: Stage, signal: 'SIGSTOP' | 'SIGCONT'): Promise<void> {
  const session = await stage.phone.context.browser()?.newBrowserCDPSession();
  const found = await session?.send('SystemInfo.getProcessInfo');
  const renderers = found?.processInfo.filter(({ type }) => type === 'renderer') ?? [];
  if (renderers.length === 0) throw new Error('The page has no process that could be frozen.');
  for (const { id } of renderers) signalIfRunning(id, signal);
}

/** What else of this browser's storage is full of: until not one small piece more is taken. */
async function fillStorage(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const settle = <T>(request: IDBRequest<T>) =>
      new Promise<T>((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
    const opening = indexedDB.open('filler', 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore('junk', { autoIncrement: true });
    const database = await settle(opening);
    const write = (bytes: number) =>
      new Promise<boolean>((resolve) => {
        const transaction = database.transaction('junk', 'readwrite', { durability: 'strict' });
        transaction.oncomplete = () => resolve(true);
        transaction.onabort = () => resolve(false);
        const junk = new Uint8Array(bytes);
        for (let at = 0; at < bytes; at += 65_536) crypto.getRandomValues(junk.subarray(at, at + 65_536));
        transaction.objectStore('junk').add(junk);
      });
    for (const bytes of [512 * 1024, 32 * 1024, 1024]) while (await write(bytes));
    database.close();
  });
}

async function emptyStorage(page: Page): Promise<void> {
  await page.evaluate(
    () =>
      new Promise((resolve, reject) => {
        const request = indexedDB.deleteDatabase('filler');
        request.onsuccess = resolve;
        request.onerror = reject;
      }),
  );
}

export const PHONE_ROWS: readonly Row[] = [
  {
    name: 'phone-frozen',
    isShort: true,
    broken: { phone: true },
    hasOwnBrowser: true,
    // Nobody sees a frozen page; what counts is what the computer says of it.
    says: /./,
    where: 'nowhere',
    terminalSays: /none heard, 1 silent for/,
    canAct: false,
    strike: (stage) => signalRenderers(stage, 'SIGSTOP'),
    heal: (stage) => signalRenderers(stage, 'SIGCONT'),
    after: async (stage) => {
      await stage.phone.allow();
    },
  },
  {
    name: 'phone-reloaded',
    broken: {},
    says: /Connected · proven/,
    canAct: false,
    strike: async (stage) => {
      await stage.phone.allow();
      await stage.prompt(`echo: just before ${randomUUID()}`);
      await stage.phone.page.reload();
    },
    // Reloaded before the prompt was on disk: then it is where it was written, and its author sends it again.
    heal: async ({ phone, prompts }) => {
      const field = phone.page.getByRole('textbox', { name: 'Prompt' });
      await field.waitFor();
      const { commands } = await readProgress(phone.page);
      const text = prompts.at(-1);
      if (commands.some(({ body }) => (body as { text?: string }).text === text)) return;
      if ((await field.inputValue()) !== text) throw new Error('The prompt is neither sent nor where it was written.');
      await phone.page.getByRole('button', { name: /^Send/ }).click();
    },
  },
  {
    name: 'phone-offline',
    isShort: true,
    broken: { page: true },
    says: /This device is offline/,
    terminalSays: /none connected|silent for/,
    strike: async (stage) => {
      await stage.phone.context.setOffline(true);
      stage.phoneWire.mood = { kind: 'hold', direction: 'both' };
    },
    heal: async (stage) => {
      stage.phoneWire.mood = { kind: 'pass' };
      await stage.phone.context.setOffline(false);
    },
  },
  {
    name: 'phone-storage-full',
    broken: {},
    says: /storage is full/,
    where: 'page',
    canAct: false,
    strike: async (stage) => {
      const session = await stage.devTools();
      await session.send('Storage.overrideQuotaForOrigin', {
        origin: stage.phoneWire.origin,
        quotaSize: QUOTA_BYTES,
      });
      await fillStorage(stage.phone.page);
      await stage.phone.prompt(`echo: no room for this ${'x'.repeat(100_000)}`);
    },
    heal: async (stage) => {
      await emptyStorage(stage.phone.page);
      const session = await stage.devTools();
      await session.send('Storage.overrideQuotaForOrigin', { origin: stage.phoneWire.origin });
    },
  },
  {
    name: 'phone-two-tabs',
    broken: { page: true },
    says: /Baton is open in another tab/,
    strike: async (stage) => {
      const second = await stage.phone.context.newPage();
      await second.goto(stage.phoneWire.origin);
      await second
        .locator('.status-text')
        .getByText(/Connected · proven/)
        .waitFor();
    },
    heal: async (stage) => {
      const [first, second] = stage.phone.context.pages();
      await second?.close();
      // A person opened the other tab, and says which of them goes on; that is meant.
      await first?.locator('.status-pill').first().click();
      await first?.getByRole('button', { name: 'Use it here' }).click();
      await first?.keyboard.press('Escape');
    },
  },
];
