import { expect, onTestFinished, test } from 'vitest';
import { silentLog } from '#lib/log.ts';
import type { OwnMemory } from '#main/host/own-memory.ts';
import type { UsageBySession } from '#main/host/sessions/process-usage.ts';
import type { Question } from '#main/terminal/question.ts';
import { Screen } from '#main/terminal/screen.ts';
import { BETWEEN_LOOKS_MS, LOOK_WITHIN_MS, SessionDialog } from '#main/terminal/session-dialog.ts';
import type { Receipt, ReceiptState, WireCommand } from '#protocol/commands.ts';
import type { SessionState } from '#protocol/messages.ts';
import { ManualClock } from '#test/support/manual-clock.ts';

type DialogHost = ConstructorParameters<typeof SessionDialog>[0]['host'];
type Tell = (device: string | null, receipt: Receipt) => void;

/** A host whose looks are given by the test, and a person who presses keys. */
function open(titles: readonly string[]) {
  const clock = new ManualClock();
  const states = new Map<string, SessionState>(titles.map((title) => [title, 'working']));
  const looks: PromiseWithResolvers<UsageBySession>[] = [];
  const ended: string[] = [];
  const commands: string[] = [];
  const listeners = new Set<Tell>();
  const answer = { state: 'accepted' as ReceiptState, reason: undefined as string | undefined };
  const receiptOf = (command: string, state: ReceiptState): Receipt => ({
    ...{ command, state, at: 0 },
    ...(answer.reason !== undefined && { reason: answer.reason }),
  });
  const host = {
    usage() {
      const look = Promise.withResolvers<UsageBySession>();
      looks.push(look);
      return look.promise;
    },
    ownMemory: async (): Promise<OwnMemory> => ({ host: 9e7, keeper: 4e7 }),
    supervisor: {
      state: () => ({
        sessions: titles.map((id) => ({ id, title: id, agentName: 'Demo', state: states.get(id), since: clock.now() })),
      }),
      onDidReceipt(listener: Tell) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
      handleCommand(from: object, { id, session, kind }: WireCommand): Receipt {
        ended.push(`${kind} ${session} ${JSON.stringify(from)}`);
        commands.push(id);
        return receiptOf(id, answer.state);
      },
    },
  } as unknown as DialogHost;
  const printed: string[] = [];
  const asked: { question: Question | null } = { question: null };
  const dialog = new SessionDialog({
    host,
    clock,
    log: silentLog,
    screen: new Screen({ write: (text) => printed.push(text.trimEnd()) }),
    ask: (question) => {
      asked.question = question;
    },
  });
  onTestFinished(() => dialog.dispose());
  return {
    ...{ answer, asked, clock, commands, dialog, ended, listeners, looks, printed, states },
    /** As the app does it. */
    press(key: string) {
      const { question } = asked;
      const chosen = question?.keys[key] ?? question?.otherwise;
      if (chosen) asked.question = null;
      chosen?.();
    },
    applied: (command: string) => {
      for (const listener of [...listeners]) listener(null, receiptOf(command, 'applied'));
    },
    /** Both looks are made. */
    async look(usage: UsageBySession = {}) {
      looks.at(-1)?.resolve({});
      clock.advance(BETWEEN_LOOKS_MS);
      await expect.poll(() => looks.length % 2).toBe(0);
      looks.at(-1)?.resolve(usage);
      await expect.poll(() => printed.some((line) => line.startsWith('Press a number'))).toBe(true);
    },
  };
}

test('without a session, that is said, and nothing is asked or looked at', () => {
  const { dialog, printed, asked, looks } = open([]);
  dialog.open();
  expect([printed, asked.question, looks.length]).toEqual([['No session is running.'], null, 0]);
});

test('CPU is what was spent between two looks, and digits mean nothing before they are on the screen', async () => {
  const { dialog, printed, asked, looks, look, press, clock } = open(['At work']);
  dialog.open();
  press('1');
  expect([printed, asked.question, looks.length]).toEqual([[], { keys: {} }, 1]);
  await look({ 'At work': { processes: 2, memoryBytes: 3e8, cpuPercent: 12 } });
  expect(printed).toEqual([
    '     Session  Agent  State  For  Memory   CPU',
    '  1  At work  Demo   works  1 s  300 MB  12 %',
    '     In all: 2 processes, 300 MB, 12 % of one core',
    '     Baton itself: 90 MB, the keeper of its agents 40 MB',
    'Press a number to end that session, any other key to go back.',
  ]);
  expect(clock.pending).toBe(0);
  press('x');
  expect(asked.question).toBeNull();
});

test('a system that does not answer holds the list up for a while, and not for ever', async () => {
  const { dialog, printed, asked, clock } = open(['At work']);
  dialog.open();
  clock.advance(LOOK_WITHIN_MS);
  await expect.poll(() => printed.length).toBe(4);
  expect(printed[2]).toBe('     No process of theirs runs, or the system does not say what it uses.');
  expect(Object.keys(asked.question?.keys ?? {})).toEqual(['1']);
});

test('one is ended only after a yes, and its end is said when its agent is gone', async () => {
  const { dialog, printed, asked, ended, look, press, applied, commands, listeners } = open(['One', 'Two']);
  dialog.open();
  await look();
  press('2');
  expect(printed.slice(-4)[0]).toBe('End “Two”?');
  press('n');
  expect([ended, asked.question, printed.at(-1)]).toEqual([[], null, '“Two” goes on.']);

  dialog.open();
  await look();
  press('2');
  press('y');
  expect(ended).toEqual(['session.end Two {"kind":"computer","name":"This computer"}']);
  expect([asked.question, printed.at(-1), listeners.size]).toEqual([null, 'Ending “Two” …', 1]);
  applied('another command');
  expect(printed.at(-1)).toBe('Ending “Two” …');
  applied(commands[0] ?? '');
  expect([printed.at(-1), listeners.size]).toEqual(['“Two” has ended; its agent is gone.', 0]);
});

test('what cannot be ended is said with the reason, and what has ended meanwhile is not asked about', async () => {
  const { dialog, printed, answer, ended, states, look, press, listeners } = open(['One']);
  dialog.open();
  await look();
  Object.assign(answer, { state: 'rejected', reason: 'The disk is full.' });
  press('1');
  press('y');
  expect([printed.at(-1), listeners.size]).toEqual(['“One” was not ended: The disk is full.', 0]);

  dialog.open();
  await look();
  states.set('One', 'ended');
  press('1');
  expect([printed.at(-1), ended.length]).toEqual(['That session has ended already.', 1]);
});

test('more than nine are shown nine at a time', async () => {
  const titles = Array.from({ length: 11 }, (_, index) => `s${index + 1}`);
  const { dialog, printed, look, press } = open(titles);
  dialog.open();
  await look();
  expect(printed.at(-1)).toBe('Press a number to end that session, m for 2 more, any other key to go back.');
  press('m');
  expect(printed.at(-1)).toBe('Press a number to end that session, any other key to go back.');
  press('2');
  expect(printed.slice(-4)[0]).toBe('End “s11”?');
});

test('an app that is closed prints no list after that', async () => {
  const { dialog, printed, looks, clock } = open(['One']);
  dialog.open();
  dialog.dispose();
  looks[0]?.resolve({});
  clock.advance(LOOK_WITHIN_MS);
  await new Promise(setImmediate);
  expect([printed, clock.pending]).toEqual([[], 0]);
});
