import { EventEmitter } from 'node:events';
import type { Menu, MenuItemConstructorOptions, NativeTheme, Tray } from 'electron';
import { expect, test } from 'vitest';
import { TrayIcon, type TrayIconOptions } from '#main/desktop/tray/tray.ts';
import { findTray } from '#main/desktop/tray/tray-presence.ts';
import type { TrayState } from '#main/desktop/tray/tray-state.ts';

const STATE: TrayState = { icon: 'off', status: 'Off', tooltip: 'Baton: off' };

/** What reaches the system. */
class FakeTray extends EventEmitter {
  readonly calls: unknown[] = [];
  setImage = (image: string) => void this.calls.push(['image', image]);
  setToolTip = (text: string) => void this.calls.push(['tooltip', text]);
  setContextMenu = (menu: unknown) => void this.calls.push(['menu', menu]);
  popUpContextMenu = (menu: unknown) => void this.calls.push(['popup', menu]);
  setIgnoreDoubleClickEvents = () => {};
  getBounds = () => ({ x: 1, y: 2, width: 3, height: 4 });
  destroy = () => void this.calls.push(['destroy']);
}

function createWorld(system: TrayIconOptions['system'], desktop = 'KDE') {
  const theme = Object.assign(new EventEmitter(), { shouldUseDarkColorsForSystemIntegratedUI: false });
  const world = {
    template: [{ label: 'one' }] as MenuItemConstructorOptions[],
    activated: 0,
    menus: 0,
    made: [] as string[],
  };
  const fake = new FakeTray();
  const icon = new TrayIcon(
    {
      system,
      folder: '/t',
      createTray: (image) => {
        world.made.push(image);
        return fake as unknown as Tray;
      },
      buildMenu: (template) => template as unknown as Menu,
      theme: theme as unknown as NativeTheme,
      desktop,
      renderMenu: () => world.template,
      onMenu: () => {
        world.menus += 1;
      },
      onActivate: () => {
        world.activated += 1;
      },
    },
    STATE,
  );
  return { theme, world, fake, icon };
}

test('on Linux the menu is set, again after each change of it and only then, and a click opens the window', () => {
  const { world, fake, icon } = createWorld('linux');
  expect(world.made).toEqual(['/t/linux/off-light.png']);
  expect(fake.calls).toEqual([
    ['tooltip', 'Baton: off'],
    ['menu', [{ label: 'one' }]],
  ]);
  fake.calls.length = 0;
  icon.update(STATE);
  expect(fake.calls).toEqual([]);
  world.template = [{ label: 'two' }];
  icon.update({ ...STATE, icon: 'waiting' });
  icon.refreshMenu();
  expect(fake.calls).toEqual([
    ['image', '/t/linux/waiting-light.png'],
    ['menu', [{ label: 'two' }]],
    ['menu', [{ label: 'two' }]],
  ]);
  fake.emit('click');
  expect([world.activated, icon.bounds]).toEqual([1, null]);
});

test('elsewhere the menu is never set, but opened by a right click', () => {
  for (const system of ['mac', 'windows'] as const) {
    const { fake, icon, world } = createWorld(system);
    icon.update({ ...STATE, icon: 'working' });
    fake.emit('right-click');
    fake.emit('click');
    expect(fake.calls.map((call) => (call as string[])[0])).toEqual(['tooltip', 'image', 'popup']);
    expect([world.activated, world.menus, icon.bounds]).toEqual([1, 1, { x: 1, y: 2, width: 3, height: 4 }]);
  }
});

test('the picture suits the system and follows its colours', () => {
  const windows = createWorld('windows');
  windows.theme.shouldUseDarkColorsForSystemIntegratedUI = true;
  windows.theme.emit('updated');
  expect(windows.fake.calls).toContainEqual(['image', '/t/windows/off-dark.ico']);
  expect(createWorld('mac').world.made).toEqual(['/t/mac/offTemplate.png']);
  expect(createWorld('linux', 'ubuntu:GNOME').world.made).toEqual(['/t/linux/off-dark.png']);
});

test('it is one icon from beginning to end', () => {
  const { world, fake, icon, theme } = createWorld('linux');
  for (const name of ['connected', 'working', 'waiting', 'offline'] as const) icon.update({ ...STATE, icon: name });
  expect(world.made).toHaveLength(1);
  icon.dispose();
  // A question may still have been on the screen.
  icon.refreshMenu();
  expect([fake.calls.at(-1), theme.listenerCount('updated')]).toEqual([['destroy'], 0]);
});

test('a tray is known only by an answer, or by the name of a desktop where none can be had', async () => {
  const answers: [string | null, string | null, string, boolean][] = [
    ['(true,)\n', null, 'ubuntu:GNOME', true],
    ['(false,)\n', null, 'KDE', false],
    [null, 'b true\n', 'GNOME', true],
    [null, 'b false\n', 'KDE', false],
    [null, null, 'KDE', true],
    [null, null, 'ubuntu:GNOME', false],
    [null, null, '', false],
    ['nonsense', 'nonsense', 'XFCE', true],
  ];
  for (const [gdbus, busctl, desktop, expected] of answers) {
    const ask = async (program: string) => (program === 'gdbus' ? gdbus : busctl);
    expect([gdbus, busctl, desktop, await findTray({ platform: 'linux', desktop, ask })]).toEqual([
      gdbus,
      busctl,
      desktop,
      expected,
    ]);
  }
  const never = () => Promise.reject(new Error('asked'));
  expect(await findTray({ platform: 'darwin', desktop: '', ask: never })).toBe(true);
});

test('a program that is not there, or does not answer, is no answer', async () => {
  const before = process.env.DBUS_SESSION_BUS_ADDRESS;
  process.env.DBUS_SESSION_BUS_ADDRESS = 'unix:path=/nowhere/at/all';
  expect(await findTray({ platform: 'linux', desktop: 'GNOME' })).toBe(false);
  if (before === undefined) delete process.env.DBUS_SESSION_BUS_ADDRESS;
  else process.env.DBUS_SESSION_BUS_ADDRESS = before;
});
