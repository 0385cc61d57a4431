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
import type { AppView, KeepAwake as KeepAwakeChoice } from '#preload/contract.ts';
import { defaultDataFolder, homeFolder } from './body/data-folder.ts';
import { findPhoneFolder, readPhoneBuild } from './body/embedded-relay.ts';
import { openSettings } from './host/settings.ts';
import { APP_SCHEME, createAppProtocol } from './shell/app-protocol.ts';
import { createAppCalls } from './shell/calls/app-calls.ts';
import { createHistoryCalls } from './shell/calls/history-calls.ts';
import { createPairingCalls } from './shell/calls/pairing-calls.ts';
import { createRelayCalls } from './shell/calls/relay-calls.ts';
import { command, createSessionCalls } from './shell/calls/session-calls.ts';
import { createSettingsCalls } from './shell/calls/settings-calls.ts';
import { createDoctorDesk } from './shell/doctor-desk.ts';
import { HostSlot } from './shell/host-slot.ts';
import { watchHost } from './shell/host-watch.ts';
import { createIpcRouter } from './shell/ipc-router.ts';
import { KeepAwake, shouldKeepAwake } from './shell/keep-awake.ts';
import { type LaunchArguments, parseHandedOver } from './shell/launch-arguments.ts';
import { createLaunchDesk } from './shell/launch-desk.ts';
import { createLoginItem, findLaunchCommand } from './shell/login-item.ts';
import { Notifications } from './shell/notifications.ts';
import { parseUpdatePage } from './shell/outside-pages.ts';
import { PairingDesk } from './shell/pairing-desk.ts';
import { Power } from './shell/power.ts';
import { Quit } from './shell/quit.ts';
import { createRelayTester } from './shell/relay-tester.ts';
import { RemoteSwitch } from './shell/remote-switch.ts';
import { readLooking, readScene } from './shell/scene.ts';
import { KeychainSecrets } from './shell/secrets.ts';
import { denyEverythingElse } from './shell/security.ts';
import { SliceFeed } from './shell/slice-feed.ts';
import { createSystemDialogs } from './shell/system-dialogs.ts';
import { TrayIcon } from './shell/tray/tray.ts';
import { TrayDesk } from './shell/tray/tray-desk.ts';
import { renderTrayMenu } from './shell/tray/tray-menu.ts';
import { findTray } from './shell/tray/tray-presence.ts';
import { findUpdateObstacle, Updates } from './shell/updates.ts';
import { UsageSampler } from './shell/usage-sampler.ts';
import { createWindowViews } from './shell/views/window-views.ts';
import { createCloseDesk } from './shell/window/close-desk.ts';
import { MainWindow } from './shell/window/main-window.ts';
import { createWindowDesk } from './shell/window/window-desk.ts';
import { createWindowSizeFile } from './shell/window/window-size.ts';

/** The project's root, or the packaged app's: `dist/main` lies in it. */
const ROOT = join(import.meta.dirname, '../..');
const SYSTEMS: Partial<Record<NodeJS.Platform, AppView['system']>> = { darwin: 'mac', win32: 'windows' };

