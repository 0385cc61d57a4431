/** Writes the history to a file that a person, or another program, can read without Baton: JSON Lines, one thing a line. */
import { randomUUID } from 'node:crypto';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { HistoryDatabase } from './database.ts';
import type { History } from './history.ts';
import type { SessionRecord } from './session-store.ts';

export const EXPORT_VERSION = 1;

/** Text that is turned into JSON, or handed to the file, at once. */
const PIECE_CHARS = 256 * 1024;
/** Of events read at once; with events above this size each alone. */
const READ_BYTES = 512 * 1024;
const EVENTS_AT_ONCE_MAX = 64;

export interface ExportOptions {
  readonly history: History;
  readonly hostName: string;
  readonly now: () => number;
  /** Absolute. One that is there is replaced once the new one is whole. */
  readonly file: string;
}

/**
 * First a line about the export, then for each session, oldest first, its record, its events and its large outputs, and at last a line
 * that says how many there were. Never holds up the event loop for long. Rejects with words for a person; then nothing is left behind.
 */
export async function exportHistory(options: ExportOptions): Promise<{ sessions: number }> {
  const { history, file } = options;
  const temporary = `${file}.${randomUUID()}.part`;
  try {
    const handle = await open(temporary, 'wx', 0o600);
    let sessions: number;
    try {
      sessions = await writeAll(options, handle);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
    return { sessions };
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    const words = history.database.isOpen ? describeWriteError(error) : 'Baton was closed before it was done.';
    throw new Error(words, { cause: error });
  }
}

async function writeAll({ history, hostName, now }: ExportOptions, handle: FileHandle): Promise<number> {
  const reader = new ExportReader(history.database);
  const output = new Output(handle);
  const about = { type: 'baton-export', version: EXPORT_VERSION, epoch: history.epoch, host: hostName, at: now() };
  await output.write(`${JSON.stringify(about)}\n`);
  let sessions = 0;
  for (const id of history.sessions.ids()) {
    const record = history.sessions.get(id);
    if (!record) continue; // Deleted in the meantime.
    sessions += 1;
    await output.write(`${JSON.stringify(describeSession(record))}\n`);
    // As far as it goes now: a session in which an agent works may grow faster than it is written.
    const end = history.events.last(id);
    for (let page = reader.events(id, 0, end); page.lines !== ''; page = reader.events(id, page.last, end)) {
      await output.write(page.lines);
    }
    for (const blob of reader.blobs(id)) {
      const text = history.events.blob(id, blob.id);
      if (text === null) continue;
      const head = JSON.stringify({ type: 'blob', session: id, ...blob, text: '' });
      await output.write(head.slice(0, -'"}'.length));
      for (let at = 0; at < text.length; at += PIECE_CHARS) {
        // A pair of surrogates that is cut in two is written as two escapes, which read as the pair again.
        await output.write(JSON.stringify(text.slice(at, at + PIECE_CHARS)).slice(1, -1));
      }
      await output.write('"}\n');
    }
  }
  await output.write(`${JSON.stringify({ type: 'end', sessions })}\n`);
  await output.flush();
  return sessions;
}

function describeSession({
  id,
  title,
  agent,
  agentName,
  folder,
  state,
  since,
  detail,
  mode,
  createdAt,
}: SessionRecord) {
  return { type: 'session', session: id, title, agent, agentName, folder, state, since, detail, mode, createdAt };
}

/** Gathers small pieces, so that not each is a call of the system, and lets others work after each of those. */
class Output {
  readonly #handle: FileHandle;
  #pending = '';

  constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  async write(text: string): Promise<void> {
    this.#pending += text;
    if (this.#pending.length >= PIECE_CHARS) await this.flush();
    else await nextTurn();
  }

  async flush(): Promise<void> {
    const text = this.#pending;
    this.#pending = '';
    await this.#handle.writeFile(text);
  }
}

class ExportReader {
  readonly #sizes;
  readonly #events;
  readonly #blobs;

  constructor(database: HistoryDatabase) {
    const db = database.connection;
    // `octet_length` is known without reading the body.
    this.#sizes = db.prepare<[string, number, number, number], { seq: number; bytes: number }>(
      'SELECT seq, octet_length(body) AS bytes FROM event WHERE session = ? AND seq > ? AND seq <= ? ORDER BY seq LIMIT ?',
    );
    this.#events = db.prepare<[string, number, number], { seq: number; at: number; kind: string; body: string }>(
      'SELECT seq, at, kind, body FROM event WHERE session = ? AND seq > ? AND seq <= ? ORDER BY seq',
    );
    this.#blobs = db.prepare<[string], { id: string; bytes: number }>(
      'SELECT id, bytes FROM blob WHERE session = ? ORDER BY rowid',
    );
  }

  /** The next events after `seq` and up to `end` as lines; none if there are no more. */
  events(session: string, seq: number, end: number): { lines: string; last: number } {
    let last = seq;
    let sum = 0;
    for (const { seq: next, bytes } of this.#sizes.all(session, seq, end, EVENTS_AT_ONCE_MAX)) {
      sum += bytes;
      if (last > seq && sum > READ_BYTES) break;
      last = next;
    }
    const rows = last > seq ? this.#events.all(session, seq, last) : [];
    const lines = rows.map((row) => {
      const head = JSON.stringify({ type: 'event', session, seq: row.seq, at: row.at, kind: row.kind });
      return `${head.slice(0, -1)},"body":${row.body}}\n`; // The body is JSON already.
    });
    return { lines: lines.join(''), last };
  }

  blobs(session: string): { id: string; bytes: number }[] {
    return this.#blobs.all(session);
  }
}

function describeWriteError(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return 'The disk is full. Free some space, or choose another one.';
    case 'EACCES':
    case 'EPERM':
      return 'This user may not write there. Choose another folder.';
    case 'EROFS':
      return 'That file system is read-only. Choose another folder.';
    case 'ENOENT':
    case 'ENOTDIR':
      return 'There is no such folder. Choose another one.';
    case 'EISDIR':
    case 'ENOTEMPTY':
      return 'A folder has that name. Choose another name.';
    default:
      return message;
  }
}
