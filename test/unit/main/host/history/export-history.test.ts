import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { exportHistory } from '#main/host/history/export-history.ts';
import type { History } from '#main/host/history/history.ts';
import { TurnWatch } from '#test/support/turn-watch.ts';
import { addSession, openTestHistory, temporaryFolder, testId } from './support.ts';

const exportTo = (history: History, file: string) =>
  exportHistory({ history, hostName: 'Ada’s computer', now: () => 42, file });
const linesOf = (file: string) =>
  readFileSync(file, 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line));

test('every session, event and large output is in the file, readable by its owner only, and nothing is left beside it', async () => {
  const folder = temporaryFolder();
  const history = openTestHistory();
  const [one, two] = [addSession(history, testId(1)), addSession(history, testId(2))];
  const text = 'A line\nwith "quotes", 雪 and 😀\u2028 in it. ';
  history.events.append(
    one,
    Array.from({ length: 150 }, (_, index) => ({ kind: 'message' as const, body: { id: `m${index}`, text } })),
  );
  // Of odd length, so that pairs of surrogates are cut.
  const output = `x${'😀'.repeat(400_000)}`;
  const tool = { id: 't', title: 'Read', kind: 'read' as const, state: 'done' as const, paths: [] };
  history.events.append(two, [{ kind: 'tool', body: { ...tool, content: [{ kind: 'text', text: output }] } }]);

  const file = join(folder, 'export.jsonl');
  writeFileSync(file, 'an older one', { mode: 0o644 });
  expect(await exportTo(history, file)).toEqual({ sessions: 2 });
  expect(readdirSync(folder)).toEqual(['export.jsonl']);
  if (process.platform !== 'win32') expect(statSync(file).mode & 0o777).toBe(0o600);
  const lines = linesOf(file);
  expect(lines[0]).toEqual({
    type: 'baton-export',
    version: 1,
    epoch: history.epoch,
    host: 'Ada’s computer',
    at: 42,
  });
  const ofKind = (type: string) => lines.filter((line) => line.type === type);
  expect(ofKind('session').map(({ session, title, folder: path }) => [session, title, path])).toEqual([
    [one, 'project', '/home/ada/project'],
    [two, 'project', '/home/ada/project'],
  ]);
  const events = (session: string) => history.events.after(session, 0, 1000).map((event) => ({ session, ...event }));
  expect(ofKind('event').map(({ type: _, ...event }) => event)).toEqual([...events(one), ...events(two)]);
  expect(ofKind('blob')).toEqual([
    { type: 'blob', session: two, id: expect.any(String), bytes: Buffer.byteLength(output), text: output },
  ]);
  expect(lines.at(-1)).toEqual({ type: 'end', sessions: 2 });
});

test('a large history is written in small pieces, between which everything else goes on', async () => {
  const history = openTestHistory();
  for (let number = 1; number <= 3; number += 1) {
    const session = addSession(history, testId(number));
    const event = { kind: 'thought' as const, body: { id: 'm', text: 'some words '.repeat(300) } };
    for (let batch = 0; batch < 6; batch += 1) history.events.append(session, Array(100).fill(event));
  }
  const file = join(temporaryFolder(), 'export.jsonl');
  const { turns, longestMs } = await new TurnWatch().during(exportTo(history, file), () =>
    // Faster than any page is written: the export must not run after it for ever.
    history.events.append(
      testId(1),
      Array.from({ length: 5 }, () => ({ kind: 'thought' as const, body: { id: 'n', text: 'meanwhile' } })),
    ),
  );
  expect(turns).toBeGreaterThan(20);
  expect(linesOf(file).filter(({ type }) => type === 'event').length).toBeGreaterThanOrEqual(1_800);
  // The target is 20 ms on a machine that has nothing else to do.
  expect(longestMs).toBeLessThan(50);
});

test('a file that cannot be written is refused in words, and nothing is left behind', async () => {
  const folder = temporaryFolder();
  const history = openTestHistory();
  addSession(history);
  const taken = join(folder, 'taken');
  mkdirSync(join(taken, 'inside'), { recursive: true });
  await expect(exportTo(history, taken)).rejects.toThrow('A folder has that name');
  await expect(exportTo(history, join(folder, 'missing', 'export.jsonl'))).rejects.toThrow('There is no such folder');
  expect(readdirSync(folder)).toEqual(['taken']);
  expect(readdirSync(taken)).toEqual(['inside']);
});

test.skipIf(process.platform !== 'linux')('a disk without access is refused in words', async () => {
  const history = openTestHistory();
  addSession(history);
  await expect(exportTo(history, '/proc/export.jsonl')).rejects.toThrow(/no such folder|may not write/);
});
