import { EventEmitter } from 'node:events';
import type { Notification, NotificationConstructorOptions } from 'electron';
import { expect, test } from 'vitest';
import { silentLog } from '#lib/log.ts';
import type { Attention, HostGlance } from '#main/desktop/notifications/next-notifications.ts';
import { NOTIFICATIONS_MAX, Notifications } from '#main/desktop/notifications/notifications.ts';

const EMPTY: HostGlance = { sessions: [], approvals: [], requests: [] };
const OPTIONS = [
  { id: 'yes', name: 'Allow', kind: 'allow_once' as const },
  { id: 'no', name: 'Deny', kind: 'reject_once' as const },
];
const asking = (...ids: string[]): HostGlance => ({
  ...EMPTY,
  approvals: ids.map((approval) => ({ approval, session: 's', title: approval, tool: null, options: OPTIONS })),
});

class FakeNotification extends EventEmitter {
  state: 'made' | 'shown' | 'closed' = 'made';
  readonly options: NotificationConstructorOptions;
  constructor(options: NotificationConstructorOptions) {
    super();
    this.options = options;
  }
  show() {
    this.state = 'shown';
  }
  close() {
    this.state = 'closed';
    this.emit('close');
  }
}

function createWorld() {
  const world = { isEnabled: true, isSupported: true, made: [] as FakeNotification[], heard: [] as unknown[] };
  const attention: Attention = { page: null, sessions: new Set() };
  const notifications = new Notifications({
    isSupported: () => world.isSupported,
    create: (options) => {
      const made = new FakeNotification(options);
      world.made.push(made);
      return made as unknown as Notification;
    },
    isEnabled: () => world.isEnabled,
    attention: () => attention,
    open: (page, session) => world.heard.push(['open', page, session]),
    answer: ({ session, approval, option, digest }) =>
      world.heard.push(['answer', session, approval, option, digest.length]),
    log: silentLog,
  });
  notifications.update(EMPTY);
  return { world, notifications };
}

test('what is there when Baton starts is found, not told', () => {
  const { world, notifications } = createWorld();
  notifications.reset();
  notifications.update(asking('old'));
  notifications.update(asking('old', 'new'));
  expect(world.made.map(({ options }) => options.body)).toEqual(['new']);
});

test('a click opens what it is about; Allow and Deny answer with the options that mean that', () => {
  const { world, notifications } = createWorld();
  notifications.update(asking('a'));
  const [shown] = world.made;
  expect(shown?.state).toBe('shown');
  expect(shown?.options.actions?.map(({ text }) => text)).toEqual(['Allow', 'Deny']);
  shown?.emit('action', { actionIndex: 0 });
  shown?.emit('action', { actionIndex: 1 });
  shown?.emit('action', { actionIndex: 2 });
  shown?.emit('click', {});
  expect(world.heard).toEqual([
    ['answer', 's', 'a', 'yes', 43],
    ['answer', 's', 'a', 'no', 43],
    ['open', 'sessions', 's'],
  ]);
});

test('a question that was answered elsewhere is taken back', () => {
  const { world, notifications } = createWorld();
  notifications.update(asking('a'));
  notifications.update(EMPTY);
  expect(world.made.map(({ state }) => state)).toEqual(['closed']);
});

test('one that the system has put aside still answers, and is still taken back', () => {
  const { world, notifications } = createWorld();
  notifications.update(asking('a'));
  const [shown] = world.made;
  // Windows, when it moves to the Action Center.
  shown?.emit('close');
  shown?.emit('action', { actionIndex: 1 });
  expect(world.heard).toEqual([['answer', 's', 'a', 'no', 43]]);
  notifications.update(asking('a', 'b'));
  world.made[1]?.emit('close');
  notifications.update(EMPTY);
  expect(world.made.map(({ state }) => state)).toEqual(['shown', 'closed']);
});

test.each(['isEnabled', 'isSupported'] as const)(
  'nothing is shown without %s, and later nothing is made up for',
  (what) => {
    const { world, notifications } = createWorld();
    world[what] = false;
    notifications.update(asking('a'));
    world[what] = true;
    notifications.update(asking('a'));
    expect(world.made).toEqual([]);
  },
);

test('only so many are held, and all go with Baton', () => {
  const { world, notifications } = createWorld();
  let all: string[] = [];
  for (let number = 0; number < NOTIFICATIONS_MAX + 5; number += 1) {
    all = [...all, `q${number}`];
    notifications.update(asking(...all));
  }
  notifications.dispose();
  const closed = world.made.filter(({ state }) => state === 'closed');
  expect([world.made.length, closed.length]).toEqual([NOTIFICATIONS_MAX + 5, NOTIFICATIONS_MAX]);
});
