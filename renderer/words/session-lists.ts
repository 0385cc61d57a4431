/** Which sessions stand where. Pure. */
import { sortSessions } from '#phone/screens/words/session-words.ts';
import type { PendingApproval, SessionView, SettledApproval } from '#preload/contract.ts';

export function splitSessions(list: readonly SessionView[]): {
  readonly open: readonly SessionView[];
  readonly ended: readonly SessionView[];
} {
  const sorted = sortSessions(list) as readonly SessionView[];
  return {
    open: sorted.filter(({ state }) => state !== 'ended'),
    ended: sorted.filter(({ state }) => state === 'ended'),
  };
}

/** Questions of all sessions, those that are settled among those that wait: none jumps when it is answered. Oldest first. */
export function listQuestions(
  pending: readonly PendingApproval[],
  settled: readonly SettledApproval[],
  now: number,
): readonly (PendingApproval | SettledApproval)[] {
  return [...pending, ...settled.filter(({ until }) => until === null || until > now)].toSorted(
    (a, b) => a.askedAt - b.askedAt,
  );
}

/** "Pixel 8", "Pixel 8 and iPad", "Pixel 8 and 2 more". */
export function namesWords(names: readonly string[]): string {
  const [first = '', second = ''] = names;
  if (names.length <= 1) return first;
  return names.length === 2 ? `${first} and ${second}` : `${first} and ${names.length - 1} more`;
}

/** Sessions whose agent is gone can go on; one that was ended is over. */
export function canResume(session: SessionView): boolean {
  return session.state === 'interrupted' || session.state === 'failed';
}
