/** Where a client keeps the logs of one host's sessions: on the device, or in memory. Events and the cursor that covers them change together. */
import type { WireEvent } from '#protocol/events.ts';
import type { Cursor } from '#protocol/messages.ts';

export type ApplyResult =
  /** Stored up to `seq`. `fresh`: those that were new. */
  | { kind: 'stored'; seq: number; fresh: readonly WireEvent[] }
  /** They do not follow what is stored here; nothing was written. */
  | { kind: 'gap' };

export interface StoredPage {
  readonly events: readonly WireEvent[];
  /** Lowest and highest seq of the page; `last` is `first - 1` if it is empty. */
  readonly first: number;
  readonly last: number;
}

export const EMPTY_PAGE: StoredPage = { events: [], first: 1, last: 0 };

export interface LogStore {
  cursors(): Promise<Cursor[]>;
  cursor(session: string): Promise<Cursor | undefined>;
  /** Appends contiguous events: what is already stored is skipped, and what leaves a gap is refused whole. */
  append(session: string, epoch: string, events: readonly WireEvent[]): Promise<ApplyResult>;
  /** Replaces all that is stored of the session. Refused if the events are not contiguous up to `last`. */
  replace(session: string, epoch: string, last: number, events: readonly WireEvent[]): Promise<ApplyResult>;
  /** Stores a page that ends right before what is stored, if there is room for it. Says whether it was stored. */
  prepend(session: string, epoch: string, events: readonly WireEvent[]): Promise<boolean>;
  /** Up to `limit` stored events with seq below `before`, the newest of them; null for the end of the log. */
  page(session: string, before: number | null, limit: number): Promise<StoredPage>;
  /** All stored events with seq above `after`; starts later if `after + 1` is not stored any more. */
  since(session: string, after: number): Promise<StoredPage>;
  /** Drops everything that another database of the host wrote. Resolves with the sessions that were dropped. */
  dropOtherEpochs(epoch: string): Promise<string[]>;
  /** Keeps the number of stored sessions bounded: those that the host does not list any more go first. */
  dropExcessSessions(listed: ReadonlySet<string>): Promise<void>;
}

export function isContiguous(events: readonly WireEvent[], first: number): boolean {
  return events.every((event, index) => event.seq === first + index);
}
