import { EventEmitter } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BrowserWindow, BrowserWindowConstructorOptions, NativeTheme, Screen } from 'electron';
import { expect, test } from 'vitest';
import { silentLog } from '#lib/log.ts';
import { MainWindow, type MainWindowOptions } from '#main/desktop/window/main-window.ts';
import { isInside, placeAtTray } from '#main/desktop/window/placement.ts';
import { createWindowCloser } from '#main/desktop/window/window-closer.ts';
import { createWindowSizeFile } from '#main/desktop/window/window-size.ts';
import { openSettings } from '#main/host/settings.ts';
import { temporaryFolder } from '#test/unit/main/host/history/support.ts';

class FakeWindow extends EventEmitter {
  readonly options: BrowserWindowConstructorOptions;
  readonly sent: unknown[] = [];
  readonly webContents = Object.assign(new EventEmitter(), {
    send: (channel: string, value: unknown) => void this.sent.push([channel, value]),
    isDestroyed: () => false,
  });
  bounds: unknown = null;
  isShown = false;
  isGone = false;
  constructor(options: BrowserWindowConstructorOptions) {
    super();
    this.options = options;
  }
  loadURL = async () => {};
  isVisible = () => this.isShown;
  isFocused = () => this.isShown;
  isSmall = false;
  isMinimized = () => this.isSmall;
  restore = () => {
    this.isSmall = false;
  };
  isDestroyed = () => this.isGone;
  getSize = () => [700, 600];
  setBounds = (bounds: unknown) => {
    this.bounds = bounds;
  };
  focus = () => {};
  show = () => {
    this.isShown = true;
    this.emit('show');
  };
  hide = () => {
    this.isShown = false;
    this.emit('hide');
  };
  destroy = () => {
    this.isGone = true;
    this.emit('closed');
  };
  /** The person's click on the button that closes it; true: it may close. */
  close = () => {
    let isPrevented = false;
    this.emit('close', {
      preventDefault: () => {
        isPrevented = true;
      },
    });
    return !isPrevented;
  };
}

function createWorld(system: MainWindowOptions['system'] = 'linux') {
  const windows: FakeWindow[] = [];
  const world = {
    isQuitting: false,
    closes: 0,
    ends: 0,
    cursor: { x: 0, y: 0 },
    now: 0,
    seen: [] as boolean[],
    sizes: [] as unknown[],
  };
  const main = new MainWindow({
    system,
    create: (options) => {
      const made = new FakeWindow(options);
      windows.push(made);
      return made as unknown as BrowserWindow;
    },
    preload: '/preload.cjs',
    isDevelopment: false,
    theme: { shouldUseDarkColors: true } as NativeTheme,
    size: { read: () => ({ width: 700, height: 600 }), write: (size) => void world.sizes.push(size) },
    trayBounds: () => (system === 'linux' ? null : { x: 1_800, y: 1_050, width: 24, height: 24 }),
    screen:
      system === 'linux'
        ? null
        : ({
            getDisplayMatching: () => ({ workArea: { x: 0, y: 0, width: 1_920, height: 1_040 } }),
            getCursorScreenPoint: () => world.cursor,
          } as unknown as Screen),
    isQuitting: () => world.isQuitting,
    onClose: () => {
      world.closes += 1;
    },
    onSessionEnd: () => {
      world.ends += 1;
    },
    now: () => world.now,
    log: silentLog,
  });
  main.onDidChangeSeen((isSeen) => world.seen.push(isSeen));
  const window = () => windows.at(-1) as FakeWindow;
  const ready = () => {
    window().emit('ready-to-show');
    main.setLoaded();
  };
  return { world, windows, window, main, ready };
}

test('it is made when it is first wanted, with the safe preferences, and shown once it is painted', () => {
  const { windows, window, main, ready, world } = createWorld();
  expect(windows).toHaveLength(0);
  main.show();
  expect([window().isShown, window().options]).toMatchObject([
    false,
    {
      show: false,
      webPreferences: {
        sandbox: true,
        contextIsolation: true,
        nodeIntegration: false,
        webviewTag: false,
        devTools: false,
      },
    },
  ]);
  expect(window().options.frame).toBe(undefined);
  ready();
  main.show();
  expect([windows.length, window().isShown, world.seen]).toEqual([1, true, [true, true]]);
});

test('where it is asked to go before its page hears is said when it does', () => {
  const { main, ready, window } = createWorld();
  main.show('pair');
  main.show('sessions', 's');
  ready();
  main.show('devices');
  expect(window().sent).toEqual([
    ['baton:push:show', { page: 'sessions', session: 's' }],
    ['baton:push:show', { page: 'devices', session: null }],
  ]);
});

