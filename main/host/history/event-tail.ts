/** One event as it is sent: its place, and its JSON. Read or written once, however many clients get it. */
export interface StoredEvent {
  readonly seq: number;
  /** A `wireEvent` of the protocol. */
  readonly json: string;
}

/** Newest events of a session that are kept at hand: enough for clients that keep up. */
export const TAIL_MAX_EVENTS = 128;
export const TAIL_MAX_CHARS = 256 * 1024;
/** Sessions whose tails are kept; the one used least goes first. */
export const TAILS_MAX = 16;

interface Tail {
  /** Contiguous, in order, and never empty. */
  events: StoredEvent[];
  chars: number;
}

/** The ends of the logs that are growing now, so that what was just appended is not read back once for each client. */
export class EventTail {
  readonly #tails = new Map<string, Tail>();

  /** These are safe on disk. */
  append(session: string, events: readonly StoredEvent[]): void {
    const [first] = events;
    if (!first) return;
    let tail = this.#tails.get(session);
    if (tail?.events.at(-1)?.seq !== first.seq - 1) tail = { events: [], chars: 0 };
    tail.events.push(...events);
    tail.chars += events.reduce((sum, { json }) => sum + json.length, 0);
    let dropped = 0;
    while (tail.events.length - dropped > TAIL_MAX_EVENTS || tail.chars > TAIL_MAX_CHARS) {
      const event = tail.events[dropped];
      if (!event) break;
      tail.chars -= event.json.length;
      dropped += 1;
    }
    tail.events.splice(0, dropped);
    this.#tails.delete(session);
    if (tail.events.length > 0) this.#tails.set(session, tail);
    const [oldest] = this.#tails.keys();
    if (this.#tails.size > TAILS_MAX && oldest !== undefined) this.#tails.delete(oldest);
  }

  /** Up to `limit` events right after `seq`; null if they are not all at hand, or there are none. */
  after(session: string, seq: number, limit: number): StoredEvent[] | null {
    const events = this.#tails.get(session)?.events;
    const at = events?.[0] ? seq + 1 - events[0].seq : -1;
    return events && at >= 0 && at < events.length ? events.slice(at, at + limit) : null;
  }

  /** The session is deleted. */
  drop(session: string): void {
    this.#tails.delete(session);
  }
}
