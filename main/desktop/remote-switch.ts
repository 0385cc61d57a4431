/** The switch for all sessions, in the tray's menu and in the window. The first time it is turned on, main itself asks. */
import type { MessageBoxOptions } from 'electron';
import type { Log } from '#lib/log.ts';
import type { Result } from '#preload/contract.ts';
import type { SettingsStore } from '../host/settings.ts';
import type { HostLifecycle } from './host-lifecycle.ts';
import { fail, succeed } from './ipc/calls/call-handlers.ts';

/** Resolves with the number of the button. */
export type AskPerson = (options: MessageBoxOptions) => Promise<number>;

const QUESTION: MessageBoxOptions = {
  type: 'question',
  title: 'Remote control',
  message: 'Turn on remote control for all sessions?',
  detail:
    'Every phone or browser that you have paired can then see all sessions of this computer, those to come included, and do in them what you allowed it to. You can turn it off here at any time, for one session or for all.',
  buttons: ['Turn on', 'Cancel'],
  defaultId: 1,
  cancelId: 1,
  noLink: true,
};

export class RemoteSwitch {
  readonly #lifecycle: HostLifecycle;
  readonly #settings: SettingsStore;
  readonly #ask: AskPerson;
  readonly #log: Log;
  #asking: Promise<boolean> | null = null;

  constructor(options: { lifecycle: HostLifecycle; settings: SettingsStore; ask: AskPerson; log: Log }) {
    this.#lifecycle = options.lifecycle;
    this.#settings = options.settings;
    this.#ask = options.ask;
    this.#log = options.log;
    // Anyone who allows a device, comparing its digits, has confirmed it with that.
    this.#lifecycle.use(({ host }) => host.remote.onDidPair(() => this.#confirm()));
  }

  /** What holds afterwards; the person may have declined. */
  async set(isEnabled: boolean): Promise<Result<{ isEnabled: boolean }>> {
    const started = await this.#lifecycle.findStarted();
    if (!started.ok) return started;
    const isAllowed = !isEnabled || this.#settings.get().isRemoteControlConfirmed || (await this.#askOnce());
    // It may have gone while the person was asked.
    const found = this.#lifecycle.find();
    if (!found.ok) return found;
    if (isAllowed) {
      try {
        if (isEnabled) this.#confirm();
        found.value.setRemoteControl(isEnabled);
      } catch (error) {
        this.#log.error('Failed to store the switch for all sessions', { error });
        return fail(`It could not be stored: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
    return succeed({ isEnabled: this.#settings.get().remoteControl });
  }

  /** Two clicks are one question. */
  async #askOnce(): Promise<boolean> {
    this.#asking ??= this.#ask(QUESTION)
      .then((button) => button === 0)
      .finally(() => {
        this.#asking = null;
      });
    return await this.#asking;
  }

  #confirm(): void {
    if (!this.#settings.get().isRemoteControlConfirmed) this.#settings.update({ isRemoteControlConfirmed: true });
  }
}
