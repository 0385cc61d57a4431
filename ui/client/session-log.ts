/** One session's log as a screen shows it: a window of the stored log that grows at both ends, and the text that is being written. */
import { batch, type ReadonlySignal, signal } from '@preact/signals';
import { SerialQueue } from '#lib/serial-queue.ts';
import { parseEvent, type SessionEvent, type WireEvent } from '#protocol/events.ts';
import type { Transient } from '#protocol/messages.ts';
import type { SessionLog, Streaming } from '../host-client.ts';
import type { ClientEnvironment, Disposer } from './environment.ts';
import { translateEvent } from './host-times.ts';
import { LOG_PAGE_EVENTS } from './limits.ts';
import type { LogStore, StoredPage } from './log-store.ts';
import { StreamingTexts } from './streaming-texts.ts';

export interface StoredLogOptions {
  readonly session: string;
  readonly store: Pick<LogStore, 'page' | 'since'>;
  readonly environment: ClientEnvironment;
  /** How far the host's clock is ahead. */
  readonly clockOffset: number;
  /** Older events from the host; null if they cannot be had now. */
  fetchPage(before: number): Promise<readonly WireEvent[] | null>;
}

export class StoredLog implements SessionLog {
  readonly #options: StoredLogOptions;
  readonly #events = signal<readonly SessionEvent[]>([]);
  readonly #streaming = signal<readonly Streaming[]>([]);
  readonly #hasOlder = signal(false);
  readonly #isLoadingOlder = signal(false);
  /** Everything that changes what is loaded, in order. */
  readonly #queue = new SerialQueue();
  readonly #texts = new StreamingTexts();
  /** Loaded, and soon to be shown: many events of a moment are shown at once. */
  #unshown: SessionEvent[] = [];
  #haveTextsChanged = false;
  #stopFrame: Disposer | null = null;
  /** Lowest and highest seq that is loaded, whether or not this build knows the event's kind. */
  #first = 1;
  #last = 0;
  #clockOffset: number;
  #older: Promise<boolean> | null = null;

  constructor(options: StoredLogOptions) {
    this.#options = options;
    this.#clockOffset = options.clockOffset;
  }

  get events(): ReadonlySignal<readonly SessionEvent[]> {
    return this.#events;
  }

  get streaming(): ReadonlySignal<readonly Streaming[]> {
    return this.#streaming;
  }

  get hasOlder(): ReadonlySignal<boolean> {
    return this.#hasOlder;
  }

  get isLoadingOlder(): ReadonlySignal<boolean> {
    return this.#isLoadingOlder;
  }

  /** Shows the newest stored events, in place of what was shown. */
  load(): Promise<void> {
    return this.#queue.run(() => this.#loadNewest());
  }

  /** Events were stored at the end of the log, perhaps by another tab; `fresh` are those that this one knows of. */
  handleStored(fresh: readonly WireEvent[]): Promise<void> {
    return this.#queue.run(async () => {
      const unseen = fresh.filter((event) => event.seq > this.#last);
      const [next] = unseen;
      if (next?.seq === this.#last + 1) {
        this.#append(unseen, this.#last + unseen.length);
        return;
      }
      if (fresh.length > 0 && !next) return;
      const page = await this.#options.store.since(this.#options.session, this.#last);
      if (page.first === this.#last + 1) this.#append(page.events, page.last);
      else await this.#loadNewest();
    });
  }

  /** Says `gap` if a piece was missed and the text has to be sent again. */
  handleTransient(piece: Transient): 'applied' | 'gap' {
    const result = this.#texts.apply(piece);
    if (result === 'applied') this.#showTexts();
    return result;
  }

  /** Nothing is written any more, or nobody tells this device of it. */
  clearStreaming(): void {
    if (this.#texts.clear()) this.#showTexts();
  }

  /** The screen left this session: forgets all but the newest events. */
  shrink(): Promise<void> {
    return this.#queue.run(async () => {
      if (this.#last - this.#first >= LOG_PAGE_EVENTS) await this.#loadNewest();
    });
  }

