import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { silentLog } from '#lib/log.ts';
import { type History, openHistory } from '#main/host/history/history.ts';

/** A folder of its own for this test, removed afterwards. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'baton-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A history in a real file. Time passes only when told: one millisecond per call. */
export function openTestHistory(folder = temporaryFolder(), now: () => number = steadyNow()): History {
  const opened = openHistory({ folder, now, log: silentLog });
  if (opened.kind === 'refused') throw new Error(opened.text);
  onTestFinished(() => opened.history.close());
  return opened.history;
}

export function steadyNow(): () => number {
  let now = 1_700_000_000_000;
  return () => {
    now += 1;
    return now;
  };
}

/** `number` 0…9999 as a UUID. */
export function testId(number: number): string {
  return `01890000-0000-7000-8000-${String(number).padStart(12, '0')}`;
}

export function addSession(history: History, id = testId(1)): string {
  history.sessions.add({
    id,
    agent: 'demo',
    agentName: 'Demo',
    folder: '/home/ada/project',
    title: 'project',
    titleFrom: 'folder',
    state: 'idle',
  });
  return id;
}
