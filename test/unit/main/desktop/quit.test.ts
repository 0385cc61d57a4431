import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { silentLog } from '#lib/log.ts';
import { QUIT_WITHIN_MS, Quit, renderQuitQuestion } from '#main/desktop/quit.ts';
import { installCrashHandlers, SHOW_AGAIN_AFTER_MS } from '#main/desktop/system/crash-handlers.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { settle } from '../host/sessions/support.ts';

function createWorld(working: string[] = []) {
  const clock = new ManualClock();
  const heard: string[] = [];
  const answers: ((button: number) => void)[] = [];
  const closed = Promise.withResolvers<void>();
  const quit = new Quit({
    working: () => working,
    ask: () => {
      heard.push('asked');
      return new Promise((resolve) => answers.push(resolve));
    },
    close: ({ leaveAgents }) => {
      heard.push(leaveAgents ? 'closing, agents stay' : 'closing');
      return closed.promise;
    },
    exit: () => heard.push('exit'),
    clock,
    log: silentLog,
  });
  return { clock, heard, answers, closed, quit };
}

test('with no agent at work it ends in good order, without a question, and once', async () => {
  const { quit, heard, closed, clock } = createWorld();
  void quit.request();
  void quit.request();
  void quit.now();
  expect([quit.isQuitting, heard]).toEqual([true, ['closing']]);
  closed.resolve();
  await settle();
  expect([heard, clock.pending]).toEqual([['closing', 'exit'], 0]);
});

test('with an agent at work it asks once, and goes on running if the answer is that', async () => {
  const { quit, heard, answers } = createWorld(['Task']);
  void quit.request();
  void quit.request();
  expect(heard).toEqual(['asked']);
  answers[0]?.(1);
  await settle();
  expect([quit.isQuitting, heard]).toEqual([false, ['asked']]);
  void quit.request();
  answers[1]?.(0);
  await settle();
  expect(heard).toEqual(['asked', 'asked', 'closing']);
});

test('agents can be left at work; an answer that is none of the buttons quits nothing', async () => {
  const { quit, heard, answers } = createWorld(['Task']);
  void quit.request();
  answers[0]?.(7);
  await settle();
  expect(quit.isQuitting).toBe(false);
  void quit.request();
  answers[1]?.(2);
  await settle();
  expect(heard).toEqual(['asked', 'asked', 'closing, agents stay']);
});

test('when the system ends, nobody is asked, not even while a question is open', async () => {
  const { quit, heard, answers, closed } = createWorld(['Task']);
  void quit.request();
  void quit.now();
  closed.resolve();
  answers[0]?.(0);
  await settle();
  expect(heard).toEqual(['asked', 'closing', 'exit']);
});

test('what does not end in time is cut short, and what fails does not keep it', async () => {
  const late = createWorld();
  void late.quit.now();
  late.clock.advance(QUIT_WITHIN_MS - 1);
  await settle();
  expect(late.heard).toEqual(['closing']);
  late.clock.advance(1);
  await settle();
  expect(late.heard).toEqual(['closing', 'exit']);
  const failing = createWorld();
  void failing.quit.now();
  failing.closed.reject(new Error('the disk is gone'));
  await settle();
  expect(failing.heard).toEqual(['closing', 'exit']);
});

test('the question names who works, and staying is what Return means', () => {
  const { message, detail, defaultId, cancelId, buttons } = renderQuitQuestion(['a', 'b', 'c', 'd']);
  expect([message, buttons, defaultId, cancelId]).toEqual([
    '4 agents are working. Quit all the same?',
    ['Quit', 'Keep Baton running', 'Quit, leave agents at work'],
    1,
    1,
  ]);
  expect(detail).toContain('“a”, “b”, “c” and 1 more');
});

test('an error that nobody caught is written down and shown, and a flood of them shown once', () => {
  const process = new EventEmitter();
  const logged: string[] = [];
  const shown: string[] = [];
  const world = { now: 0 };
  installCrashHandlers({
    process: process as unknown as NodeJS.Process,
    log: {
      ...silentLog,
      error: (message, fields) =>
        void logged.push(`${message}: ${String((fields as { error: unknown }).error).replace('Error: ', '')}`),
    },
    show: (_title, text) => void shown.push(text.split('\n')[0] as string),
    now: () => world.now,
  });
  process.emit('uncaughtException', new Error('one'));
  process.emit('unhandledRejection', new Error('two'));
  world.now = SHOW_AGAIN_AFTER_MS;
  process.emit('uncaughtException', new Error('three'));
  expect([logged, shown]).toEqual([
    ['Nobody caught an error: one', 'Nobody handled a rejection: two', 'Nobody caught an error: three'],
    ['one', 'three'],
  ]);
});