  /** The clocks were compared again. */
  setClockOffset(offset: number): void {
    const change = offset - this.#clockOffset;
    this.#clockOffset = offset;
    this.#unshown = this.#unshown.map((event) => translateEvent(event, change));
    this.#events.value = this.#events.value.map((event) => translateEvent(event, change));
  }

  loadOlder(): Promise<boolean> {
    this.#older ??= this.#loadOlder().finally(() => {
      this.#older = null;
    });
    return this.#older;
  }

  dispose(): void {
    this.#stopFrame?.();
    this.#stopFrame = null;
  }

  async #loadOlder(): Promise<boolean> {
    if (!this.#hasOlder.value) return false;
    this.#isLoadingOlder.value = true;
    try {
      const { session, store } = this.#options;
      const before = this.#first;
      const stored = await store.page(session, before, LOG_PAGE_EVENTS);
      if (stored.events.length > 0) return await this.#prepend(before, stored);
      const events = await this.#options.fetchPage(before);
      if (!events) return false;
      if (events.length === 0) this.#hasOlder.value = false;
      return await this.#prepend(before, { events, first: before - events.length, last: before - 1 });
    } finally {
      this.#isLoadingOlder.value = false;
    }
  }

  /** Says whether the page was added: not if the log was loaded again while it was fetched. */
  #prepend(before: number, page: StoredPage): Promise<boolean> {
    return this.#queue.run(() => {
      if (this.#first !== before || page.events.length === 0 || page.last !== before - 1) return false;
      this.#first = page.first;
      batch(() => {
        this.#events.value = [...this.#parse(page.events), ...this.#events.value];
        this.#hasOlder.value = this.#first > 1;
      });
      return true;
    });
  }

  async #loadNewest(): Promise<void> {
    const page = await this.#options.store.page(this.#options.session, null, LOG_PAGE_EVENTS);
    this.#first = page.first;
    this.#last = page.last;
    this.#unshown = [];
    batch(() => {
      this.#events.value = this.#parse(page.events);
      this.#hasOlder.value = page.first > 1;
    });
  }

  #append(events: readonly WireEvent[], last: number): void {
    this.#last = last;
    const parsed = this.#parse(events);
    if (parsed.length === 0) return;
    for (const event of parsed) {
      this.#unshown.push(event);
      if (finishesText(event, this.#texts)) this.#haveTextsChanged = true;
    }
    this.#showSoon();
  }

  #parse(events: readonly WireEvent[]): SessionEvent[] {
    return events.flatMap((event) => {
      const parsed = parseEvent(event);
      return parsed ? [translateEvent(parsed, this.#clockOffset)] : [];
    });
  }

  #showTexts(): void {
    this.#haveTextsChanged = true;
    this.#showSoon();
  }

  #showSoon(): void {
    this.#stopFrame ??= this.#options.environment.onNextFrame(() => {
      this.#stopFrame = null;
      batch(() => this.#show());
    });
  }

  /** A finished text takes the place of the streaming one in the same picture. */
  #show(): void {
    const added = this.#unshown;
    this.#unshown = [];
    if (added.length > 0) this.#events.value = [...this.#events.value, ...added];
    if (this.#haveTextsChanged) this.#streaming.value = this.#texts.list;
    this.#haveTextsChanged = false;
  }
}

/** Takes out of `texts` what this event ends. Says whether anything was there. */
function finishesText(event: SessionEvent, texts: StreamingTexts): boolean {
  switch (event.kind) {
    case 'message':
    case 'thought':
      return texts.finish(event.body.id);
    case 'turn.ended':
    case 'session.interrupted':
    case 'session.failed':
    case 'session.ended':
      return texts.clear();
    default:
      return false;
  }
}
