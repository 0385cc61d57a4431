/** Where a keeper is found: its folder, its socket, and the state file that says which process it is. */
import { createHash, randomBytes } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readStartTime } from '#main/process/process-identity.ts';

/** The kernel's limit for a local socket's path is 104 to 108 bytes, with the final zero. */
export const SOCKET_PATH_MAX_BYTES = 100;

export interface KeeperPaths {
  /** `<data folder>/keeper`, mode 0700. */
  readonly folder: string;
  readonly stateFile: string;
  readonly spool: string;
  readonly log: string;
}

export interface KeeperState {
  readonly protocol: number;
  /** Of Baton, whose keeper this is. */
  readonly version: string;
  readonly pid: number;
  /** Null only where the system does not say. */
  readonly startTime: string | null;
  readonly socket: string;
  /** 32 random bytes, base64url. */
  readonly token: string;
}

export function keeperPathsIn(folder: string): KeeperPaths {
  return {
    folder,
    stateFile: join(folder, 'state.json'),
    spool: join(folder, 'spool'),
    log: join(folder, 'keeper.log'),
  };
}

/** Makes the folder, or makes an existing one private. Throws if it is no folder of this user's own. */
export function makePrivateFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const found = lstatSync(folder);
  // Somebody else may have made it first, in a place where everybody may.
  if (!found.isDirectory() || (process.getuid && found.uid !== process.getuid())) {
    throw new Error(`${folder} is not a folder of this user.`);
  }
  if (process.platform !== 'win32' && (found.mode & 0o077) !== 0) chmodSync(folder, 0o700);
}

/**
 * A new place for a keeper of this folder to listen: never that of another one, which would remove it when it ends. Makes the
 * folder for it where the keeper's own has too long a name.
 */
export function socketPath(folder: string): string {
  const name = createHash('sha256').update(folder).digest('hex').slice(0, 24);
  const socket = `socket-${randomBytes(4).toString('hex')}`;
  if (process.platform === 'win32') return `\\\\.\\pipe\\baton-keeper-${name}-${socket}`;
  const inFolder = join(folder, socket);
  if (Buffer.byteLength(inFolder) <= SOCKET_PATH_MAX_BYTES) return inFolder;
  for (const base of [process.env.XDG_RUNTIME_DIR, tmpdir(), '/tmp']) {
    if (!base) continue;
    const other = join(base, `baton-${name}`, socket);
    if (Buffer.byteLength(other) > SOCKET_PATH_MAX_BYTES) continue;
    makePrivateFolder(join(base, `baton-${name}`));
    return other;
  }
  throw new Error(`No path is short enough for a local socket beside ${folder}.`);
}

/** Null if there is none, or it is not to be read. */
export function readState(place: KeeperPaths): KeeperState | null {
  try {
    const state = JSON.parse(readFileSync(place.stateFile, 'utf8')) as KeeperState;
    const { protocol, version, pid, startTime, socket, token } = state;
    const isState =
      Number.isSafeInteger(protocol) &&
      Number.isSafeInteger(pid) &&
      pid > 1 &&
      (startTime === null || typeof startTime === 'string') &&
      [version, socket, token].every((text) => typeof text === 'string');
    return isState ? { protocol, version, pid, startTime, socket, token } : null;
  } catch {
    return null;
  }
}

/** The old file or the new one, whole, and for this user only from its first moment. */
export function writeState(place: KeeperPaths, state: KeeperState): void {
  const temporary = `${place.stateFile}.${state.pid}`;
  rmSync(temporary, { force: true });
  const file = openSync(temporary, 'wx', 0o600);
  try {
    writeSync(file, `${JSON.stringify(state)}\n`);
  } finally {
    closeSync(file);
  }
  renameSync(temporary, place.stateFile);
}

/** Whether the process that wrote the state still runs: a pid alone proves nothing, as pids are used again. */
export async function isAlive({ pid, startTime }: Pick<KeeperState, 'pid' | 'startTime'>): Promise<boolean> {
  if (startTime !== null) return (await readStartTime(pid)) === startTime;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
