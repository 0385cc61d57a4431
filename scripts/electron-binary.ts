/** Electron's own program: where it is, and how to get it. The npm package comes without it since Electron 42. */
import { spawn } from 'node:child_process';
import { accessSync, constants, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { DownloadFailure, FoundElectron } from './start-choice.ts';

/** A release host that does not answer in this time is not waited for: nobody shall wait at each start for what cannot come. */
const REACHABLE_WITHIN_MS = 5_000;
/** For about 120 MB, unless a person asked for the download. */
const DOWNLOAD_WITHIN_MS = 10 * 60_000;
const RELEASES = 'https://github.com/electron/electron/releases/download';
/** Anyone who sets one of these gets Electron from elsewhere; then only the download itself can tell. */
const MIRRORS = [
  'ELECTRON_MIRROR',
  'npm_config_electron_mirror',
  'NPM_CONFIG_ELECTRON_MIRROR',
  'ELECTRON_GET_USE_PROXY',
];

export interface ElectronPackage {
  readonly folder: string;
  readonly version: string;
}

/** `root`: the folder with `node_modules`. Null if the npm package itself is missing, as after `npm ci --omit=dev`. */
export function readElectronPackage(root: string): ElectronPackage | null {
  const folder = join(root, 'node_modules', 'electron');
  try {
    const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string };
    return { folder, version };
  } catch {
    return null;
  }
}

/** Looks where the package itself would: in ELECTRON_OVERRIDE_DIST_PATH, else in its own folder if that holds this version. */
export function findElectron(
  { folder, version }: ElectronPackage,
  environment: NodeJS.ProcessEnv,
  platform: NodeJS.Platform,
): FoundElectron {
  const name = programName(platform);
  const override = environment.ELECTRON_OVERRIDE_DIST_PATH;
  if (override) {
    const executable = join(override, name);
    return { kind: isProgram(executable) ? 'here' : 'override-empty', executable };
  }
  const executable = join(folder, 'dist', name);
  const present = readText(join(folder, 'dist', 'version'))
    ?.trim()
    .replace(/^v/, '');
  return present === version && isProgram(executable) ? { kind: 'here', executable } : { kind: 'absent' };
}

/** Below Electron's folder, as its package names it. */
function programName(platform: NodeJS.Platform): string {
  if (platform === 'darwin') return 'Electron.app/Contents/MacOS/Electron';
  return platform === 'win32' ? 'electron.exe' : 'electron';
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** Runs the package's own install. Answers null, or why it failed. Its output is shown only if `isShown`. */
export async function downloadElectron(
  { folder, version }: ElectronPackage,
  environment: NodeJS.ProcessEnv,
  { isShown, say }: { isShown: boolean; say: (text: string) => void },
): Promise<string | null> {
  if (!isShown && !MIRRORS.some((name) => environment[name])) {
    const reason = await whyUnreachable(`${RELEASES}/v${version}/SHASUMS256.txt`);
    if (reason !== null) return reason;
  }
  say(`Downloading Electron ${version} for the tray app, once (about 120 MB). "npm start -- --terminal" does without.`);
  const child = spawn(process.execPath, [join(folder, 'install.js')], {
    stdio: ['ignore', isShown ? 'inherit' : 'ignore', 'pipe'],
    env: environment,
    ...(isShown ? {} : { timeout: DOWNLOAD_WITHIN_MS }),
  });
  let errors = '';
  child.stderr?.on('data', (data: Buffer) => {
    if (isShown) process.stderr.write(data);
    errors = (errors + data.toString('utf8')).slice(0, 16_384);
  });
  const { promise, resolve } = Promise.withResolvers<string | null>();
  child.on('error', (error) => resolve(error.message));
  child.on('close', (code, signal) => {
    if (code === 0) resolve(null);
    else resolve(signal === null ? firstLine(errors) || `code ${code}` : 'it took too long');
  });
  return await promise;
}

/** Null if the file is there to be fetched. */
async function whyUnreachable(url: string): Promise<string | null> {
  try {
    const answer = await fetch(url, { method: 'HEAD', signal: AbortSignal.timeout(REACHABLE_WITHIN_MS) });
    return answer.ok ? null : `${new URL(url).host} answered ${answer.status}`;
  } catch {
    return `${new URL(url).host} cannot be reached from here`;
  }
}

/** Remembers why there is no Electron, so that the next start does not wait for it again. */
export function writeFailure(file: string, version: string, failure: DownloadFailure): void {
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, JSON.stringify({ version, ...failure }));
  } catch {
    // Then the next start tries again, which is what it would do without this file.
  }
}

export function clearFailure(file: string): void {
  rmSync(file, { force: true });
}

/** Null if there was none, it was with another version, or the file is damaged. */
export function readFailure(file: string, version: string): DownloadFailure | null {
  try {
    const found: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (typeof found !== 'object' || found === null) return null;
    const { version: of, at, reason } = found as Record<string, unknown>;
    return of === version && typeof at === 'number' && typeof reason === 'string' ? { at, reason } : null;
  } catch {
    return null;
  }
}

function readText(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}

function firstLine(text: string): string {
  return (
    text
      .split('\n', 1)[0]
      ?.replace(/^\w*Error: /, '')
      .trim() ?? ''
  );
}
