/** The demo agent's sessions on disk: one JSON file each, so that a session goes on after its process was killed. */
import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod/mini';

/** Entries of the history that are kept; the oldest are forgotten first. */
export const HISTORY_MAX_ENTRIES = 200;
/** Of one entry, this much is kept. */
export const HISTORY_ENTRY_MAX_CHARS = 16 * 1024;

const SESSION_ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

const modeId = z.enum(['ask', 'auto']);
export type ModeId = z.infer<typeof modeId>;

const storedSession = z.object({
  id: z.string().check(z.regex(SESSION_ID)),
  mode: modeId,
  /** The person chose "always allow" for edits. */
  areEditsAllowed: z.boolean(),
  history: z.array(z.object({ role: z.enum(['user', 'agent']), text: z.string() })),
});
export type DemoSession = z.infer<typeof storedSession>;

export class SessionStore {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  create(): DemoSession {
    return { id: randomUUID(), mode: 'ask', areEditsAllowed: false, history: [] };
  }

  /** The session with this id, or null if it was never stored or cannot be read. */
  async read(id: string): Promise<DemoSession | null> {
    if (!SESSION_ID.test(id)) return null;
    try {
      const parsed = storedSession.safeParse(JSON.parse(await readFile(this.#path(id), 'utf8')));
      return parsed.success ? parsed.data : null;
    } catch {
      return null;
    }
  }

  async write(session: DemoSession): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const path = this.#path(session.id);
    await writeFile(`${path}.new`, JSON.stringify(session), { mode: 0o600 });
    await rename(`${path}.new`, path);
  }

  /** Adds to the history, joining what one side says in several pieces. */
  remember(session: DemoSession, role: 'user' | 'agent', text: string): void {
    const last = session.history.at(-1);
    if (last?.role === role) last.text = `${last.text}${text}`.slice(0, HISTORY_ENTRY_MAX_CHARS);
    else session.history.push({ role, text: text.slice(0, HISTORY_ENTRY_MAX_CHARS) });
    session.history.splice(0, session.history.length - HISTORY_MAX_ENTRIES);
  }

  #path(id: string): string {
    return join(this.#folder, `${id}.json`);
  }
}
