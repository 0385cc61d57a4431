/**
 * Keeps one device's copy of the logs equal to the host's: by cursor, with credit, never faster than the device and the link take it.
 */

import type { Clock } from '#lib/clock.ts';
import type { Disposer } from '#lib/disposer.ts';
import {
  CREDIT_MAX_BYTES,
  CREDIT_MAX_EVENTS,
  LINK_BUFFER_MAX_BYTES,
  PAGE_MAX_EVENTS,
  REPLAY_MAX_BYTES,
  REPLAY_MAX_EVENTS,
  SNAPSHOT_EVENTS,
} from '#protocol/limits.ts';
import type { Cursor, FromHost, Transient } from '#protocol/messages.ts';
import type { StoredEvent } from '../history/event-tail.ts';

/** What sync reads. Implemented by the event log. */
export interface SyncSource {
  readonly epoch: string;
  /** Seq of the session's last event; 0 if it has none. */
  last(session: string): number;
  /** Up to `limit` events with seq > `seq`, in order. */
  storedAfter(session: string, seq: number, limit: number): StoredEvent[];
  /** Up to `limit` events with seq < `seq`, the newest of them, in order. */
  storedBefore(session: string, seq: number, limit: number): StoredEvent[];
  /** Whether the device may see this session at all. */
  isVisible(session: string): boolean;
  /** Whether there was such a session, which is deleted. */
  isDeleted(session: string): boolean;
}

export interface SyncPort {
  /** One message, as JSON. */
  send(json: string): void;
  /** Bytes on their way that the network has not taken. */
  bufferedBytes(): number;
}

/** How often it is checked whether a full buffer has drained; sockets do not say. */
const DRAIN_CHECK_EVERY_MS = 20;
/** Events read from the database and sent in one message. */
const BATCH_MAX_EVENTS = 128;
const BATCH_MAX_BYTES = 256 * 1024;
/** While more than that is to be sent, credit is not spent on less: messages of a few events each cost more than the events. */
const BATCH_WORTH_SENDING_EVENTS = 64;

interface Sent {
  readonly session: string;
  readonly seq: number;
  readonly bytes: number;
}

export class DeviceSync {
  readonly #source: SyncSource;
  readonly #port: SyncPort;
  readonly #clock: Clock;
  /** Last seq sent, by session: the sessions this device follows. */
  readonly #sent = new Map<string, number>();
  /** Of those, the ones with events that are not sent yet; only these are looked at when credit comes back. */
  readonly #behind = new Set<string>();
  /** Where the device stands in sessions of which nothing was sent since it said so. */
  readonly #said = new Map<string, Cursor>();
  /** Sent and not yet acknowledged, oldest first. */
  #outstanding: Sent[] = [];
  #outstandingBytes = 0;
  /** Length of each text in writing that this device has already. */
  #streamed = new Map<string, number>();
  #watched: string | null = null;
  #cancelDrainCheck: Disposer | null = null;
  #isDisposed = false;

  constructor(source: SyncSource, port: SyncPort, clock: Clock) {
    this.#source = source;
    this.#port = port;
    this.#clock = clock;
  }

  get watched(): string | null {
    return this.#watched;
  }

