/** What the page has stored, read from its IndexedDB and not from what it shows. */
import type { Page } from 'playwright';
import type { WireEvent } from '../../protocol/events.ts';
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
  const stored = await page.evaluate(async () => {
    const settle = <T>(request: IDBRequest<T>) =>
      new Promise<T>((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
    const database = await settle(indexedDB.open('baton'));
    const transaction = database.transaction(['events', 'outbox']);
    const [events, outbox] = await Promise.all([
      settle(transaction.objectStore('events').getAll()),
      settle(transaction.objectStore('outbox').getAll()),
    ]);
    database.close();
    return { events: events as unknown[], outbox: outbox as unknown[] };
  });
  const events = new Map<string, WireEvent[]>();
  for (const { host: _, session, ...event } of stored.events as StoredEvent[]) {
    const log = events.get(session) ?? [];
    events.set(session, log);
    log.push(event);
  }
  const commands = (stored.outbox as StoredCommand[]).map(
    ({ id, session, kind, body, receipt }): SentCommand => ({ id, session, kind, body, state: receipt ?? 'waiting' }),
  );
  return { name, events, commands };
}
