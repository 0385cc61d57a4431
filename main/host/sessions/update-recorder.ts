import { textHead } from '#lib/text-head.ts';
import type { Actor, AgentMode, NewEvent } from '#protocol/events.ts';
import { TITLE_MAX_CHARS } from '#protocol/limits.ts';
import type { AgentPosition, AgentUpdate } from '../agents/agent.ts';
import { AGENT_ID_MAX_CHARS, fitId, fitLine } from '../history/fit-event.ts';
import type { History } from '../history/history.ts';
import type { SessionJournal } from './session-journal.ts';
import type { Streams } from './streams.ts';
import type { Writer } from './writer.ts';

/** So many updates, or so many bytes of them, are written in one go: a transaction costs a flush of the disk. */
export const BATCH_MAX_UPDATES = 200;
export const BATCH_MAX_BYTES = 1024 * 1024;
/** While the disk fails, an agent may say so much before it is stopped. */
export const UNWRITTEN_MAX_BYTES = 32 * 1024 * 1024;
/** How far an agent's output was read is written down at least whenever it has said so much, also if nothing of it is worth an event. */
export const POSITION_EVERY_BYTES = 1024 * 1024;
export const MODES_MAX = 50;
/** Of a mode's name or description: all modes of all sessions are part of the state. */
export const MODE_TEXT_MAX_CHARS = 200;

interface Batch {
  readonly steps: (() => void)[];
  bytes: number;
}

/** Brings what one agent says into the log: in order, in batches, never more than a moment late. */
export class UpdateRecorder {
  readonly #session: string;
  readonly #history: History;
  readonly #journal: SessionJournal;
  readonly #writer: Writer;
  readonly #streams: Streams;
  readonly #onOverflow: () => void;
  readonly #position: () => AgentPosition | null;
  readonly #onStored: (position: AgentPosition) => void;
  #lastPosition: AgentPosition | null = null;
  #batch: Batch = { steps: [], bytes: 0 };
  #unwrittenBytes = 0;
  #scheduled: NodeJS.Immediate | null = null;
  #modeWish: { mode: string; by: Actor } | null = null;

  constructor(options: {
    session: string;
    history: History;
    journal: SessionJournal;
    writer: Writer;
    streams: Streams;
    /** More was said than can be kept while the disk fails. */
    onOverflow: () => void;
    /** How far what the agent says was told to this recorder; null of an agent that ends with the host. */
    position: () => AgentPosition | null;
    /** Everything up to there is on disk. */
    onStored: (position: AgentPosition) => void;
  }) {
    this.#session = options.session;
    this.#history = options.history;
    this.#journal = options.journal;
    this.#writer = options.writer;
    this.#streams = options.streams;
    this.#onOverflow = options.onOverflow;
    this.#position = options.position;
    this.#onStored = options.onStored;
  }

  handle(update: AgentUpdate): void {
    switch (update.kind) {
      case 'delta':
        this.#streams.append(fitId(update.id), update.role, update.text);
        return;
      case 'text': {
        const id = fitId(update.id);
        this.#streams.finish(id);
        if (update.text !== '') this.#add({ kind: update.role, body: { id, text: update.text } }, update.text.length);
        return;
      }
      case 'tool':
        if (update.isFinal) this.#add({ kind: 'tool', body: update.tool }, sizeOf(update.tool));
        return;
      case 'plan':
        this.#add({ kind: 'plan', body: { entries: update.entries } }, sizeOf(update.entries));
        return;
      case 'mode':
        this.#step(1_000, () => this.#setMode(update.current, update.available));
        return;
      case 'title': {
        const title = textHead(fitLine(update.title).replaceAll(/\s+/g, ' ').trim(), TITLE_MAX_CHARS);
        if (title !== '') this.#step(1_000, () => this.#journal.retitle(this.#session, title, 'agent', null));
      }
    }
  }

  /** The next change to this mode is that person's doing. */
  expectMode(mode: string, by: Actor): void {
    this.#modeWish = { mode, by };
  }

  /** The agent has taken the mode, whether or not it says so itself. */
  confirmMode(mode: string): void {
    this.#step(0, () => this.#setMode(mode, this.#journal.record(this.#session).modes));
    this.flush();
  }

  /** Writes what there is now. */
  flush(): void {
    // In the middle of a piece of output, how far it was read is no use: that is written at its end, in the same transaction.
    if (this.#batch.steps.length > 0) this.#write(this.#writer.isGrouping ? null : this.#position());
  }

  /** One piece of the agent's output is told: `isAnything` of it is being written now, and then so is all the rest, and its end. */
  settle(isAnything: boolean): void {
    const position = this.#position();
    const last = this.#lastPosition;
    const isDue =
      position !== null &&
      (position.agent !== last?.agent || position.readFrom - last.readFrom >= POSITION_EVERY_BYTES);
    if (isAnything || isDue) this.#write(position);
  }

  #write(position: AgentPosition | null): void {
    if (this.#scheduled) clearImmediate(this.#scheduled);
    this.#scheduled = null;
    const { steps, bytes } = this.#batch;
    if (steps.length === 0 && position === null) return;
    this.#batch = { steps: [], bytes: 0 };
    this.#unwrittenBytes += bytes;
    this.#lastPosition = position ?? this.#lastPosition;
    this.#writer.write(
      () => {
        for (const step of steps) step();
        if (position) this.#history.agentOutput.put(this.#session, position);
      },
      () => {
        this.#unwrittenBytes -= bytes;
        if (position) this.#onStored(position);
      },
    );
    if (this.#unwrittenBytes > UNWRITTEN_MAX_BYTES) this.#onOverflow();
  }

  /** Writes also the texts that the agent never finished: people have seen them. */
  flushUnfinished(): void {
    for (const { id, role, text } of this.#streams.takeUnfinished())
      this.#add({ kind: role, body: { id, text } }, text.length);
    this.flush();
  }

  #add(event: NewEvent, bytes: number): void {
    this.#step(bytes, () => this.#journal.append(this.#session, event));
  }

  #step(bytes: number, step: () => void): void {
    this.#batch.steps.push(step);
    this.#batch.bytes += bytes;
    if (this.#batch.steps.length >= BATCH_MAX_UPDATES || this.#batch.bytes >= BATCH_MAX_BYTES) this.flush();
    else this.#scheduled ??= setImmediate(() => this.flush());
  }

  #setMode(wanted: string, available: readonly AgentMode[]): void {
    const current = fitId(wanted);
    const modes = available
      .filter((mode) => mode.id.length > 0 && mode.id.length <= AGENT_ID_MAX_CHARS)
      .slice(0, MODES_MAX)
      .map(({ id, name, description }) => ({
        id,
        name: fitLine(name, MODE_TEXT_MAX_CHARS),
        ...(description !== undefined && { description: fitLine(description, MODE_TEXT_MAX_CHARS) }),
      }));
    const before = this.#journal.record(this.#session);
    const by = this.#modeWish?.mode === current ? this.#modeWish.by : null;
    if (by !== null) {
      this.#modeWish = null;
      this.#history.sessions.chooseMode(this.#session, current);
    }
    const isSame = before.mode === current && JSON.stringify(before.modes) === JSON.stringify(modes);
    if (isSame) return;
    this.#history.sessions.setMode(this.#session, current, modes);
    this.#journal.append(this.#session, { kind: 'mode', body: { current, available: modes, by } });
  }
}

function sizeOf(value: unknown): number {
  return JSON.stringify(value).length;
}