export async function createApplication(options: {
  given: LaunchArguments;
  dataFolder: string;
  log: Log;
}): Promise<void> {
  const { given, dataFolder, log } = options;
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
  const slot = new HostSlot({ ...{ dataFolder, phoneFolder, settings, secrets, hostName, build, clock, log } });
  const findHost = () => slot.find();

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
  const canStore = () => slot.running !== null;
  // Asked as soon as there is a window to close; until then nothing is claimed.
  let isTrayKnown = system !== 'linux';

  // The window, and what it shows.
  const dialogs = createSystemDialogs(dialog, () => window, system);
  const closeDesk = createCloseDesk({
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
    onClose: () => void closeDesk.close(),
    onSessionEnd: () => void quit.now(),
    now,
    log,
  });
  const pairing = new PairingDesk({ slot, clock, log });
  const sampler = new UsageSampler({
    host: () => slot.running?.host ?? null,
    ...{ clock, log },
    onSample: () => feed.touch('usage'),
  });
  const views = createWindowViews({
    ...{ slot, settings, pairing, dataFolder, now },
    app: { version: app.getVersion(), hostName, system, build },
    notices: () => [settings.notice, slot.running?.host.notice, secrets.notice].filter((text) => text != null),
    isTrayKnown: () => isTrayKnown,
    usage: () => sampler.usage,
    login: () => login.view,
    secrets: () => secrets.view,
    isKeptAwake: () => keepAwake.isActive,
    update: () => updates.view,
  });
  const feed = new SliceFeed({ views, clock, push: (slice) => window.send('slice', slice), log });

  // The tray.
  const trayDesk = new TrayDesk({
    ...{ slot, settings, clock },
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
  const remoteSwitch = new RemoteSwitch({ slot, settings, ask: dialogs.ask, log });
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
        renderTrayMenu(trayDesk.menu(), {
          setRemoteControl: (isEnabled) => void remoteSwitch.set(isEnabled).finally(() => tray.refreshMenu()),
          pair: () => openWindow('pair'),
          openSession: (id) => openWindow('sessions', id),
          open: () => openWindow(),
          setStartAtLogin: (isEnabled) => void setLogin(isEnabled),
          setKeepAwake: (choice) => void storeKeepAwake(choice).finally(() => tray.refreshMenu()),
          quit: () => void quit.request(),
        }),
    },
    trayDesk.state(),
  );
  trayDesk.attach(tray);

  // What follows from what goes on.
  const notifications = new Notifications({
    isSupported: () => Notification.isSupported(),
    create: (notice) => new Notification(notice),
    isEnabled: () => settings.get().isNotifying,
    looking: () => readLooking(window.focusedPage, slot.running?.host.remote.devices() ?? [], now()),
    open: openWindow,
    answer: (id, approval, option) => {
      const host = slot.running?.host;
      const answered = host && command(host, id, 'answer', { approval, option }, now());
      // The question may have been answered elsewhere meanwhile: the window shows what holds.
      if (!answered?.ok) openWindow('sessions', id);
    },
    log,
  });
  const updateKeepAwake = () => {
    const states = slot.running?.host.supervisor.state().sessions.map(({ state }) => state) ?? [];
    const choice = settings.get().keepAwake;
    const isOnBattery = choice === 'on-power' && powerMonitor.isOnBatteryPower();
    if (keepAwake.set(shouldKeepAwake({ choice, isOnBattery, states }))) feed.touch('settings');
  };
  // Whoever unlocks the screen may have unlocked the keychain with it.
  const resume = () => (slot.running ? slot.running.host.remote.resume() : void slot.open());
  const power = new Power({
    ...{ powerMonitor, clock, log, resume },
    suspend: () => slot.running?.host.remote.suspend(),
    onPowerSource: updateKeepAwake,
    onShutdown: () => void quit.now(),
  });
  let atQuit = { leaveAgents: false };
  const quit: Quit = new Quit({
    working: () =>
      (slot.running?.host.supervisor.state().sessions ?? [])
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
      ...createSessionCalls({ findHost, phoneOrigin: () => slot.running?.relay.phoneOrigin ?? null, now }),
      ...createPairingCalls({ findHost, desk: pairing }),
      ...createRelayCalls({
        ...{ slot, remoteSwitch },
        testRelay: createRelayTester({ slot, log }),
        examine: createDoctorDesk({
          ...{ slot, settings, secrets, dataFolder, phoneFolder, now, log },
          isNotificationSupported: () => Notification.isSupported(),
        }),
        resume: () => power.handleOnline(),
      }),
      ...settingsCalls,
      ...createHistoryCalls({ findHost, dataFolder, dialogs, openPath: (path) => shell.openPath(path), now }),
      ...createAppCalls({
        ...{ slot, updatePage },
        load: async () => {
          const state = feed.load();
          window.setLoaded();
          return state;
        },
        showPage: (page) => window.setPage(page),
        closeWindow: () => void closeDesk.close(),
        writeClipboard: (text) => clipboard.writeText(text),
        openExternal: (address) => shell.openExternal(address),
        checkForUpdate: () => updates.check(),
        quit: () => void quit.request(),
      }),
    },
  });
  const stopWindowDesk = createWindowDesk({
    ...{ window, feed, sampler, pairing, clock },
    lookAgain: async () => {
      await login.refresh();
      isTrayKnown = await findTray({ platform, desktop });
      feed.touch('app', 'settings');
      trayDesk.touch();
    },
  });
  const stopHostWatch = watchHost({
    ...{ slot, clock, log },
    touch: (...slices) => feed.touch(...slices),
    touchTray: () => trayDesk.touch(),
    react: (running) => {
      if (running) notifications.update(readScene(running.host));
      else notifications.reset();
      updateKeepAwake();
    },
  });

  // It ends in the other order: first nobody asks for anything any more, then the host, last what is on the screen.
  stack.defer(() => window.dispose());
  stack.defer(() => tray.dispose());
  stack.defer(() => feed.dispose());
  stack.defer(() => trayDesk.dispose());
  stack.defer(stopHostWatch);
  stack.defer(() => slot.dispose(atQuit));
  stack.defer(() => keepAwake.dispose());
  stack.defer(() => notifications.dispose());
  stack.defer(() => power.dispose());
  stack.defer(() => updates.dispose());
  stack.defer(() => sampler.dispose());
  stack.defer(stopWindowDesk);
  stack.defer(stopRouter);
  stack.defer(() => window.hide());
  stack.defer(updates.onDidChange(() => feed.touch('update')));
  stack.defer(pairing.onDidChange(() => feed.touch('pairing')));
  stack.defer(
    settings.onDidChange(() => {
      feed.touch('settings', 'sessions', 'link');
      trayDesk.touch();
      updateKeepAwake();
    }),
  );

  denyEverythingElse({ app, session: session.defaultSession, isDevelopment: !isPackaged, log });
  protocol.handle(APP_SCHEME, createAppProtocol({ folder: join(ROOT, 'dist/renderer'), log }));
  setApplicationMenu(system);
  const launchDesk = createLaunchDesk({
    ...{ dataFolder, settings, remoteSwitch, canStore, log },
    show: openWindow,
    quit: () => quit.request(),
    onDidSwitch: () => tray.refreshMenu(),
  });
  app.on('second-instance', (_event, argv, cwd, data) => void launchDesk.obey(parseHandedOver(data, argv, cwd)));
  app.on('activate', () => openWindow());
  app.on('before-quit', (event) => {
    event.preventDefault();
    void quit.request();
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void quit.now());
  // A terminal that was closed, or a connection to it that was lost: nobody has said that agents are to end.
  process.on('SIGHUP', () => void quit.now({ leaveAgents: true }));

  const isHidden = given.isAutostart || (system === 'mac' && app.getLoginItemSettings().wasOpenedAtLogin);
  if (!isHidden) openWindow(given.isPairing ? 'pair' : 'sessions');
  else if (system === 'windows') window.prepare();
  await Promise.all([login.refresh(), slot.open()]);
  feed.touch('settings');
  trayDesk.touch();
  updates.start();
  if (given.isDemo) launchDesk.addDemoFolder();
  if (given.remote !== null) await launchDesk.setRemote(given.remote === 'on');
}

/** macOS copies and pastes by the menu's keys; elsewhere the window has no menu. */
function setApplicationMenu(system: AppView['system']): void {
  Menu.setApplicationMenu(
    system === 'mac'
      ? Menu.buildFromTemplate([{ role: 'appMenu' }, { role: 'editMenu' }, { role: 'windowMenu' }])
      : null,
  );
}
