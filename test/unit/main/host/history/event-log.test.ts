import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { BLOB_HEAD_CHARS, fitEvent, MESSAGE_EVENT_MAX_CHARS, TOOL_PIECES_MAX } from '#main/host/history/fit-event.ts';
import type { NewEvent, ToolCall } from '#protocol/events.ts';
import { parseEvent } from '#protocol/events.ts';
import { INLINE_OUTPUT_MAX_BYTES } from '#protocol/limits.ts';
import { addSession, openTestHistory, temporaryFolder, testId } from './support.ts';

const message = (text: string): NewEvent => ({ kind: 'message', body: { id: `m-${text.slice(0, 20)}`, text } });

function tool(content: ToolCall['content'], more: Partial<ToolCall> = {}): NewEvent {
  return { kind: 'tool', body: { id: 't', title: 'T', kind: 'execute', state: 'done', content, paths: [], ...more } };
}

test('events are numbered from 1 without gaps, each session by itself, across restarts', () => {
  const folder = temporaryFolder();
  let history = openTestHistory(folder);
  const [a, b] = [addSession(history, testId(1)), addSession(history, testId(2))];
  expect(history.events.last(a)).toBe(0);
  expect(history.events.append(a, [message('1'), message('2')]).map(({ seq }) => seq)).toEqual([1, 2]);
  expect(history.events.append(b, [message('1')]).map(({ seq }) => seq)).toEqual([1]);
  expect(history.events.append(a, [])).toEqual([]);
  history.close();
  history = openTestHistory(folder);
  expect(history.events.append(a, [message('3')]).map(({ seq }) => seq)).toEqual([3]);
  expect([history.events.last(a), history.events.last(b)]).toEqual([3, 1]);
});

test('pages go forwards and backwards, always in order', () => {
  const history = openTestHistory();
  const session = addSession(history);
  const appended = history.events.append(
    session,
    Array.from({ length: 10 }, (_, number) => message(`${number + 1}`)),
  );
  expect(history.events.after(session, 0, 100)).toEqual(appended);
  const seqs = (events: { seq: number }[]) => events.map(({ seq }) => seq);
  expect(seqs(history.events.after(session, 3, 4))).toEqual([4, 5, 6, 7]);
  expect(seqs(history.events.after(session, 10, 4))).toEqual([]);
  expect(seqs(history.events.before(session, 8, 3))).toEqual([5, 6, 7]);
  expect(seqs(history.events.before(session, 3, 10))).toEqual([1, 2]);
  expect(seqs(history.events.before(session, 1, 10))).toEqual([]);
  expect(history.events.after('unknown', 0, 10)).toEqual([]);
});

test('listeners hear of events when they are safe on disk, and of nothing that was rolled back', () => {
  const history = openTestHistory();
  const session = addSession(history);
  const heard: string[] = [];
  const dispose = history.events.onDidAppend((of, events) => {
    heard.push(`${of === session} ${history.database.connection.inTransaction} ${events.map(({ seq }) => seq).join()}`);
  });
  history.database.transaction(() => {
    history.events.append(session, [message('a'), message('b')]);
    expect(heard).toEqual([]);
  });
  expect(() =>
    history.database.transaction(() => {
      history.events.append(session, [message('c')]);
      throw new Error('no');
    }),
  ).toThrow();
  history.events.append(session, [message('d')]);
  dispose();
  history.events.append(session, [message('e')]);
  expect(heard).toEqual(['true false 1,2', 'true false 3']);
});

test('an event never changes and is never removed, anyone who tries', () => {
  const history = openTestHistory();
  const session = addSession(history);
  history.events.append(session, [message('a')]);
  const { connection } = history.database;
  expect(() => connection.exec("UPDATE event SET body = '{}'")).toThrow('events never change');
  expect(() => connection.exec('DELETE FROM event')).toThrow('events are never removed');
});

test('an output above the limit becomes a blob with its beginning in the event; the same output is kept once', () => {
  const history = openTestHistory();
  const session = addSession(history);
  const text = 'é'.repeat(INLINE_OUTPUT_MAX_BYTES / 2 + 1);
  const sha256 = createHash('sha256').update(text).digest('hex');
  const appended = history.events.append(session, [
    tool([
      { kind: 'text', text: 'x'.repeat(INLINE_OUTPUT_MAX_BYTES) },
      { kind: 'text', text },
    ]),
    tool([{ kind: 'text', text }]),
  ]);
  expect(history.events.after(session, 0, 9)).toEqual(appended);
  const blob = {
    kind: 'blob',
    blob: sha256,
    sha256,
    bytes: Buffer.byteLength(text),
    head: 'é'.repeat(BLOB_HEAD_CHARS),
  };
  expect(appended.map(({ body }) => (body as ToolCall).content)).toEqual([
    [{ kind: 'text', text: 'x'.repeat(INLINE_OUTPUT_MAX_BYTES) }, blob],
    [blob],
  ]);
  expect(history.events.blob(session, sha256)).toBe(text);
  expect(history.database.connection.prepare('SELECT count(*) FROM blob').pluck().get()).toBe(1);
});

test('a prompt is kept whole and to the letter, however long and strange', () => {
  const history = openTestHistory();
  const session = addSession(history);
  const text = `\ud800 lone, \u0000 zero, ${'\u{1f600}'.repeat(300_000)}\r\n`;
  const by = { device: null, name: 'Ada' };
  history.events.append(session, [{ kind: 'prompt', body: { command: testId(1), text, by } }]);
  expect(history.events.after(session, 0, 1)[0]?.body).toMatchObject({ text });
});

test('a message too long for one event is told in several, without a cut inside a character and without a loss', () => {
  const text = 'a'.repeat(MESSAGE_EVENT_MAX_CHARS - 1) + '\u{1f600}'.repeat(MESSAGE_EVENT_MAX_CHARS);
  const events = fitEvent({ kind: 'message', body: { id: 'm', text } }, () => {});
  const parts = events.map(({ body }) => (body as { text: string }).text);
  expect(parts.join('')).toBe(text);
  expect(parts.every((part) => part.isWellFormed() && part.length <= MESSAGE_EVENT_MAX_CHARS)).toBe(true);
  expect(new Set(events.map(({ body }) => (body as { id: string }).id)).size).toBe(events.length);
});

test('whatever an agent makes up, what is stored can be read by a device and travels in one message', () => {
  const kept: string[] = [];
  const monster = tool(
    [
      ...Array.from({ length: TOOL_PIECES_MAX + 50 }, (_, number) => ({
        kind: 'text' as const,
        text: `${number} `.repeat(15_000),
      })),
      { kind: 'diff', path: 'b', before: 'x'.repeat(3_000_000), after: 'y'.repeat(3_000_000) },
    ],
    {
      id: 'i'.repeat(5_000),
      title: 't'.repeat(5_000_000),
      kind: 'k'.repeat(5_000),
      input: 'in'.repeat(1_000_000),
      paths: Array(5_000).fill('p'.repeat(5_000)),
    },
  );
  const [event] = fitEvent(monster, ({ text }) => kept.push(text));
  if (!event) throw new Error('It was dropped.');
  expect(parseEvent({ ...event, seq: 1, at: 0 })).not.toBeNull();
  expect(JSON.stringify(event).length).toBeLessThan(4 * 1024 * 1024);
  // The whole input, and the change that came after the last piece that is told by itself, are still there.
  expect(kept).toContain('in'.repeat(1_000_000));
  expect(kept.some((text) => text.includes('b, before:') && text.includes('y'.repeat(3_000_000)))).toBe(true);
});
