/** One instance per user-data folder. A later one leaves its arguments in the lock, where the first one watches. */
import { type FSWatcher, mkdirSync, readFileSync, renameSync, rmSync, watch, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Launch {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly additionalData: unknown;
}

const LAUNCH_FILE = /^launch-\d+\.json$/;

export class SingleInstance {
  readonly #folder: string;
  #watcher: FSWatcher | null = null;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** Null: another process holds it and has been given `launch`. */
  static take(userData: string, launch: Launch, onLaunch: (launch: Launch) => void): SingleInstance | null {
    mkdirSync(userData, { recursive: true });
    const folder = join(userData, 'SingletonLock');
    const lock = new SingleInstance(folder);
    if (!lock.#make() && lock.#isHeld()) {
      const file = join(folder, `launch-${process.pid}.json`);
      writeFileSync(`${file}.new`, JSON.stringify(launch));
      renameSync(`${file}.new`, file);
      return null;
    }
    lock.#watch(onLaunch);
    return lock;
  }

  release(): void {
    this.#watcher?.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #make(): boolean {
    try {
      mkdirSync(this.#folder);
    } catch {
      return false;
    }
    writeFileSync(join(this.#folder, 'pid'), String(process.pid));
    return true;
  }

  /** A lock whose holder is gone is taken over. */
  #isHeld(): boolean {
    try {
      process.kill(Number(readFileSync(join(this.#folder, 'pid'), 'utf8')), 0);
      return true;
    } catch {
      rmSync(this.#folder, { recursive: true, force: true });
      return !this.#make();
    }
  }

  #watch(onLaunch: (launch: Launch) => void): void {
    this.#watcher = watch(this.#folder, (_event, name) => {
      if (name === null || !LAUNCH_FILE.test(name)) return;
      const file = join(this.#folder, name);
      let text: string;
      try {
        text = readFileSync(file, 'utf8');
        rmSync(file);
      } catch {
        return;
      }
      onLaunch(JSON.parse(text) as Launch);
    });
    this.#watcher.unref();
  }
}
