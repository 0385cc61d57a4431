/** Start at login. What is shown is what the system says, read again each time, never what was asked of it. */
import { existsSync } from 'node:fs';
import type { App } from 'electron';
import type { Log } from '#lib/log.ts';
import type { LoginView } from '#preload/contract.ts';
import {
  autostartPath,
  parseAutostartEntry,
  readAutostart,
  removeAutostart,
  renderAutostartEntry,
  writeAutostart,
} from './linux-autostart.ts';

export interface LoginItem {
  /** As of the last look. */
  readonly view: LoginView;
  /** Looks again. Never rejects. */
  refresh(): Promise<LoginView>;
  /** Answers what the system says afterwards. Never rejects. */
  set(isEnabled: boolean): Promise<LoginView>;
}

/** How the system would start this Baton. */
export interface LaunchCommand {
  readonly program: string;
  /** Hidden, on the same data folder. */
  readonly args: readonly string[];
  readonly isPackaged: boolean;
}

export interface LoginItemOptions {
  readonly platform: NodeJS.Platform;
  readonly app: Pick<App, 'getLoginItemSettings' | 'setLoginItemSettings'>;
  readonly launch: LaunchCommand;
  readonly environment: NodeJS.ProcessEnv;
  readonly home: string;
  readonly log: Log;
}

export function createLoginItem(options: LoginItemOptions): LoginItem {
  const system = options.platform === 'linux' ? createAutostart(options) : createSystemItem(options);
  let view: LoginView = { kind: 'off' };
  const attempt = async (what: string, work: () => Promise<LoginView> | LoginView): Promise<LoginView> => {
    try {
      view = await work();
    } catch (error) {
      options.log.error(`Failed to ${what} the start at login`, { error });
      const words = error instanceof Error ? error.message : String(error);
      view = { kind: 'unavailable', reason: `The system did not let Baton ${what} it: ${words}` };
    }
    return view;
  };
  return {
    get view() {
      return view;
    },
    refresh: () => attempt('read', () => system.read()),
    set: (isEnabled) =>
      attempt('change', async () => {
        const before = await system.read();
        if (before.kind === 'unavailable') return before;
        await system.write(isEnabled);
        return await system.read();
      }),
  };
}

interface SystemLogin {
  read(): Promise<LoginView> | LoginView;
  write(isEnabled: boolean): Promise<void> | void;
}

/** macOS and Windows, through Electron. */
function createSystemItem({ platform, app, launch }: LoginItemOptions): SystemLogin {
  if (platform === 'darwin') {
    if (!launch.isPackaged) {
      const reason = 'Baton runs from its sources; macOS starts only installed programs at login.';
      return { read: () => ({ kind: 'unavailable', reason }), write: () => {} };
    }
    return {
      read() {
        const { status } = app.getLoginItemSettings();
        if (status === 'requires-approval') return { kind: 'requires-approval' };
        return { kind: status === 'enabled' ? 'on' : 'off' };
      },
      write: (isEnabled) => app.setLoginItemSettings({ openAtLogin: isEnabled }),
    };
  }
  const item = { path: launch.program, args: launch.args.map((word) => (/\s/.test(word) ? `"${word}"` : word)) };
  return {
    read() {
      // The person may have switched it off in the Task Manager, where the entry stays.
      const { openAtLogin, executableWillLaunchAtLogin } = app.getLoginItemSettings(item);
      return { kind: openAtLogin && executableWillLaunchAtLogin ? 'on' : 'off' };
    },
    write: (isEnabled) => app.setLoginItemSettings({ ...item, openAtLogin: isEnabled, enabled: isEnabled }),
  };
}

function createAutostart({ launch, environment, home, log }: LoginItemOptions): SystemLogin {
  const path = autostartPath(environment, home);
  const entry = renderAutostartEntry([launch.program, ...launch.args]);
  const reason = describeSandbox(environment) ?? describeObstacle(entry, home, environment);
  if (reason !== null || entry === null) {
    return { read: () => ({ kind: 'unavailable', reason: reason ?? '' }), write: () => {} };
  }
  return {
    async read() {
      const found = await readAutostart(path);
      if (found === null) return { kind: 'off' };
      const { isEnabled, program } = parseAutostartEntry(found);
      // An AppImage is another file after each update, and may have been moved. Sources do not take over from an installed Baton.
      const isStale = found !== entry && (launch.isPackaged || program === null || !existsSync(program));
      if (isEnabled && isStale) {
        await writeAutostart(path, entry);
        log.info('The entry for the start at login was brought up to date');
      }
      return { kind: isEnabled ? 'on' : 'off' };
    },
    write: (isEnabled) => (isEnabled ? writeAutostart(path, entry) : removeAutostart(path)),
  };
}

function describeSandbox(environment: NodeJS.ProcessEnv): string | null {
  if (environment.FLATPAK_ID || environment.container === 'flatpak')
    return "Baton runs in a Flatpak, which may not change what starts at login. Add Baton to your desktop's list of startup programs.";
  if (environment.SNAP)
    return "Baton runs in a Snap, which may not change what starts at login. Add Baton to your desktop's list of startup programs.";
  return null;
}

function describeObstacle(entry: string | null, home: string, environment: NodeJS.ProcessEnv): string | null {
  if (entry === null)
    return 'The path of Baton holds characters that an autostart entry cannot hold. Move Baton to another folder.';
  if (home === '' && !environment.XDG_CONFIG_HOME) return 'This user has no home folder.';
  return null;
}

/** The words that start this Baton again, as the system has to be told. `appPath`: of the sources, unless packaged. */
export function findLaunchCommand(options: {
  execPath: string;
  appPath: string;
  isPackaged: boolean;
  environment: NodeJS.ProcessEnv;
  /** Null: the usual one. */
  dataFolder: string | null;
}): LaunchCommand {
  const { execPath, appPath, isPackaged, environment, dataFolder } = options;
  const program = (isPackaged && environment.APPIMAGE) || execPath;
  return {
    program,
    args: [...(isPackaged ? [] : [appPath]), ...(dataFolder === null ? [] : ['--data', dataFolder]), '--autostart'],
    isPackaged,
  };
}
