/** Logs in memory, for a client that stands beside its host: what is lost with the page is read again in a moment. */
import type { WireEvent } from '#protocol/events.ts';
import type { Cursor } from '#protocol/messages.ts';
import { type ApplyResult, EMPTY_PAGE, isContiguous, type LogStore, type StoredPage } from './log-store.ts';

/** The newest events of a session that are kept; older ones come from the host by page. */
export const KEPT_EVENTS_MAX = 2_000;
/** How far above KEPT_EVENTS_MAX a session may grow before it is trimmed, so that trimming is rare. */
export const KEPT_EVENTS_SLACK = 500;

interface KeptLog {
  readonly epoch: string;
  /** Contiguous, up to `seq`. */
  events: WireEvent[];
  seq: number;
}

export class MemoryLogStore implements LogStore {
  readonly #logs = new Map<string, KeptLog>();

  async cursors(): Promise<Cursor[]> {
    return [...this.#logs].map(([session, { epoch, seq }]) => ({ session, epoch, seq }));
  }

  async cursor(session: string): Promise<Cursor | undefined> {
    const log = this.#logs.get(session);
    return log && { session, epoch: log.epoch, seq: log.seq };
  }

  async append(session: string, epoch: string, events: readonly WireEvent[]): Promise<ApplyResult> {
    const log = this.#logs.get(session) ?? { epoch, events: [], seq: 0 };
    const fresh = events.filter((event) => event.seq > log.seq);
    if (log.epoch !== epoch || !isContiguous(fresh, log.seq + 1)) return { kind: 'gap' };
    log.events.push(...fresh);
    log.seq += fresh.length;
    if (log.events.length >= KEPT_EVENTS_MAX + KEPT_EVENTS_SLACK) log.events = log.events.slice(-KEPT_EVENTS_MAX);
    this.#logs.set(session, log);
    return { kind: 'stored', seq: log.seq, fresh };
  }

  async replace(session: string, epoch: string, last: number, events: readonly WireEvent[]): Promise<ApplyResult> {
    const first = last - events.length + 1;
    if (first < 1 || !isContiguous(events, first)) return { kind: 'gap' };
    this.#logs.set(session, { epoch, events: [...events], seq: last });
    return { kind: 'stored', seq: last, fresh: events };
  }

  async prepend(session: string, epoch: string, events: readonly WireEvent[]): Promise<boolean> {
    const log = this.#logs.get(session);
    if (!log || log.epoch !== epoch || log.events.length + events.length > KEPT_EVENTS_MAX) return false;
    if (!isContiguous(events, firstOf(log) - events.length)) return false;
    log.events = [...events, ...log.events];
    return true;
  }

  async page(session: string, before: number | null, limit: number): Promise<StoredPage> {
    const log = this.#logs.get(session);
    if (!log) return EMPTY_PAGE;
    const last = before === null ? log.seq : Math.min(before - 1, log.seq);
    return read(log, last - limit + 1, last);
  }

  async since(session: string, after: number): Promise<StoredPage> {
    const log = this.#logs.get(session);
    return log ? read(log, after + 1, log.seq) : EMPTY_PAGE;
  }

  async dropOtherEpochs(epoch: string): Promise<string[]> {
    const dropped = [...this.#logs].flatMap(([session, log]) => (log.epoch === epoch ? [] : [session]));
    for (const session of dropped) this.#logs.delete(session);
    return dropped;
  }

  async dropExcessSessions(listed: ReadonlySet<string>): Promise<void> {
    for (const session of [...this.#logs.keys()]) if (!listed.has(session)) this.#logs.delete(session);
  }
}

/** Seq of the oldest event that is kept; that of the next one if none is. */
function firstOf(log: KeptLog): number {
  return log.seq - log.events.length + 1;
}

function read(log: KeptLog, wanted: number, last: number): StoredPage {
  const kept = firstOf(log);
  const first = Math.max(kept, wanted);
  if (last < first) return { events: [], first, last: first - 1 };
  return { events: log.events.slice(first - kept, last - kept + 1), first, last };
}
