import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { App } from 'electron';
import { beforeEach, expect, test } from 'vitest';
import { silentLog } from '#lib/log.ts';
import { parseAutostartEntry, quoteArgument, renderAutostartEntry } from '#main/desktop/system/linux-autostart.ts';
import { createLoginItem, findLaunchCommand } from '#main/desktop/system/login-item.ts';
import { temporaryFolder } from '#test/unit/main/host/history/support.ts';

let config: string;
const entryPath = () => join(config, 'autostart/baton.desktop');

beforeEach(() => {
  config = join(temporaryFolder(), 'config');
});

const NO_APP = {} as Pick<App, 'getLoginItemSettings' | 'setLoginItemSettings'>;

function createLinux(change: { program?: string; isPackaged?: boolean; environment?: NodeJS.ProcessEnv } = {}) {
  const { program = process.execPath, isPackaged = true, environment = {} } = change;
  return createLoginItem({
    platform: 'linux',
    app: NO_APP,
    launch: { program, args: ['--autostart'], isPackaged },
    environment: { XDG_CONFIG_HOME: config, ...environment },
    home: '/home/nobody',
    log: silentLog,
  });
}

test('on Linux it writes an entry that starts hidden, reads it as on, and removes it', async () => {
  const item = createLinux({ program: '/opt/Baton App/baton' });
  expect(await item.refresh()).toEqual({ kind: 'off' });
  expect(await item.set(true)).toEqual({ kind: 'on' });
  const entry = readFileSync(entryPath(), 'utf8').split('\n');
  expect(entry).toContain('Exec="/opt/Baton App/baton" --autostart');
  expect(entry).toContain('TryExec=/opt/Baton App/baton');
  expect(item.view).toEqual({ kind: 'on' });
  expect(await item.set(false)).toEqual({ kind: 'off' });
  expect(existsSync(entryPath())).toBe(false);
});

test.each(['Hidden=true', 'X-GNOME-Autostart-enabled=false'])(
  'an entry that the desktop switched off (%s) is off',
  async (line) => {
    const item = createLinux();
    await item.set(true);
    const text = readFileSync(entryPath(), 'utf8').replace('X-GNOME-Autostart-enabled=true\n', '');
    writeFileSync(entryPath(), `${text}${line}\n`);
    expect(await item.refresh()).toEqual({ kind: 'off' });
  },
);

test('the entry of a Baton that was moved is brought up to date; one that is off is left', async () => {
  const old = renderAutostartEntry(['/gone/Baton-0.1.AppImage', '--autostart']) as string;
  mkdirSync(dirname(entryPath()), { recursive: true });
  writeFileSync(entryPath(), old.replace('X-GNOME-Autostart-enabled=true', 'X-GNOME-Autostart-enabled=false'));
  expect(await createLinux().refresh()).toEqual({ kind: 'off' });
  expect(readFileSync(entryPath(), 'utf8')).toContain('/gone/');
  writeFileSync(entryPath(), old);
  expect(await createLinux().refresh()).toEqual({ kind: 'on' });
  expect(readFileSync(entryPath(), 'utf8')).toContain(`Exec=${process.execPath} --autostart`);
});

test('Baton from its sources does not take the start at login from an installed one that is still there', async () => {
  await createLinux({ program: process.execPath }).set(true);
  const before = readFileSync(entryPath(), 'utf8');
  await createLinux({ program: '/usr/bin/env', isPackaged: false }).refresh();
  expect(readFileSync(entryPath(), 'utf8')).toBe(before);
});

test.each([{ FLATPAK_ID: 'app.baton' }, { SNAP: '/snap/baton/1' }])(
  'in a sandbox (%o) it is refused with words, and nothing is written',
  async (environment) => {
    const item = createLinux({ environment });
    expect(await item.set(true)).toEqual({ kind: 'unavailable', reason: expect.stringContaining('startup programs') });
    expect(existsSync(entryPath())).toBe(false);
  },
);

test('a folder that cannot be written is an answer, not an exception', async () => {
  writeFileSync(config, 'a file stands where the folder should');
  expect(await createLinux().set(true)).toEqual({
    kind: 'unavailable',
    reason: expect.stringContaining('did not let'),
  });
});

test.each([
  ['/usr/bin/baton', '/usr/bin/baton'],
  ['/opt/Baton App/baton', '"/opt/Baton App/baton"'],
  ['100%', '100%%'],
  ['a"b`c$d\\e', '"a\\"b\\`c\\$d\\\\e"'],
  ['', '""'],
  ['~/x', '"~/x"'],
])('the argument %s is quoted as the specification says', (argument, quoted) => {
  expect(quoteArgument(argument)).toBe(quoted);
});

test('after quoting, backslashes are doubled as in every string; what no entry can hold is none', () => {
  const entry = renderAutostartEntry(['/opt/a$b/baton', 'c\\d']) as string;
  expect(entry).toContain('Exec="/opt/a\\\\$b/baton" "c\\\\\\\\d"');
  expect(parseAutostartEntry(entry)).toEqual({ isEnabled: true, program: '/opt/a$b/baton' });
  expect(renderAutostartEntry(['/opt/a\nb'])).toBe(null);
  expect(renderAutostartEntry(['/opt/a=b'])).toBe(null);
  expect(renderAutostartEntry([])).toBe(null);
});

test('the command is the AppImage when there is one, and names the sources when there is none', () => {
  const base = { execPath: '/tmp/.mount/baton', appPath: '/src/baton', dataFolder: null };
  const environment = { APPIMAGE: '/home/a/Baton.AppImage' };
  expect(findLaunchCommand({ ...base, isPackaged: true, environment })).toMatchObject({
    program: '/home/a/Baton.AppImage',
    args: ['--autostart'],
  });
  expect(findLaunchCommand({ ...base, isPackaged: false, environment, dataFolder: '/data' })).toMatchObject({
    program: '/tmp/.mount/baton',
    args: ['/src/baton', '--data', '/data', '--autostart'],
  });
});

/** The system's own list, as Electron gives it. */
function createSystem(platform: 'darwin' | 'win32', answer: object, isPackaged = true) {
  const given: unknown[] = [];
  const app = {
    getLoginItemSettings: (options?: unknown) => {
      given.push(options);
      return answer;
    },
    setLoginItemSettings: (options: unknown) => void given.push(options),
  } as unknown as typeof NO_APP;
  const launch = { program: 'C:\\Baton\\Baton.exe', args: ['--data', 'C:\\My data', '--autostart'], isPackaged };
  const item = createLoginItem({ platform, app, launch, environment: {}, home: '/', log: silentLog });
  return { item, given };
}

test('macOS may want the person to approve it, and that is what is shown', async () => {
  expect(await createSystem('darwin', { status: 'requires-approval' }).item.set(true)).toEqual({
    kind: 'requires-approval',
  });
  expect(await createSystem('darwin', { status: 'enabled' }).item.refresh()).toEqual({ kind: 'on' });
  expect(await createSystem('darwin', { status: 'not-found' }).item.refresh()).toEqual({ kind: 'off' });
  expect(await createSystem('darwin', {}, false).item.set(true)).toMatchObject({ kind: 'unavailable' });
});

test('on Windows an entry that the Task Manager switched off is off', async () => {
  const { item, given } = createSystem('win32', { openAtLogin: true, executableWillLaunchAtLogin: false });
  expect(await item.set(true)).toEqual({ kind: 'off' });
  expect(given).toContainEqual({
    path: 'C:\\Baton\\Baton.exe',
    args: ['--data', '"C:\\My data"', '--autostart'],
    openAtLogin: true,
    enabled: true,
  });
});
