import type { HistoryDatabase } from './database.ts';
import { sessionToken } from './event-log.ts';

export const SEARCH_RESULTS_MAX = 100;
export const SEARCH_WORDS_MAX = 16;
/** Beginnings up to this length have an index of their own (`prefix` of the table `event_text`). */
const INDEXED_BEGINNING_MAX_CHARS = 3;
/** Text around the first word found. */
const EXCERPT_CHARS = 240;

export interface SearchResult {
  readonly session: string;
  readonly seq: number;
  readonly at: number;
  readonly kind: 'prompt' | 'message';
  /** The text around the first word that was found. */
  readonly excerpt: string;
}

interface FoundRow {
  id: number;
  session: string;
  seq: number;
  at: number;
  kind: 'prompt' | 'message';
  body: string;
}

/** Full-text search over all prompts and messages. */
export class Search {
  readonly #find;

  constructor(database: HistoryDatabase) {
    // By rowid and not by rank: ranking a word found in most rows takes seconds, this stops after the first few.
    this.#find = database.connection.prepare<[string, number], FoundRow>(
      `SELECT event.id, event.session, event.seq, event.at, event.kind, event.body
       FROM event_text JOIN event ON event.id = event_text.rowid
       JOIN session ON session.id = event.session AND session.is_deleted = 0
       WHERE event_text MATCH ? ORDER BY event_text.rowid DESC LIMIT ?`,
    );
  }

  /**
   * Rows that hold all the words, newest first; anything a person types is a valid query. The last word may also be the beginning of
   * one, unless it is long and enough rows hold it as it is: gathering all words with a long beginning takes time in a large history.
   */
  newest(query: string, options: { limit: number; session?: string }): SearchResult[] {
    const words = splitWords(query);
    if (words.length === 0) return [];
    const limit = Math.min(options.limit, SEARCH_RESULTS_MAX);
    return this.#findRows(words, options.session, limit).map(({ session, seq, at, kind, body }) => ({
      session,
      seq,
      at,
      kind,
      excerpt: excerptOf((JSON.parse(body) as { text: string }).text, words),
    }));
  }

  #findRows(words: readonly string[], session: string | undefined, limit: number): FoundRow[] {
    if ([...(words.at(-1) ?? '')].length > INDEXED_BEGINNING_MAX_CHARS) {
      const rows = this.#find.all(matchExpression(words, session, 'whole'), limit);
      if (rows.length === limit) return rows;
    }
    return this.#find.all(matchExpression(words, session, 'beginning'), limit);
  }
}

function splitWords(query: string): string[] {
  return (query.toLowerCase().match(/[\p{L}\p{N}\p{M}]+/gu) ?? []).slice(0, SEARCH_WORDS_MAX);
}

/** FTS5 query syntax; words hold letters and digits only, so quoting cannot be escaped. */
function matchExpression(words: readonly string[], session: string | undefined, last: 'whole' | 'beginning'): string {
  const quoted = words.map((word) => `"${word}"`).join(' AND ');
  const text = `text : (${quoted}${last === 'beginning' ? '*' : ''})`;
  return session === undefined ? text : `session : "${sessionToken(session).replace(/[^0-9a-zA-Z]/g, '')}" AND ${text}`;
}

function excerptOf(text: string, words: readonly string[]): string {
  const lower = text.toLowerCase();
  const found = words.map((word) => lower.indexOf(word)).filter((at) => at >= 0);
  const first = found.length === 0 ? 0 : Math.min(...found);
  const start = Math.max(0, first - EXCERPT_CHARS / 4);
  const excerpt = text
    .slice(start, start + EXCERPT_CHARS)
    .toWellFormed()
    .replaceAll(/\s+/g, ' ')
    .trim();
  return `${start > 0 ? '…' : ''}${excerpt}${start + EXCERPT_CHARS < text.length ? '…' : ''}`;
}
