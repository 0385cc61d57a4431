/** Whether there is a newer Baton. It is looked for and told, never installed silently. */

import type { Clock } from '#lib/clock.ts';
import type { Disposer } from '#lib/disposer.ts';
import { Emitter } from '#lib/emitter.ts';
import type { Log } from '#lib/log.ts';
import { unawaited } from '#lib/unawaited.ts';
import type { UpdateView } from '#preload/contract.ts';

export const FIRST_CHECK_AFTER_MS = 60_000;
export const CHECK_EVERY_MS = 24 * 60 * 60_000;

/** Of electron-updater as much as is used. */
export interface UpdaterApi {
  autoDownload: boolean;
  autoInstallOnAppQuit: boolean;
  logger: unknown;
  checkForUpdates(): Promise<{
    readonly isUpdateAvailable: boolean;
    readonly updateInfo: { readonly version: string };
  } | null>;
}

export interface UpdatesOptions {
  /** Why this build cannot look, in words; null if it can. */
  readonly obstacle: string | null;
  /** Loaded only when it is needed: it reads files that only an installed Baton has. */
  readonly load: () => Promise<UpdaterApi>;
  /** Where a person gets the newer one. */
  readonly page: string | null;
  readonly clock: Clock;
  readonly log: Log;
}

export class Updates {
  readonly #options: UpdatesOptions;
  readonly #didChange: Emitter<[]>;
  #view: UpdateView;
  #checking: Promise<UpdateView> | null = null;
  #cancel: Disposer = () => {};

  constructor(options: UpdatesOptions) {
    this.#options = options;
    this.#didChange = new Emitter('updates', options.log);
    this.#view =
      options.obstacle === null ? { kind: 'unknown', at: null } : { kind: 'unavailable', reason: options.obstacle };
  }

  get view(): UpdateView {
    return this.#view;
  }

  onDidChange(listener: () => void): Disposer {
    return this.#didChange.on(listener);
  }

  /** Looks from time to time, where it can. */
  start(): void {
    if (this.#options.obstacle === null) this.#plan(FIRST_CHECK_AFTER_MS);
  }

  /** Never rejects. Two calls at once are one look. */
  async check(): Promise<UpdateView> {
    if (this.#options.obstacle !== null) return this.#view;
    this.#checking ??= this.#check().finally(() => {
      this.#checking = null;
    });
    return await this.#checking;
  }

  dispose(): void {
    this.#cancel();
  }

  #plan(afterMs: number): void {
    this.#cancel();
    this.#cancel = this.#options.clock.after(afterMs, () => {
      unawaited(this.check(), 'look for an update', this.#options.log);
      this.#plan(CHECK_EVERY_MS);
    });
  }

  async #check(): Promise<UpdateView> {
    const { load, page, clock, log } = this.#options;
    this.#show({ kind: 'checking', at: clock.now() });
    try {
      const updater = await load();
      updater.autoDownload = false;
      updater.autoInstallOnAppQuit = false;
      updater.logger = null;
      const found = await updater.checkForUpdates();
      if (found?.isUpdateAvailable && page !== null) {
        log.info('A newer Baton is there', { version: found.updateInfo.version });
        return this.#show({ kind: 'available', version: found.updateInfo.version, url: page });
      }
      return this.#show({ kind: 'current', at: clock.now() });
    } catch (error) {
      log.warn('Failed to look for a newer Baton', { error });
      const words = error instanceof Error ? (error.message.split('\n')[0] as string) : String(error);
      return this.#show({ kind: 'failed', reason: `It could not be found out: ${words}` });
    }
  }

  #show(view: UpdateView): UpdateView {
    this.#view = view;
    this.#didChange.fire();
    return view;
  }
}

/** Pure: why a build cannot look for a newer one; null if it can. */
export function findUpdateObstacle(facts: {
  isPackaged: boolean;
  hasFeed: boolean;
  page: string | null;
}): string | null {
  if (!facts.isPackaged)
    return 'Baton runs from its sources. Update it the way you got them, for example with git pull.';
  if (!facts.hasFeed || facts.page === null)
    return 'This build was not told where newer ones are. Update it the way you got it.';
  return null;
}
