/** Text that is being written right now, put together from pieces. Pure. */

import type { Transient } from '#protocol/messages.ts';
import type { Streaming } from '../host-client.ts';
import { STREAMING_TEXT_MAX_CHARS } from './limits.ts';

export class StreamingTexts {
  /** Oldest first. */
  readonly #texts = new Map<string, Streaming>();

  get list(): readonly Streaming[] {
    return [...this.#texts.values()];
  }

  /** Adds a piece. `gap`: what came before it was missed, so nothing changed and the text has to be sent again. */
  apply(piece: Pick<Transient, 'id' | 'role' | 'from' | 'text'>): 'applied' | 'gap' {
    const known = this.#texts.get(piece.id)?.text ?? '';
    if (piece.from > known.length) return known.length < STREAMING_TEXT_MAX_CHARS ? 'gap' : 'applied';
    const text = (known.slice(0, piece.from) + piece.text).slice(0, STREAMING_TEXT_MAX_CHARS);
    this.#texts.set(piece.id, { id: piece.id, role: piece.role, text });
    return 'applied';
  }

  /** The finished text is in the log. Says whether anything was there. */
  finish(id: string): boolean {
    return this.#texts.delete(id);
  }

  /** Says whether anything was there. */
  clear(): boolean {
    const had = this.#texts.size > 0;
    this.#texts.clear();
    return had;
  }
}
