import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { silentLog } from '#lib/log.ts';
import { type LaunchArguments, parseHandedOver, parseLaunchArguments } from '#main/desktop/launch-arguments.ts';
import { createLaunchRequests } from '#main/desktop/launch-requests.ts';
import type { RemoteSwitch } from '#main/desktop/remote-switch.ts';
import { openSettings } from '#main/host/settings.ts';
import { temporaryFolder } from '../host/history/support.ts';

const NONE: LaunchArguments = {
  data: null,
  isDemo: false,
  isVerbose: false,
  isAutostart: false,
  remote: null,
  isPairing: false,
  isQuit: false,
};

test('the own words count, those of Chromium, the desktop and Electron do not', () => {
  const argv = [
    '.',
    '--inspect=0',
    '--data',
    'here',
    '--no-sandbox',
    '--autostart',
    '--remote-on',
    '--demo',
    'https://x',
  ];
  expect(parseLaunchArguments(argv, '/cwd')).toEqual({
    ...NONE,
    data: '/cwd/here',
    isAutostart: true,
    remote: 'on',
    isDemo: true,
  });
  expect(parseLaunchArguments(['--data=/abs', '--pair', '--verbose'], '/cwd')).toEqual({
    ...NONE,
    data: '/abs',
    isPairing: true,
    isVerbose: true,
  });
  expect(parseLaunchArguments(['--data', '--quit'], '/cwd')).toEqual({ ...NONE, isQuit: true });
  expect(parseLaunchArguments(['--remote-on', '--remote-off'], '/')).toEqual({ ...NONE, remote: 'off' });
});

test('a second launch is read from what it hands over; garbage falls back to its words', () => {
  const given = { ...NONE, isPairing: true };
  expect(parseHandedOver(structuredClone(given), ['--quit'], '/')).toEqual(given);
  for (const garbage of [null, 'x', {}, { ...given, remote: 'maybe' }])
    expect(parseHandedOver(garbage, ['--quit'], '/')).toEqual({ ...NONE, isQuit: true });
});

function createWorld(isRefused = false) {
  const folder = temporaryFolder();
  const settings = openSettings({ path: join(folder, 'settings.json'), now: Date.now, log: silentLog });
  const heard: unknown[] = [];
  const desk = createLaunchRequests({
    dataFolder: folder,
    settings,
    remoteSwitch: {
      set: async (isEnabled: boolean) => {
        heard.push(['remote', isEnabled]);
        return isRefused ? { ok: false, error: 'no host' } : { ok: true, value: { isEnabled } };
      },
    } as unknown as RemoteSwitch,
    canStore: () => true,
    show: (page) => heard.push(['show', page ?? null]),
    quit: async () => void heard.push('quit'),
    onDidSwitch: () => heard.push('drawn'),
    log: silentLog,
  });
  return { folder, settings, heard, desk };
}

test.each([
  [{}, [['show', null]]],
  [{ isPairing: true }, [['show', 'pair']]],
  [{ isAutostart: true }, []],
  [{ remote: 'on' }, [['remote', true], 'drawn']],
  [{ remote: 'off' }, [['remote', false], 'drawn']],
  [{ isQuit: true, isPairing: true }, ['quit']],
] as const)('a second launch with %o does just that', async (change, expected) => {
  const { desk, heard } = createWorld();
  await desk.obey({ ...NONE, ...change });
  expect(heard).toEqual(expected);
});

test('a switch that cannot be set brings up the window, which says why', async () => {
  const { desk, heard } = createWorld(true);
  await desk.obey({ ...NONE, remote: 'on' });
  expect(heard).toEqual([['remote', true], 'drawn', ['show', null]]);
});

test('the folder for the demo agent is made and offered once', async () => {
  const { desk, folder, settings } = createWorld();
  await desk.obey({ ...NONE, isDemo: true });
  await desk.obey({ ...NONE, isDemo: true });
  expect(existsSync(join(folder, 'demo/hello.js'))).toBe(true);
  expect(settings.get().projects).toEqual([join(folder, 'demo')]);
});