test('hidden before it was painted, it stays hidden', () => {
  const { main, ready, window } = createWorld();
  main.show();
  main.hide();
  ready();
  expect(window().isShown).toBe(false);
});

test('closing is asked about elsewhere and remembers the size; when Baton quits it closes', () => {
  const { main, ready, window, world } = createWorld();
  main.show();
  ready();
  expect([window().close(), world.closes, world.sizes]).toEqual([false, 1, [{ width: 700, height: 600 }]]);
  world.isQuitting = true;
  expect([window().close(), world.closes]).toEqual([true, 1]);
});

test('a window that the system does not paint while it is hidden is shown when its page has loaded', () => {
  const { main, window, world } = createWorld();
  main.show();
  window().webContents.emit('did-finish-load');
  expect(window().isShown).toBe(true);
  window().emit('ready-to-show');
  expect(world.seen).toEqual([true]);
  // Elsewhere it would be shown before it is painted.
  const mac = createWorld('mac');
  mac.main.show();
  mac.window().webContents.emit('did-finish-load');
  expect(mac.window().isShown).toBe(false);
});

test('however it goes out of view, its size is remembered', () => {
  const { main, ready, world } = createWorld('mac');
  main.show();
  ready();
  main.hide();
  expect(world.sizes).toEqual([{ width: 700, height: 600 }]);
});

test('Windows tells it that the person logs out though it was never shown', () => {
  const { main, window, windows, world } = createWorld('windows');
  main.prepare();
  main.prepare();
  window().emit('ready-to-show');
  window().emit('session-end');
  expect([windows.length, window().isShown, world.ends]).toEqual([1, false, 1]);
});

test('while Baton is being closed no window is made or shown', async () => {
  const { main, windows, world } = createWorld();
  world.isQuitting = true;
  main.show('pair');
  await main.bringIntoView();
  expect(windows).toHaveLength(0);
});

test('anyone who needs it in view waits until it is, or is gone', async () => {
  const { main, ready, window } = createWorld('mac');
  const shown = main.bringIntoView();
  ready();
  await shown;
  expect(main.isVisible).toBe(true);
  await main.bringIntoView();
  main.hide();
  const gone = createWorld('mac');
  const waiting = gone.main.bringIntoView();
  gone.window().webContents.emit('render-process-gone', {}, { reason: 'crashed' });
  await waiting;
  expect([window().isShown, gone.main.isVisible]).toEqual([false, false]);
});

test('of two dialogs that are open, the first answer does not let it go', async () => {
  const { main, ready, window, world } = createWorld('windows');
  world.cursor = { x: 5, y: 5 };
  main.show();
  ready();
  const second = Promise.withResolvers<void>();
  const held = main.holdOpen(() => second.promise);
  await main.holdOpen(async () => {});
  window().emit('blur');
  expect(main.isVisible).toBe(true);
  second.resolve();
  await held;
  window().emit('blur');
  expect(main.isVisible).toBe(false);
});

test('on macOS too the click on the icon that takes its focus closes it', () => {
  const { main, ready, window, world } = createWorld('mac');
  main.show();
  ready();
  world.cursor = { x: 1_810, y: 1_060 };
  window().emit('blur');
  main.toggle();
  expect(main.isVisible).toBe(false);
});

test('what is in front of the person is known only while the window has the focus', () => {
  const { main, ready } = createWorld();
  main.show();
  ready();
  main.setPage('devices');
  expect(main.focusedPage).toBe('devices');
  main.hide();
  expect(main.focusedPage).toBe(null);
});

test('on Windows it stands at the icon and goes when it loses the focus, unless to the icon or to its own dialog', async () => {
  const { main, ready, window, world } = createWorld('windows');
  main.show();
  ready();
  expect(window().options).toMatchObject({ frame: false, skipTaskbar: true });
  expect(window().bounds).toEqual({ x: 1_212, y: 432, width: 700, height: 600 });
  world.cursor = { x: 1_810, y: 1_060 };
  window().emit('blur');
  expect(main.isVisible).toBe(true);
  world.cursor = { x: 5, y: 5 };
  await main.holdOpen(async () => void window().emit('blur'));
  expect(main.isVisible).toBe(true);
  window().emit('blur');
  expect(main.isVisible).toBe(false);
  main.toggle();
  main.toggle();
  window().emit('session-end');
  expect([main.isVisible, world.ends]).toEqual([false, 1]);
});

test('it is in view with the focus or without, and neither minimised nor hidden', () => {
  const { main, ready, window } = createWorld();
  expect(main.isInView).toBe(false);
  main.show();
  ready();
  window().emit('blur');
  expect(main.isInView).toBe(true);
  window().isSmall = true;
  expect(main.isInView).toBe(false);
  main.show();
  expect(main.isInView).toBe(true);
  main.hide();
  expect(main.isInView).toBe(false);
});

