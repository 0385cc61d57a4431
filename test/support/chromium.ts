/** The browser that tests drive: one that is there, or one that can be had, or words on what to install. */
import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { chromium } from 'playwright';

const CANDIDATES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome-stable',
  '/usr/bin/google-chrome',
  '/snap/bin/chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];

function isProgram(path: string | undefined): path is string {
  if (!path) return false;
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Path of a Chromium, `BATON_CHROMIUM` first; null if there is none. */
export function findChromium(): string | null {
  return [process.env.BATON_CHROMIUM, ...CANDIDATES, chromium.executablePath()].find(isProgram) ?? null;
}

export const WHAT_TO_INSTALL = `The tests need a Chromium and found none. Install one, for example:
  Debian, Ubuntu:  sudo apt-get install chromium
  Fedora:          sudo dnf install chromium
  macOS:           brew install --cask chromium
  anywhere:        npx playwright install --with-deps chromium
or say where one is: BATON_CHROMIUM=/path/to/chromium npm test`;

const INSTALL_TIMEOUT_MS = 5 * 60_000;

/** Like `findChromium`, but tries to install one first if need be. */
export function requireChromium(): string | null {
  const found = findChromium();
  if (found) return found;
  const attempts: [string, string[]][] = [['playwright', ['install', 'chromium']]];
  if (process.platform === 'linux' && process.getuid?.() === 0) {
    attempts.push(['apt-get', ['update']], ['apt-get', ['install', '-y', '--no-install-recommends', 'chromium']]);
  }
  for (const [program, args] of attempts) {
    console.log(`No Chromium is here; trying: ${program} ${args.join(' ')}`);
    spawnSync(program, args, { stdio: ['ignore', 'inherit', 'inherit'], timeout: INSTALL_TIMEOUT_MS });
    const installed = findChromium();
    if (installed) return installed;
  }
  return null;
}

/** How tests start it. As root, Chromium runs only without its sandbox. */
export function chromiumArguments(): string[] {
  const isRoot = process.getuid?.() === 0;
  return [
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-quic',
    ...(isRoot ? ['--no-sandbox'] : []),
  ];
}
