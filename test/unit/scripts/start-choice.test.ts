import { describe, expect, test } from 'vitest';
import {
  type Choice,
  chooseStart,
  DOWNLOAD_AGAIN_AFTER_MS,
  type Ending,
  type Machine,
  parseStartArguments,
  whyNotStarted,
} from '#scripts/start-choice.ts';

const NOW = 1_800_000_000_000;
const DESKTOP: Machine = {
  platform: 'linux',
  environment: { DISPLAY: ':0' },
  isRoot: false,
  now: NOW,
  electron: { kind: 'here', executable: '/electron/dist/electron' },
  lastFailure: null,
};
const TRAY: Choice = { kind: 'tray', executable: '/electron/dist/electron' };

const choose = (args: string[], machine: Partial<Machine> = {}) =>
  chooseStart(parseStartArguments(args), { ...DESKTOP, ...machine });
const whyTerminal = (args: string[], machine: Partial<Machine> = {}) => {
  const choice = choose(args, machine);
  return choice.kind === 'terminal' ? choice.why : choice.kind;
};

describe('what is written after "npm start --"', () => {
  test('the switches of start itself are taken out, the rest goes on as it is', () => {
    const { rest, isTerminalForced, isDownloadWanted } = parseStartArguments([
      '--demo',
      '--terminal',
      '--data',
      '/d',
      '--download',
    ]);
    expect({ rest, isTerminalForced, isDownloadWanted }).toEqual({
      rest: ['--demo', '--data', '/d'],
      isTerminalForced: true,
      isDownloadWanted: true,
    });
  });

  test('the value of an option is no option, whatever it looks like', () => {
    const given = parseStartArguments(['--data', '--relay', '--port=1']);
    expect([given.rest, given.terminalOption]).toEqual([['--data', '--relay', '--port=1'], '--port']);
    expect(parseStartArguments(['--data', '--terminal']).isTerminalForced).toBe(false);
  });

  test('options of one of the two programs are found, and a question for help', () => {
    expect(parseStartArguments(['--demo', '--project', '/p']).terminalOption).toBe('--project');
    expect(parseStartArguments(['--data', '/d', '--quit']).trayMessage).toBe('--quit');
    expect(parseStartArguments(['--demo', '--data', '/d'])).toMatchObject({ terminalOption: null, trayMessage: null });
    expect(parseStartArguments(['--no-sandbox', '--autostart', '--demo'])).toMatchObject({
      rest: ['--no-sandbox', '--autostart', '--demo'],
      terminalRest: ['--demo'],
    });
    expect(parseStartArguments(['-h']).isHelpWanted).toBe(true);
  });
});

describe('which program runs', () => {
  test('the tray app, where Electron and a display are', () => {
    expect(choose(['--demo'])).toEqual(TRAY);
    expect(choose([], { environment: { WAYLAND_DISPLAY: 'wayland-0' } })).toEqual(TRAY);
    expect(choose([], { platform: 'darwin', environment: {}, isRoot: true })).toEqual(TRAY);
    expect(choose([], { platform: 'win32', environment: {} })).toEqual(TRAY);
  });

  test('the terminal, if it is asked for or an option is only known there', () => {
    expect(whyTerminal(['--terminal'])).toMatch(/^--terminal asks/);
    expect(whyTerminal(['--relay', 'https://relay.example'])).toMatch(
      /^--relay is an option of the host in a terminal/,
    );
  });

  test('the terminal without a display, even where Electron could be downloaded', () => {
    expect(whyTerminal([], { environment: {} })).toMatch(/no display/);
    expect(whyTerminal(['--download'], { environment: { DISPLAY: '' }, electron: { kind: 'absent' } })).toMatch(
      /no display/,
    );
  });

  test('the terminal as root, unless the person gives the sandbox up themselves', () => {
    expect(whyTerminal([], { isRoot: true })).toMatch(/as root.*sandbox/);
    expect(choose(['--no-sandbox'], { isRoot: true })).toEqual(TRAY);
  });

  test('the terminal, if ELECTRON_OVERRIDE_DIST_PATH leads nowhere: nothing is downloaded then', () => {
    expect(whyTerminal(['--download'], { electron: { kind: 'override-empty', executable: '/nowhere/electron' } })).toBe(
      'ELECTRON_OVERRIDE_DIST_PATH is set, and there is no program /nowhere/electron.',
    );
  });
});

