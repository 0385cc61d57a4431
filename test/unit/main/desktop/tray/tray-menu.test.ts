import type { MenuItemConstructorOptions } from 'electron';
import { expect, test, vi } from 'vitest';
import {
  escapeLabel,
  renderTrayMenu,
  SESSIONS_SHOWN_MAX,
  type TrayMenuActions,
  type TrayMenuState,
} from '#main/desktop/tray/tray-menu.ts';

const STATE: TrayMenuState = {
  status: 'Relay connected, heard 2 s ago',
  isRunning: true,
  isRemoteControlEnabled: false,
  sessions: [],
  login: { kind: 'off' },
  keepAwake: 'off',
};

function createActions() {
  const names = ['setRemoteControl', 'pair', 'openSession', 'open', 'setStartAtLogin', 'setKeepAwake', 'quit'] as const;
  return Object.fromEntries(names.map((name) => [name, vi.fn()])) as unknown as Record<
    (typeof names)[number],
    ReturnType<typeof vi.fn>
  > &
    TrayMenuActions;
}
const render = (change: Partial<TrayMenuState> = {}, actions = createActions()) =>
  renderTrayMenu({ ...STATE, ...change }, actions);
const find = (menu: MenuItemConstructorOptions[], label: string | RegExp) =>
  menu.find((item) => (typeof label === 'string' ? item.label === label : label.test(item.label ?? ''))) ?? {};
const click = (item: MenuItemConstructorOptions) => (item.click as () => void)();
const session = (id: string, state: TrayMenuState['sessions'][number]['state'], isAsking = false) => ({
  id,
  title: `Session ${id}`,
  state,
  isAsking,
});

test('it is short, and says first how things are', () => {
  const menu = render();
  expect(menu.map((item) => item.label ?? '—')).toEqual([
    'Relay connected, heard 2 s ago',
    '—',
    'Remote control for all sessions',
    'Pair a phone…',
    '—',
    'Open Baton',
    'Start at login',
    'Keep this computer awake while agents work',
    '—',
    'Quit Baton',
  ]);
  expect(menu[0]).toMatchObject({ enabled: false });
});

test('two sessions of the same words make two menus', () => {
  const menu = (id: string) => JSON.stringify(render({ sessions: [{ ...session(id, 'working'), title: 'Fix it' }] }));
  expect(menu('a')).not.toBe(menu('b'));
});

test('each item does what it says', () => {
  const actions = createActions();
  const menu = render(
    { isRemoteControlEnabled: true, login: { kind: 'on' }, sessions: [session('a', 'working')] },
    actions,
  );
  for (const label of [
    'Remote control for all sessions',
    'Pair a phone…',
    'Open Baton',
    'Start at login',
    'Quit Baton',
  ])
    click(find(menu, label));
  click(find(menu, /^Session a/));
  const keepAwake = find(menu, /awake/).submenu as MenuItemConstructorOptions[];
  for (const item of keepAwake) click(item);
  expect({
    remote: actions.setRemoteControl.mock.calls,
    pair: actions.pair.mock.calls.length,
    open: actions.open.mock.calls.length,
    session: actions.openSession.mock.calls,
    login: actions.setStartAtLogin.mock.calls,
    keepAwake: actions.setKeepAwake.mock.calls,
    quit: actions.quit.mock.calls.length,
  }).toEqual({
    remote: [[false]],
    pair: 1,
    open: 1,
    session: [['a']],
    login: [[false]],
    keepAwake: [['off'], ['always'], ['on-power']],
    quit: 1,
  });
});

test('boxes are ticked by what holds', () => {
  const menu = render({ isRemoteControlEnabled: true, login: { kind: 'on' }, keepAwake: 'on-power' });
  expect(find(menu, 'Remote control for all sessions')).toMatchObject({ type: 'checkbox', checked: true });
  expect(find(menu, 'Start at login')).toMatchObject({ type: 'checkbox', checked: true, enabled: true });
  const keepAwake = find(menu, /awake/).submenu as MenuItemConstructorOptions[];
  expect(keepAwake.map(({ label, checked }) => [label, checked])).toEqual([
    ['Off', false],
    ['Always', false],
    ['When on power', true],
  ]);
});

test('a start at login that the system does not give, or not yet, is not shown as on', () => {
  expect(find(render({ login: { kind: 'unavailable', reason: 'A Snap.' } }), 'Start at login')).toMatchObject({
    enabled: false,
    checked: false,
  });
  expect(find(render({ login: { kind: 'requires-approval' } }), /System Settings/)).toMatchObject({
    enabled: true,
    checked: false,
  });
});

test('at most five sessions: those that ask first, then those in trouble, then those at work', () => {
  const sessions = [
    session('1', 'working'),
    session('2', 'idle'),
    session('3', 'failed'),
    session('4', 'waiting'),
    session('5', 'ended'),
    session('6', 'working', true),
    session('7', 'starting'),
    session('8', 'interrupted'),
    session('9', 'working'),
  ];
  const labels = render({ sessions }).map((item) => item.label ?? '');
  const shown = labels.filter((label) => label.startsWith('Session'));
  expect(shown).toHaveLength(SESSIONS_SHOWN_MAX);
  expect(shown).toEqual([
    'Session 4: waits for you',
    'Session 6: waits for you',
    'Session 3: failed',
    'Session 8: interrupted',
    'Session 1: works',
  ]);
});

test('an & in a title is shown, not taken for a key, and a long title is cut', () => {
  expect(escapeLabel('a & b && c')).toBe('a && b &&&& c');
  const sessions = [{ ...session('a', 'working'), title: `R&D ${'x'.repeat(100)}` }];
  const label = find(render({ sessions }), /^R&/).label ?? '';
  expect(label).toMatch(/^R&&D x+…: works$/);
  expect(label.length).toBeLessThan(60);
});

test('without a host, what needs one is greyed, and Open and Quit are not', () => {
  const menu = render({ isRunning: false });
  const greyed = menu.filter((item) => item.enabled === false).map((item) => item.label);
  expect(greyed).toEqual([
    STATE.status,
    'Remote control for all sessions',
    'Pair a phone…',
    expect.stringMatching(/awake/),
  ]);
});
