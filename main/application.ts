/** Composition root of the tray app: everything is made here, in the order in which it depends on each other, and ends in the other order. */

import { existsSync, readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import {
  app,
  BrowserWindow,
  clipboard,
  dialog,
  ipcMain,
  Menu,
  Notification,
  nativeTheme,
  powerMonitor,
  powerSaveBlocker,
  protocol,
  safeStorage,
  screen,
  session,
  shell,
  Tray,
} from 'electron';
import { systemClock as clock } from '#lib/clock.ts';
import type { Log } from '#lib/log.ts';
import { unawaited } from '#lib/unawaited.ts';
import type { AppView, KeepAwake as KeepAwakeChoice } from '#preload/contract.ts';
import { createDesktopDoctor } from './desktop/desktop-doctor.ts';
import { HostLifecycle } from './desktop/host-lifecycle.ts';
import { watchHost } from './desktop/host-watch.ts';
import { createAppCalls } from './desktop/ipc/calls/app-calls.ts';
import { createHistoryCalls } from './desktop/ipc/calls/history-calls.ts';
import { createPairingCalls } from './desktop/ipc/calls/pairing-calls.ts';
import { createRelayCalls } from './desktop/ipc/calls/relay-calls.ts';
import { createSessionCalls } from './desktop/ipc/calls/session-calls.ts';
import { createSettingsCalls } from './desktop/ipc/calls/settings-calls.ts';
import { createIpcRouter } from './desktop/ipc/ipc-router.ts';
import { SliceFeed } from './desktop/ipc/slice-feed.ts';
import { createWindowViews } from './desktop/ipc/views/window-views.ts';
import { WindowClient } from './desktop/ipc/window-client.ts';
import { type LaunchArguments, parseHandedOver } from './desktop/launch-arguments.ts';
import { createLaunchRequests } from './desktop/launch-requests.ts';
import { readAttention, readHostGlance } from './desktop/notifications/attention.ts';
import { answerQuestion } from './desktop/notifications/notification-answer.ts';
import { Notifications } from './desktop/notifications/notifications.ts';
import { PairingCodes } from './desktop/pairing-codes.ts';
import { Quit } from './desktop/quit.ts';
import { createRelayTester } from './desktop/relay-tester.ts';
import { RemoteSwitch } from './desktop/remote-switch.ts';
import { APP_SCHEME, createAppProtocol } from './desktop/system/app-protocol.ts';
import { KeepAwake, shouldKeepAwake } from './desktop/system/keep-awake.ts';
import { createLoginItem, findLaunchCommand } from './desktop/system/login-item.ts';
import { parseUpdatePage } from './desktop/system/outside-pages.ts';
import { Power } from './desktop/system/power.ts';
import { KeychainSecrets } from './desktop/system/secrets.ts';
import { denyEverythingElse } from './desktop/system/security.ts';
import { createSystemDialogs } from './desktop/system/system-dialogs.ts';
import { findUpdateObstacle, Updates } from './desktop/system/updates.ts';
import { TrayIcon } from './desktop/tray/tray.ts';
import { renderTrayMenu } from './desktop/tray/tray-menu.ts';
import { findTray } from './desktop/tray/tray-presence.ts';
import { TrayUpdater } from './desktop/tray/tray-updater.ts';
import { UsageSampler } from './desktop/usage-sampler.ts';
import { followWindow } from './desktop/window/follow-window.ts';
import { MainWindow } from './desktop/window/main-window.ts';
import { createWindowCloser } from './desktop/window/window-closer.ts';
import { createWindowSizeFile } from './desktop/window/window-size.ts';
import { openSettings } from './host/settings.ts';
import { defaultDataFolder, homeFolder } from './setup/data-folder.ts';
import { findPhoneFolder, readPhoneBuild } from './setup/embedded-relay.ts';

/** The project's root, or the packaged app's: `dist/main` lies in it. */
const ROOT = join(import.meta.dirname, '../..');
const SYSTEMS: Partial<Record<NodeJS.Platform, AppView['system']>> = { darwin: 'mac', win32: 'windows' };

export async function createApplication(options: {
  given: LaunchArguments;
  dataFolder: string;
  log: Log;
}): Promise<void> {
  const { given, dataFolder, log } = options;
  const inBackground = (promise: Promise<unknown>, operation: string) => unawaited(promise, operation, log);
  const { platform, env, execPath } = process;
  const system = SYSTEMS[platform] ?? 'linux';
  const desktop = env.XDG_CURRENT_DESKTOP ?? '';
  const { isPackaged } = app;
  const { now } = clock;
  const stack = new AsyncDisposableStack();

  // What the host needs, and the host.
  const settings = openSettings({ path: join(dataFolder, 'settings.json'), now, log });
  const secrets = new KeychainSecrets({ safeStorage, platform, dataFolder, log });
  const phoneFolder = findPhoneFolder();
  const build = readPhoneBuild(phoneFolder);
  const hostName = hostname();
  const lifecycle = new HostLifecycle({
    ...{ dataFolder, phoneFolder, settings, secrets, hostName, build, clock, log },
  });
  const findHost = () => lifecycle.findStarted();

  // What the system gives.
  const updatePage = parseUpdatePage(JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).homepage);
  const hasFeed = isPackaged && existsSync(join(process.resourcesPath, 'app-update.yml'));
  const obstacle = findUpdateObstacle({ isPackaged, hasFeed, page: updatePage });
  const load = async () => (await import('electron-updater')).default.autoUpdater;
  const updates = new Updates({ obstacle, load, page: updatePage, clock, log });
  const ownFolder = dataFolder === defaultDataFolder() ? null : dataFolder;
  const launch = findLaunchCommand({ execPath, appPath: ROOT, isPackaged, environment: env, dataFolder: ownFolder });
  const login = createLoginItem({ platform, app, launch, environment: env, home: homeFolder(), log });
  const keepAwake = new KeepAwake(powerSaveBlocker, log);
  const canStore = () => lifecycle.running !== null;
  // Asked as soon as there is a window to close; until then nothing is claimed.
  let isTrayKnown = system !== 'linux';

  // The window, and what it shows.
  const dialogs = createSystemDialogs(dialog, () => window, system);
  const windowCloser = createWindowCloser({
    system,
    settings,
    isTrayKnown: () => isTrayKnown,
    canStore,
    ask: dialogs.ask,
    hide: () => window.hide(),
    quit: () => quit.request(),
    log,
  });
  const window: MainWindow = new MainWindow({
    system,
    create: (windowOptions) => new BrowserWindow(windowOptions),
    preload: join(ROOT, 'dist/preload/index.cjs'),
    isDevelopment: !isPackaged,
    theme: nativeTheme,
    size: createWindowSizeFile(join(dataFolder, 'window.json'), log),
    trayBounds: () => tray.bounds,
    screen: system === 'linux' ? null : screen,
    isQuitting: () => quit.isQuitting,
    onClose: () => inBackground(windowCloser.close(), 'close the window'),
    onSessionEnd: () => inBackground(quit.now(), 'quit'),
    now,
    log,
  });
  const pairing = new PairingCodes({ lifecycle, clock, log });
  const sampler = new UsageSampler({
    host: () => lifecycle.running?.host ?? null,
    ...{ clock, log },
    onSample: () => feed.touch('usage'),
  });
  const views = createWindowViews({
    ...{ lifecycle, settings, pairing, dataFolder, now },
    app: { version: app.getVersion(), hostName, system, build },
    notices: () => [settings.notice, lifecycle.running?.host.notice, secrets.notice].filter((text) => text != null),
    isTrayKnown: () => isTrayKnown,
    usage: () => sampler.usage,
    login: () => login.view,
    secrets: () => secrets.view,
    isKeptAwake: () => keepAwake.isActive,
    update: () => updates.view,
  });
  const windowClient = new WindowClient({ lifecycle, push: (push) => window.send('client', push), log });
  const feed = new SliceFeed({ views, clock, push: (slice) => window.send('slice', slice), log });

  // The tray.
  const trayUpdater = new TrayUpdater({
    ...{ lifecycle, settings, clock, log },
    login: () => login.view,
    refreshLogin: () => login.refresh(),
  });
  const openWindow = (...where: Parameters<MainWindow['show']>) => window.show(...where);
  const setLogin = async (isEnabled: boolean) => {
    const view = await login.set(isEnabled);
    feed.touch('settings');
    tray.refreshMenu();
    return view;
  };
  const settingsCalls = createSettingsCalls({ findHost, settings, setLogin });
  const storeKeepAwake = async (choice: KeepAwakeChoice) => await settingsCalls['settings.set']({ keepAwake: choice });
  const remoteSwitch = new RemoteSwitch({ lifecycle, settings, ask: dialogs.ask, log });
  const tray: TrayIcon = new TrayIcon(
    {
      system,
      desktop,
      folder: join(ROOT, 'assets/tray'),
      createTray: (image) => new Tray(image),
      buildMenu: (template) => Menu.buildFromTemplate(template),
      theme: nativeTheme,
      onMenu: () => window.hide(),
      onActivate: () => (system === 'linux' ? openWindow() : window.toggle()),
      renderMenu: () =>
        renderTrayMenu(trayUpdater.menu(), {
          setRemoteControl: (isEnabled) =>
            inBackground(
              remoteSwitch.set(isEnabled).finally(() => tray.refreshMenu()),
              'switch remote control',
            ),
          pair: () => openWindow('pair'),
          openSession: (id) => openWindow('sessions', id),
          open: () => openWindow(),
          setStartAtLogin: (isEnabled) => inBackground(setLogin(isEnabled), 'change the start at login'),
          setKeepAwake: (choice) =>
            inBackground(
              storeKeepAwake(choice).finally(() => tray.refreshMenu()),
              'keep the computer awake',
            ),
          quit: () => inBackground(quit.request(), 'quit'),
        }),
    },
    trayUpdater.state(),
  );
  trayUpdater.attach(tray);

  // What follows from what goes on.
  const notifications = new Notifications({
    isSupported: () => Notification.isSupported(),
    create: (notice) => new Notification(notice),
    isEnabled: () => settings.get().isNotifying,
    attention: () =>
      readAttention({
        page: window.focusedPage,
        onWindow: window.isInView ? windowClient.watched : null,
        devices: lifecycle.running?.host.remote.devices() ?? [],
        now: now(),
      }),
    open: openWindow,
    answer: (answer) => {
      const host = lifecycle.running?.host;
      // The question may have been answered elsewhere meanwhile: the window shows what holds.
      if (!host || !answerQuestion(host, answer, now())) openWindow('sessions', answer.session);
    },
    log,
  });
  const updateKeepAwake = () => {
    const states = lifecycle.running?.host.supervisor.state().sessions.map(({ state }) => state) ?? [];
    const choice = settings.get().keepAwake;
    const isOnBattery = choice === 'on-power' && powerMonitor.isOnBatteryPower();
    if (keepAwake.set(shouldKeepAwake({ choice, isOnBattery, states }))) feed.touch('settings');
  };
  // Anyone who unlocks the screen may have unlocked the keychain with it.
  const resume = () =>
    lifecycle.running ? lifecycle.running.host.remote.resume() : inBackground(lifecycle.open(), 'start the host');
  const power = new Power({
    ...{ powerMonitor, clock, log, resume },
    suspend: () => lifecycle.running?.host.remote.suspend(),
    onPowerSource: updateKeepAwake,
    onShutdown: () => inBackground(quit.now(), 'quit'),
  });
  let atQuit = { leaveAgents: false };
  const quit: Quit = new Quit({
    working: () =>
      (lifecycle.running?.host.supervisor.state().sessions ?? [])
        .filter(({ state }) => state === 'working' || state === 'waiting')
        .map(({ title }) => title),
    ask: dialogs.ask,
    close: (how) => {
      atQuit = how;
      return stack.disposeAsync();
    },
    exit: () => app.exit(0),
    ...{ clock, log },
  });

  // What the window may ask.
  const stopRouter = createIpcRouter({
    ipcMain,
    ownContents: () => window.contents,
    log,
    handlers: {
      ...createSessionCalls({ findHost, phoneOrigin: () => lifecycle.running?.relay.phoneOrigin ?? null }),
      ...windowClient.calls,
      ...createPairingCalls({ findHost, codes: pairing }),
      ...createRelayCalls({
        ...{ lifecycle, remoteSwitch },
        testRelay: createRelayTester({ lifecycle, log }),
        examine: createDesktopDoctor({
          ...{ lifecycle, settings, secrets, dataFolder, phoneFolder, now, log },
          isNotificationSupported: () => Notification.isSupported(),
        }),
        resume: () => power.handleOnline(),
      }),
      ...settingsCalls,
      ...createHistoryCalls({ findHost, dataFolder, dialogs, openPath: (path) => shell.openPath(path), now }),
      ...createAppCalls({
        ...{ lifecycle, updatePage },
        load: async () => {
          const state = feed.load();
          window.setLoaded();
          return state;
        },
        showPage: (page) => window.setPage(page),
        closeWindow: () => inBackground(windowCloser.close(), 'close the window'),
        writeClipboard: (text) => clipboard.writeText(text),
        openExternal: (address) => shell.openExternal(address),
        checkForUpdate: () => updates.check(),
        quit: () => inBackground(quit.request(), 'quit'),
      }),
    },
  });
  const stopFollowingWindow = followWindow({
    ...{ window, feed, sampler, pairing, clock, log },
    lookAgain: async () => {
      await login.refresh();
      isTrayKnown = await findTray({ platform, desktop });
      feed.touch('app', 'settings');
      trayUpdater.touch();
    },
  });
  const stopHostWatch = watchHost({
    ...{ lifecycle, clock, log },
    touch: (...slices) => feed.touch(...slices),
    touchTray: () => trayUpdater.touch(),
    react: (running) => {
      if (running) notifications.update(readHostGlance(running.host));
      else notifications.reset();
      updateKeepAwake();
    },
  });

  // It ends in the other order: first nobody asks for anything any more, then the host, last what is on the screen.
  stack.defer(() => window.dispose());
  stack.defer(() => tray.dispose());
  stack.defer(() => feed.dispose());
  stack.defer(() => trayUpdater.dispose());
  stack.defer(stopHostWatch);
  stack.defer(() => lifecycle.dispose(atQuit));
  stack.defer(() => keepAwake.dispose());
  stack.defer(() => notifications.dispose());
  stack.defer(() => power.dispose());
  stack.defer(() => updates.dispose());
  stack.defer(() => sampler.dispose());
  stack.defer(stopFollowingWindow);
  stack.defer(stopRouter);
  stack.defer(() => window.hide());
  stack.defer(window.onDidUnload(() => windowClient.close()));
  stack.defer(updates.onDidChange(() => feed.touch('update')));
  stack.defer(pairing.onDidChange(() => feed.touch('pairing')));
  stack.defer(
    settings.onDidChange(() => {
      feed.touch('settings', 'sessions', 'link');
      trayUpdater.touch();
      updateKeepAwake();
    }),
  );

  denyEverythingElse({ app, session: session.defaultSession, isDevelopment: !isPackaged, log });
  protocol.handle(APP_SCHEME, createAppProtocol({ folder: join(ROOT, 'dist/renderer'), log }));
  setApplicationMenu(system);
  const launchRequests = createLaunchRequests({
    ...{ dataFolder, settings, remoteSwitch, canStore, log },
    show: openWindow,
    quit: () => quit.request(),
    onDidSwitch: () => tray.refreshMenu(),
  });
  app.on('second-instance', (_event, argv, cwd, data) =>
    inBackground(launchRequests.obey(parseHandedOver(data, argv, cwd)), 'do what Baton was started again for'),
  );
  app.on('activate', () => openWindow());
  app.on('before-quit', (event) => {
    event.preventDefault();
    inBackground(quit.request(), 'quit');
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => inBackground(quit.now(), 'quit'));
  // A terminal that was closed, or a connection to it that was lost: nobody has said that agents are to end.
  process.on('SIGHUP', () => inBackground(quit.now({ leaveAgents: true }), 'quit'));

  const isHidden = given.isAutostart || (system === 'mac' && app.getLoginItemSettings().wasOpenedAtLogin);
  if (!isHidden) openWindow(given.isPairing ? 'pair' : 'sessions');
  else if (system === 'windows') window.prepare();
  await Promise.all([login.refresh(), lifecycle.open()]);
  feed.touch('settings');
  trayUpdater.touch();
  updates.start();
  if (given.isDemo) launchRequests.addDemoFolder();
  if (given.remote !== null) await launchRequests.setRemote(given.remote === 'on');
}

/** macOS copies and pastes by the menu's keys; elsewhere the window has no menu. */
function setApplicationMenu(system: AppView['system']): void {
  Menu.setApplicationMenu(
    system === 'mac'
      ? Menu.buildFromTemplate([{ role: 'appMenu' }, { role: 'editMenu' }, { role: 'windowMenu' }])
      : null,
  );
}