describe('whether Electron is downloaded', () => {
  const absent: Partial<Machine> = { electron: { kind: 'absent' } };
  const failed = (ago: number): Partial<Machine> => ({
    ...absent,
    lastFailure: { at: NOW - ago, reason: 'no network' },
  });

  test('once, at the first start', () => {
    expect(choose([], absent)).toEqual({ kind: 'download' });
  });

  test('not in CI, nor where it is switched off', () => {
    expect(whyTerminal([], { ...absent, environment: { DISPLAY: ':0', CI: '1' } })).toMatch(/CI is set/);
    expect(whyTerminal([], { ...absent, environment: { DISPLAY: ':0', ELECTRON_SKIP_BINARY_DOWNLOAD: '1' } })).toMatch(
      /ELECTRON_SKIP_BINARY_DOWNLOAD is set/,
    );
  });

  test('not again within a day of a failure, which is named', () => {
    expect(whyTerminal([], failed(DOWNLOAD_AGAIN_AFTER_MS))).toBe(
      'Electron could not be downloaded (no network). "npm start -- --download" tries again.',
    );
    expect(choose([], failed(DOWNLOAD_AGAIN_AFTER_MS + 1))).toEqual({ kind: 'download' });
    // The clock was put back: a failure in the future would otherwise last for ever.
    expect(choose([], failed(-1))).toEqual({ kind: 'download' });
  });

  test('at once, if the person says so', () => {
    expect(choose(['--download'], failed(1))).toEqual({ kind: 'download' });
    expect(choose(['--download'], { ...absent, environment: { DISPLAY: ':0', CI: '1' } })).toEqual({
      kind: 'download',
    });
  });
});

describe('an Electron that did not start', () => {
  const ended = (ending: Partial<Ending>): Ending => ({ code: 0, signal: null, errors: '', afterMs: 300, ...ending });

  test('is told by its first error line, without what Chromium writes before it', () => {
    const missing = 'electron: error while loading shared libraries: libnss3.so: cannot open shared object file';
    expect(whyNotStarted(ended({ code: 127, errors: `${missing}\n` }))).toBe(`Electron did not start: ${missing}.`);
    const errors = [
      '[1:1122/161900.1:ERROR:dbus/bus.cc(408)] Failed to connect to the bus',
      '[1:1122/161900.2:FATAL:sandbox/linux/suid/client/setuid_sandbox_host.cc(166)] The SUID sandbox helper is not configured correctly.',
    ].join('\n');
    expect(whyNotStarted(ended({ code: null, signal: 'SIGTRAP', errors }))).toBe(
      'Electron did not start: The SUID sandbox helper is not configured correctly.',
    );
    expect(whyNotStarted(ended({ code: 1, errors: '[1:1:ERROR:x.cc(2)] Missing X server or $DISPLAY\n' }))).toBe(
      'Electron did not start: Missing X server or $DISPLAY.',
    );
    expect(whyNotStarted(ended({ code: null, signal: 'SIGSEGV' }))).toBe(
      'Electron did not start: it ended with SIGSEGV.',
    );
  });

  test('is not one that ran: its exit code stands, and so does a signal that a person sent', () => {
    expect(whyNotStarted(ended({ code: 0, errors: 'Missing X server' }))).toBeNull();
    expect(whyNotStarted(ended({ code: 1, errors: 'Baton cannot keep its data in /d.' }))).toBeNull();
    expect(whyNotStarted(ended({ code: null, signal: 'SIGTERM' }))).toBeNull();
    expect(whyNotStarted(ended({ code: null, signal: 'SIGSEGV', afterMs: 60_000 }))).toBeNull();
  });
});
