/** What `npm start` runs, and why: decided from what is known of the machine, without looking at it. Pure. */

/** What was written after `npm start --`. */
export interface StartArguments {
  readonly isTerminalForced: boolean;
  /** Try again to download Electron, whatever happened before, and take the time it needs. */
  readonly isDownloadWanted: boolean;
  readonly isHelpWanted: boolean;
  /** For the program that is started. */
  readonly rest: readonly string[];
  /** The same without what only Electron understands. */
  readonly terminalRest: readonly string[];
  /** Of those, an option that only the host in a terminal has; null if there is none. */
  readonly terminalOption: string | null;
  /** Something said to a tray app that runs, for which a host in a terminal is no answer. */
  readonly trayMessage: string | null;
}

const TERMINAL_OPTIONS = ['--relay', '--port', '--project'];
const NO_SANDBOX = '--no-sandbox';
const ELECTRON_ONLY = [NO_SANDBOX, '--autostart'];
const TRAY_MESSAGES = ['--remote-on', '--remote-off', '--pair', '--quit'];
/** Their value is the next word. */
const WITH_VALUE = [...TERMINAL_OPTIONS, '--data'];

export function parseStartArguments(args: readonly string[]): StartArguments {
  const rest: string[] = [];
  const options: string[] = [];
  const own = new Set<string>();
  for (let index = 0; index < args.length; index += 1) {
    const word = args[index] as string;
    if (word === '--terminal' || word === '--download') {
      own.add(word);
      continue;
    }
    rest.push(word);
    const [name = word] = word.split('=', 1);
    options.push(name);
    const value = args[index + 1];
    if (name === word && WITH_VALUE.includes(name) && value !== undefined) {
      rest.push(value);
      index += 1;
    }
  }
  return {
    isTerminalForced: own.has('--terminal'),
    isDownloadWanted: own.has('--download'),
    isHelpWanted: options.includes('--help') || options.includes('-h'),
    rest,
    terminalRest: rest.filter((word) => !ELECTRON_ONLY.includes(word)),
    terminalOption: options.find((option) => TERMINAL_OPTIONS.includes(option)) ?? null,
    trayMessage: options.find((option) => TRAY_MESSAGES.includes(option)) ?? null,
  };
}

export interface Machine {
  readonly platform: NodeJS.Platform;
  readonly environment: NodeJS.ProcessEnv;
  readonly isRoot: boolean;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly electron: FoundElectron;
  /** The last time that Electron could not be downloaded; null if that never happened with this version. */
  readonly lastFailure: DownloadFailure | null;
}

export type FoundElectron =
  | { readonly kind: 'here'; readonly executable: string }
  /** ELECTRON_OVERRIDE_DIST_PATH names this file, and there is no program there. */
  | { readonly kind: 'override-empty'; readonly executable: string }
  | { readonly kind: 'absent' };

export interface DownloadFailure {
  readonly at: number;
  readonly reason: string;
}

export type Choice =
  | { readonly kind: 'tray'; readonly executable: string }
  | { readonly kind: 'download' }
  /** `why` stands after "The host runs in this terminal: ". */
  | { readonly kind: 'terminal'; readonly why: string };

/** After this long a machine without access is asked again. */
export const DOWNLOAD_AGAIN_AFTER_MS = 24 * 60 * 60_000;

export function chooseStart(given: StartArguments, machine: Machine): Choice {
  const why = whyNoTray(given, machine);
  if (why !== null) return { kind: 'terminal', why };
  const { electron } = machine;
  if (electron.kind === 'here') return { kind: 'tray', executable: electron.executable };
  if (electron.kind === 'override-empty') {
    return {
      kind: 'terminal',
      why: `ELECTRON_OVERRIDE_DIST_PATH is set, and there is no program ${electron.executable}.`,
    };
  }
  const noDownload = whyNoDownload(given, machine);
  return noDownload === null ? { kind: 'download' } : { kind: 'terminal', why: noDownload };
}

/** Why the tray app cannot or shall not run, even with Electron. */
function whyNoTray(given: StartArguments, { platform, environment, isRoot }: Machine): string | null {
  if (given.isTerminalForced) return '--terminal asks for it.';
  if (given.terminalOption !== null) {
    return `${given.terminalOption} is an option of the host in a terminal; the tray app has it in its window.`;
  }
  if (platform !== 'linux') return null;
  if (!environment.DISPLAY && !environment.WAYLAND_DISPLAY) {
    return 'there is no display (neither DISPLAY nor WAYLAND_DISPLAY is set).';
  }
  // Never added silently: anyone who writes it has decided.
  if (isRoot && !given.rest.includes(NO_SANDBOX)) {
    return 'as root, Electron would have to give up its sandbox. Start Baton as an ordinary user for the tray app.';
  }
  return null;
}

function whyNoDownload(given: StartArguments, { environment, lastFailure, now }: Machine): string | null {
  if (given.isDownloadWanted) return null;
  const absent = 'Electron is not downloaded';
  if (environment.CI || environment.ELECTRON_SKIP_BINARY_DOWNLOAD) {
    return `${absent}, and ${environment.CI ? 'CI' : 'ELECTRON_SKIP_BINARY_DOWNLOAD'} is set, so it is not tried.`;
  }
  if (lastFailure === null || now - lastFailure.at > DOWNLOAD_AGAIN_AFTER_MS || lastFailure.at > now) return null;
  return describeFailure(lastFailure.reason);
}

/** Why Electron is not there, with what to do. */
export function describeFailure(reason: string): string {
  return `Electron could not be downloaded (${reason}). "npm start -- --download" tries again.`;
}

export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The beginning of what it wrote to its standard error. */
  readonly errors: string;
  readonly afterMs: number;
}

/** A crash later than this is a crash of the app, not a failure to start. */
const STARTED_AFTER_MS = 15_000;
const MISSING_PROGRAM_CODE = 127;
const CRASH_SIGNALS: readonly NodeJS.Signals[] = ['SIGTRAP', 'SIGABRT', 'SIGSEGV', 'SIGILL', 'SIGBUS'];
const NO_DISPLAY = /Missing X server|platform failed to initialize|cannot open display|Failed to connect to Wayland/i;

/** Why Electron itself did not start, from how it ended: in its own words. Null if it did start, however it ended then. */
export function whyNotStarted({ code, signal, errors, afterMs }: Ending): string | null {
  if (afterMs > STARTED_AFTER_MS) return null;
  const hasFailed =
    code === MISSING_PROGRAM_CODE ||
    (signal !== null && CRASH_SIGNALS.includes(signal)) ||
    (code !== 0 && NO_DISPLAY.test(errors));
  if (!hasFailed) return null;
  const words = firstError(errors);
  return `Electron did not start: ${words || (signal === null ? `it ended with code ${code}` : `it ended with ${signal}`)}.`;
}

/** The first line that says what is wrong, without Chromium's `[pid:date:LEVEL:file(line)]` and a final stop. */
function firstError(errors: string): string {
  const lines = errors.split(/\r?\n/).map((line) => line.trim());
  const line =
    lines.find((one) => /error while loading|:FATAL:/.test(one)) ??
    lines.find((one) => NO_DISPLAY.test(one)) ??
    lines.find((one) => /:ERROR:/.test(one)) ??
    lines.find((one) => one !== '') ??
    '';
  return line.replace(/^\[[^\]]*\]\s*/, '').replace(/\.$/, '');
}
