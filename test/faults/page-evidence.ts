/** What the page has stored, read from its IndexedDB and not from what it shows. */
import type { Page } from 'playwright';
import type { WireEvent } from '#protocol/events.ts';
import type { DeviceEvidence, SentCommand } from '../chaos/evidence.ts';

interface StoredEvent extends WireEvent {
  readonly host: string;
  readonly session: string;
}
interface StoredCommand {
  readonly id: string;
  readonly session: string;
  readonly kind: string;
  readonly body: unknown;
  readonly receipt: string | null;
}

export async function readPage(name: string, page: Page): Promise<DeviceEvidence> {
  const stored = await readStores(page, ['events', 'outbox']);
  const events = new Map<string, WireEvent[]>();
  for (const { host: _, session, ...event } of stored.events as StoredEvent[]) {
    const log = events.get(session) ?? [];
    events.set(session, log);
    log.push(event);
  }
  return { name, events, commands: toCommands(stored.outbox) };
}

/** How far it is: its commands, and the number of the last event of each session. Cheap, however much it has. */
export async function readProgress(
  page: Page,
): Promise<{ commands: readonly SentCommand[]; seqs: Record<string, number> }> {
  const stored = await readStores(page, ['cursors', 'outbox']);
  const cursors = stored.cursors as readonly { session: string; seq: number }[];
  return {
    commands: toCommands(stored.outbox),
    seqs: Object.fromEntries(cursors.map(({ session, seq }) => [session, seq])),
  };
}

function toCommands(outbox: readonly unknown[] | undefined): SentCommand[] {
  return ((outbox ?? []) as StoredCommand[]).map(({ id, session, kind, body, receipt }) => ({
    id,
    session,
    kind,
    body,
    state: receipt ?? 'waiting',
  }));
}

async function readStores(page: Page, names: readonly string[]): Promise<Record<string, unknown[]>> {
  return await page.evaluate(async (wanted) => {
    const settle = <T>(request: IDBRequest<T>) =>
      new Promise<T>((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
    const database = await settle(indexedDB.open('baton'));
    const transaction = database.transaction([...wanted]);
    const found = await Promise.all(wanted.map((name) => settle<unknown[]>(transaction.objectStore(name).getAll())));
    database.close();
    return Object.fromEntries(wanted.map((name, at) => [name, found[at] ?? []]));
  }, names);
}
