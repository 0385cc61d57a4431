/** Keeps the computer from sleeping while an agent works, if the person chose that. The screen may go dark all the same. */
import type { PowerSaveBlocker } from 'electron';
import type { Log } from '#lib/log.ts';
import type { KeepAwake as Choice } from '#preload/contract.ts';
import type { SessionState } from '#protocol/messages.ts';

/** Pure. An agent that waits for a person does not count: nobody may come for hours. */
export function shouldKeepAwake(facts: {
  choice: Choice;
  isOnBattery: boolean;
  states: readonly SessionState[];
}): boolean {
  const { choice, isOnBattery, states } = facts;
  if (choice === 'off' || (choice === 'on-power' && isOnBattery)) return false;
  return states.includes('working');
}

export class KeepAwake {
  readonly #blocker: Pick<PowerSaveBlocker, 'start' | 'stop'>;
  readonly #log: Log;
  #id: number | null = null;

  constructor(blocker: Pick<PowerSaveBlocker, 'start' | 'stop'>, log: Log) {
    this.#blocker = blocker;
    this.#log = log;
  }

  get isActive(): boolean {
    return this.#id !== null;
  }

  /** True if that changed anything. */
  set(isWanted: boolean): boolean {
    if (isWanted === this.isActive) return false;
    if (isWanted) this.#id = this.#blocker.start('prevent-app-suspension');
    else {
      this.#blocker.stop(this.#id as number);
      this.#id = null;
    }
    this.#log.info(isWanted ? 'The computer is kept awake' : 'The computer may sleep');
    return true;
  }

  dispose(): void {
    this.set(false);
  }
}
