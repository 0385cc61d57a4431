/** What can happen to the page. */
import { randomUUID } from 'node:crypto';
import type { Row } from './row.ts';
import type { Stage } from './stage.ts';

/** Less than is stored already. */
const NO_ROOM_BYTES = 1;

async function freeze(stage: Stage, state: 'frozen' | 'active'): Promise<void> {
  const session = await stage.devTools();
  await session.send('Page.setWebLifecycleState', { state });
}

export const PHONE_ROWS: readonly Row[] = [
  {
    name: 'phone-frozen',
    isShort: true,
    broken: { phone: true },
    // Nobody sees a frozen page; what counts is what the computer says of it, and what the page says when it is thawed.
    says: /./,
    terminalSays: /none heard, 1 silent for/,
    canAct: false,
    strike: (stage) => freeze(stage, 'frozen'),
    heal: (stage) => freeze(stage, 'active'),
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
    heal: () => {},
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
        quotaSize: NO_ROOM_BYTES,
      });
      await stage.phone.prompt(`echo: no room for this ${'x'.repeat(100_000)}`);
    },
    heal: async (stage) => {
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
