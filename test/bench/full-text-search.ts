/** Finding the newest twenty among a million messages, in a history made of the real tables. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { uuidv7 } from 'uuidv7';
import { silentLog } from '#lib/log.ts';
import { type History, openHistory } from '#main/host/history/history.ts';
import type { NewEvent } from '#protocol/events.ts';
import { createSentences } from '../support/bench/sentences.ts';
import type { Bench, Figure } from './bench.ts';
import {
  formatMegabytes,
  formatMs,
  formatNumber,
  formatPercentiles,
  percentileValues,
  summarize,
} from './statistics.ts';

const SESSIONS = 50;
const PER_TRANSACTION = 20_000;
const RESULTS = 20;
const WORDS_PER_MESSAGE = 24;
/** In so many messages of a million. */
const RARE = { word: 'quicksilver', every: 200_000 };
const COMMON = { word: 'refactor', every: 10 };
const EVERYWHERE = 'project';

export const fullTextSearch: Bench = {
  key: 'f',
  name: 'Full-text search over 1,000,000 messages',
  async run({ folder, isQuick, note }) {
    const messages = isQuick ? 20_000 : 1_000_000;
    const rounds = isQuick ? 10 : 100;
    const opened = openHistory({ folder, now: Date.now, log: silentLog });
    if (opened.kind === 'refused') throw new Error(opened.text);
    const { history } = opened;
    const began = performance.now();
    const sessions = fill(history, messages);
    const fillMs = performance.now() - began;
    const bytes = statSync(join(folder, 'history.db')).size;
    note(`${formatNumber(messages)} messages written in ${formatMs(fillMs)}, ${formatMegabytes(bytes)} on disk`);

    const last = sessions.at(-1) as string;
    const queries: readonly { what: string; query: string; session?: string }[] = [
      { what: `a rare word (${Math.max(1, Math.floor(messages / RARE.every))} hits)`, query: RARE.word },
      { what: 'a common word (every 10th row)', query: COMMON.word },
      { what: 'a word in every row', query: EVERYWHERE },
      { what: 'a rare and a common word', query: `${RARE.word} ${EVERYWHERE}` },
      { what: 'three common words', query: `${EVERYWHERE} ${COMMON.word} ${EVERYWHERE}` },
      { what: 'one letter, as while typing', query: 'p' },
      { what: 'a common word in one session', query: COMMON.word, session: last },
      { what: 'a word that is nowhere', query: 'xylophone' },
    ];
    const figures: Figure[] = [
      {
        what: `${formatNumber(messages)} messages into the history, with its index`,
        result: `${formatMs(fillMs)} (${formatNumber((messages / fillMs) * 1000)}/s), ${formatMegabytes(bytes)}`,
        how: `${formatNumber(PER_TRANSACTION)} in a transaction, ${WORDS_PER_MESSAGE} words each`,
        values: { fillMs, bytes, messages },
      },
    ];
    for (const { what, query, session } of queries) {
      const options = session === undefined ? { limit: RESULTS } : { limit: RESULTS, session };
      const found = history.search.newest(query, options).length;
      const times = Array.from({ length: rounds }, () => {
        const start = performance.now();
        history.search.newest(query, options);
        return performance.now() - start;
      });
      const summary = summarize(times);
      figures.push({
        what: `Newest ${RESULTS}: ${what}`,
        result: formatPercentiles(summary),
        how: `${rounds} times, ${found} found`,
        values: { ...percentileValues(summary), found },
      });
    }
    history.close();
    return figures;
  },
};

/** Messages in turns of all sessions, as agents working side by side write them. Answers the sessions. */
function fill(history: History, messages: number): string[] {
  const sessions = Array.from({ length: SESSIONS }, (_, index) => {
    const id = uuidv7();
    history.sessions.add({
      id,
      agent: 'demo',
      agentName: 'Demo agent',
      folder: '/work',
      title: `Session ${index}`,
      titleFrom: 'folder',
      state: 'idle',
    });
    return id;
  });
  const sentence = createSentences();
  for (let done = 0; done < messages; done += PER_TRANSACTION) {
    history.database.transaction(() => {
      const perSession = PER_TRANSACTION / SESSIONS;
      for (const [index, session] of sessions.entries()) {
        const events = Array.from({ length: perSession }, (_, offset): NewEvent => {
          const number = done + index * perSession + offset;
          const words = [sentence(WORDS_PER_MESSAGE - 1), EVERYWHERE];
          if (number % COMMON.every === 0) words.push(COMMON.word);
          if (number % RARE.every === RARE.every / 2) words.push(RARE.word);
          return { kind: 'message', body: { id: `m${number}`, text: words.join(' ') } };
        });
        history.events.append(session, events);
      }
    });
  }
  return sessions;
}
