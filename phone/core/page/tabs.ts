/** Tells the other tabs of this page what changed in the store they share. */
import * as z from 'zod/mini';
import type { Disposer } from '../environment.ts';

const CHANNEL_NAME = 'baton';

const tabNote = z.discriminatedUnion('kind', [
  /** A command was stored; whichever tab holds the connection sends it. */
  z.object({ kind: z.literal('outbox'), host: z.string() }),
  /** A host was paired or forgotten. */
  z.object({ kind: z.literal('hosts') }),
]);
export type TabNote = z.infer<typeof tabNote>;

export class Tabs {
  readonly #channel = new BroadcastChannel(CHANNEL_NAME);

  tell(note: TabNote): void {
    this.#channel.postMessage(note);
  }

  onDidHear(callback: (note: TabNote) => void): Disposer {
    const listening = new AbortController();
    const hear = (event: MessageEvent<unknown>) => {
      const note = tabNote.safeParse(event.data); // An older build of this page may say other things.
      if (note.success) callback(note.data);
    };
    this.#channel.addEventListener('message', hear, { signal: listening.signal });
    return () => listening.abort();
  }
}