test('on Linux losing the focus hides nothing', () => {
  const { main, ready, window } = createWorld();
  main.show();
  ready();
  window().emit('blur');
  expect(main.isVisible).toBe(true);
});

test('a page that breaks down in view is replaced, but not for ever', () => {
  const { main, ready, windows, window } = createWorld();
  let unloads = 0;
  main.onDidUnload(() => {
    unloads += 1;
  });
  main.show();
  for (let crash = 0; crash < 4; crash += 1) {
    if (window().isGone) break;
    ready();
    window().webContents.emit('render-process-gone', {}, { reason: 'crashed' });
  }
  expect([windows.length, unloads, main.contents]).toEqual([3, 3, null]);
  main.show();
  expect(windows).toHaveLength(4);
});

test('at the icon means within the screen, below an icon at the top and above one at the bottom', () => {
  const area = { x: 0, y: 25, width: 1_440, height: 875 };
  const size = { width: 400, height: 500 };
  const icon = { x: 1_000, y: 0, width: 24, height: 24 };
  expect(placeAtTray(icon, area, size)).toEqual({ x: 812, y: 33, ...size });
  expect(placeAtTray({ ...icon, x: 1_430 }, area, size).x).toBe(1_440 - 400 - 8);
  expect(placeAtTray({ ...icon, y: 890 }, area, size).y).toBe(382);
  expect(placeAtTray(icon, { x: 0, y: 0, width: 300, height: 300 }, size)).toMatchObject({ width: 284, height: 284 });
  expect([isInside({ x: 1_000, y: 0 }, icon), isInside({ x: 1_024, y: 0 }, icon)]).toEqual([true, false]);
});

test('its size is remembered; a file that holds something else is the default', () => {
  const path = join(temporaryFolder(), 'window.json');
  const file = createWindowSizeFile(path, silentLog);
  const usual = file.read();
  file.write({ width: 800, height: 600 });
  expect(createWindowSizeFile(path, silentLog).read()).toEqual({ width: 800, height: 600 });
  file.write({ width: 1, height: 1 });
  expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({ width: 800, height: 600 });
  for (const text of ['', '{}', '{"width":1,"height":1}', '{"width":1e9,"height":700}']) {
    writeFileSync(path, text);
    expect(file.read()).toEqual(usual);
  }
  expect(() =>
    createWindowSizeFile('/nowhere/at/all.json', silentLog).write({ width: 800, height: 600 }),
  ).not.toThrow();
});

/** The person answers with `button`. */
function createClosing(change: { system?: 'linux' | 'mac'; isTrayKnown: boolean; button: number; canStore?: boolean }) {
  const settings = openSettings({ path: join(temporaryFolder(), 'settings.json'), now: Date.now, log: silentLog });
  const heard: string[] = [];
  const desk = createWindowCloser({
    system: change.system ?? 'linux',
    settings,
    isTrayKnown: () => change.isTrayKnown,
    canStore: () => change.canStore ?? true,
    ask: async ({ message }) => {
      heard.push(String(message));
      return change.button;
    },
    hide: () => heard.push('hidden'),
    quit: async () => void heard.push('quit'),
    log: silentLog,
  });
  return { settings, heard, desk };
}

test('the first time it is closed it says that Baton goes on; later it just goes', async () => {
  const { desk, heard, settings } = createClosing({ isTrayKnown: true, button: 0 });
  await desk.close();
  await desk.close();
  expect([heard, settings.get().isTrayExplained]).toEqual([
    ['Baton goes on without its window', 'hidden', 'hidden'],
    true,
  ]);
});

test.each([
  [0, ['hidden'], true],
  [1, ['quit'], false],
  [2, [], false],
] as const)('without a known tray the person chooses (%i)', async (button, then, isExplained) => {
  const { desk, heard, settings } = createClosing({ isTrayKnown: false, button });
  await Promise.all([desk.close(), desk.close()]);
  expect([heard, settings.get().isTrayExplained]).toEqual([
    ['Close the window and let Baton go on?', ...then],
    isExplained,
  ]);
});

test('on macOS it belongs to the icon and needs no words', async () => {
  const { desk, heard } = createClosing({ system: 'mac', isTrayKnown: true, button: 0 });
  await desk.close();
  expect(heard).toEqual(['hidden']);
});

test('while another Baton holds the data folder, its settings are left alone', async () => {
  const { desk, heard, settings } = createClosing({ isTrayKnown: true, button: 0, canStore: false });
  await desk.close();
  expect([heard.at(-1), settings.get().isTrayExplained]).toEqual(['hidden', false]);
});