  /** The device says where it stands. Sessions it may not see are left out without a word, but for those that are deleted. */
  follow(cursors: readonly Cursor[]): void {
    for (const cursor of cursors) {
      if (cursor.seq > 0 && this.#source.isDeleted(cursor.session)) this.forget(cursor.session);
      if (!this.#source.isVisible(cursor.session)) continue;
      this.#forgetOutstanding(cursor.session, Number.POSITIVE_INFINITY);
      this.#sent.set(cursor.session, cursor.seq);
      this.#said.set(cursor.session, cursor);
      this.#behind.add(cursor.session);
    }
    this.resume();
  }

  /** The session is deleted: the device is to drop what it has of it, as it does for a log that begins again. */
  forget(session: string): void {
    if (this.#isDisposed) return;
    this.#forgetOutstanding(session, Number.POSITIVE_INFINITY);
    this.#sent.delete(session);
    this.#said.delete(session);
    this.#behind.delete(session);
    this.#port.send(withEvents({ type: 'snapshot', session, epoch: this.#source.epoch, last: 0 }, []));
  }

  acknowledge(session: string, seq: number): void {
    this.#forgetOutstanding(session, seq);
    this.resume();
  }

  /** Events were appended to this session. */
  pump(session: string): void {
    if (this.#sent.has(session)) this.#behind.add(session);
    this.resume();
  }

  /**
   * Sends what is not sent yet, as far as credit, the link and the switches of the sessions allow; first what is on the device's
   * screen. Cheap when there is nothing.
   */
  resume(): void {
    if (this.#isDisposed) return;
    const watched = this.#watched;
    const isWatchedBehind = watched !== null && this.#behind.has(watched);
    for (const session of isWatchedBehind ? new Set([watched, ...this.#behind]) : this.#behind) {
      if (!this.#source.isVisible(session)) continue;
      if (!this.#sendRest(session)) return;
      this.#behind.delete(session);
    }
  }

  /** Older events of a session, newest last; as many as fit, and at least one if there is any. */
  page(session: string, before: number, limit: number): StoredEvent[] {
    if (!this.#source.isVisible(session)) return [];
    return newestWithin(this.#source.storedBefore(session, before, Math.min(limit, PAGE_MAX_EVENTS)), REPLAY_MAX_BYTES)
      .events;
  }

  /** Which session is on the device's screen; `streaming` is the text being written there now. */
  watch(session: string | null, streaming: readonly { id: string; role: Transient['role']; text: string }[]): void {
    this.#watched = session;
    this.#streamed.clear();
    if (session === null || !this.#source.isVisible(session)) return;
    for (const { id, role, text } of streaming) this.stream({ session, id, role, text });
  }

  /** Text being written, whole so far. Only what is new to this device is sent, and nothing while the link is full: the next one has it all. */
  stream(text: { session: string; id: string; role: Transient['role']; text: string }): void {
    if (this.#isDisposed || text.session !== this.#watched || !this.#source.isVisible(text.session)) return;
    if (this.#port.bufferedBytes() > LINK_BUFFER_MAX_BYTES) return;
    const known = this.#streamed.get(text.id) ?? 0;
    const from = known <= text.text.length ? known : 0;
    if (from === text.text.length && from > 0) return;
    this.#streamed.set(text.id, text.text.length);
    const { session, id, role } = text;
    const piece: FromHost = { type: 'transient', session, id, role, from, text: text.text.slice(from) };
    this.#port.send(JSON.stringify(piece));
  }

  dispose(): void {
    this.#isDisposed = true;
    this.#cancelDrainCheck?.();
  }

  /** False if credit or the link stop it before the end of the session's log. */
  #sendRest(session: string): boolean {
    const last = this.#source.last(session);
    const said = this.#said.get(session);
    if (said) {
      if (!this.#isRoomFor(1)) return false;
      this.#said.delete(session);
      if (!this.#isReplayable(said, last)) {
        this.#sendSnapshot(session, last);
        return true;
      }
    }
    for (let sent = this.#sent.get(session) ?? last; sent < last; this.#sent.set(session, sent)) {
      if (!this.#isRoomFor(Math.min(last - sent, BATCH_WORTH_SENDING_EVENTS))) return false;
      const room = CREDIT_MAX_EVENTS - this.#outstanding.length;
      const events = this.#source.storedAfter(session, sent, Math.min(room, BATCH_MAX_EVENTS));
      if (events.length === 0) break;
      sent = this.#sendEvents(session, events);
    }
    return true;
  }

  #isRoomFor(events: number): boolean {
    if (this.#outstanding.length + events > CREDIT_MAX_EVENTS || this.#outstandingBytes >= CREDIT_MAX_BYTES)
      return false;
    if (this.#port.bufferedBytes() <= LINK_BUFFER_MAX_BYTES) return true;
    this.#checkDrainLater();
    return false;
  }

  #isReplayable(cursor: Cursor, last: number): boolean {
    const gap = last - cursor.seq;
    if (cursor.epoch !== this.#source.epoch && cursor.seq > 0) return false;
    if (gap < 0 || gap > REPLAY_MAX_EVENTS) return false;
    const bytes = this.#source
      .storedAfter(cursor.session, cursor.seq, REPLAY_MAX_EVENTS)
      .reduce((sum, { json }) => sum + json.length, 0);
    return bytes <= REPLAY_MAX_BYTES;
  }

  #sendSnapshot(session: string, last: number): void {
    const { events, bytes } = newestWithin(
      this.#source.storedBefore(session, last + 1, SNAPSHOT_EVENTS),
      REPLAY_MAX_BYTES,
    );
    this.#sent.set(session, last);
    this.#remember(session, events, bytes);
    this.#port.send(withEvents({ type: 'snapshot', session, epoch: this.#source.epoch, last }, events));
  }

  /** Sends as many of `events` as one message should hold, and answers the seq of the last one sent. */
  #sendEvents(session: string, events: readonly StoredEvent[]): number {
    const batch: StoredEvent[] = [];
    let bytes = 0;
    for (const event of events) {
      if (batch.length > 0 && bytes > BATCH_MAX_BYTES) break;
      batch.push(event);
      bytes += event.json.length;
    }
    this.#remember(session, batch, bytes);
    this.#port.send(withEvents({ type: 'events', session, epoch: this.#source.epoch }, batch));
    return (batch.at(-1) as StoredEvent).seq;
  }

  #remember(session: string, events: readonly StoredEvent[], bytes: number): void {
    const each = Math.ceil(bytes / Math.max(events.length, 1));
    for (const event of events) this.#outstanding.push({ session, seq: event.seq, bytes: each });
    this.#outstandingBytes += each * events.length;
  }

  #forgetOutstanding(session: string, seq: number): void {
    this.#outstanding = this.#outstanding.filter((sent) => {
      if (sent.session !== session || sent.seq > seq) return true;
      this.#outstandingBytes -= sent.bytes;
      return false;
    });
  }

  #checkDrainLater(): void {
    if (this.#cancelDrainCheck) return;
    this.#cancelDrainCheck = this.#clock.after(DRAIN_CHECK_EVERY_MS, () => {
      this.#cancelDrainCheck = null;
      this.resume();
    });
  }
}

/** Messages that carry events, by what they have besides. */
type EventsHead =
  | Omit<Extract<FromHost, { type: 'events' }>, 'events'>
  | Omit<Extract<FromHost, { type: 'snapshot' }>, 'events'>
  | Omit<Extract<FromHost, { type: 'page' }>, 'events'>;

/** A message with its events, which are JSON already, as its last part. */
export function withEvents(head: EventsHead, events: readonly StoredEvent[]): string {
  return `${JSON.stringify(head).slice(0, -1)},"events":[${events.map(({ json }) => json).join(',')}]}`;
}

/** The newest events that fit into `maxBytes`; the very newest is kept whatever its size. */
function newestWithin(events: StoredEvent[], maxBytes: number): { events: StoredEvent[]; bytes: number } {
  let bytes = 0;
  let first = events.length;
  while (first > 0) {
    const size = (events[first - 1] as StoredEvent).json.length;
    if (first < events.length && bytes + size > maxBytes) break;
    bytes += size;
    first -= 1;
  }
  return { events: events.slice(first), bytes };
}
