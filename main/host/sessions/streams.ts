import type { Clock } from '#lib/clock.ts';
import { Coalescer } from '#lib/coalescer.ts';

export const STREAM_INTERVAL_MS = 20;
/** Of one text while it is being written; the finished one is stored whole. */
export const STREAM_TEXT_MAX_CHARS = 1024 * 1024;
/** Texts being written in one session at once. */
export const STREAMS_MAX = 32;

export interface OpenText {
  readonly id: string;
  readonly role: 'message' | 'thought';
  readonly text: string;
}

/** The texts one agent is writing right now. Shown, not stored: the finished text is an event. */
export class Streams {
  readonly #coalescer: Coalescer;
  readonly #texts = new Map<string, OpenText>();
  readonly #grown = new Set<string>();

  constructor(clock: Clock, emit: (text: OpenText) => void) {
    this.#coalescer = new Coalescer(clock, STREAM_INTERVAL_MS, () => {
      const grown = [...this.#grown];
      this.#grown.clear();
      for (const id of grown) {
        const text = this.#texts.get(id);
        if (text) emit(text);
      }
    });
  }

  append(id: string, role: OpenText['role'], delta: string): void {
    const before = this.#texts.get(id);
    if (!before && this.#texts.size >= STREAMS_MAX) return;
    const text = (before?.text ?? '') + delta;
    if (text.length > STREAM_TEXT_MAX_CHARS) return;
    this.#texts.set(id, { id, role, text });
    this.#grown.add(id);
    this.#coalescer.touch();
  }

  /** The text is finished and stored, or will never be. */
  finish(id: string): void {
    this.#texts.delete(id);
    this.#grown.delete(id);
  }

  /** Removes and returns what was never finished, oldest first. */
  takeUnfinished(): OpenText[] {
    const texts = [...this.#texts.values()];
    this.#texts.clear();
    this.#grown.clear();
    return texts;
  }

  current(): OpenText[] {
    return [...this.#texts.values()];
  }

  dispose(): void {
    this.#coalescer.dispose();
  }
}
