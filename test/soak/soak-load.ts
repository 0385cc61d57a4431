/** What three people do with ten sessions, steadily: prompts, answers, and connections that are cut. */
import { uuidv7 } from 'uuidv7';
import type { FromHost } from '#protocol/messages.ts';
import type { Random } from '../support/chaos/random.ts';
import { Device } from '../support/device/device.ts';
import { type Identity, isSettled } from '../support/device/device-store.ts';

const PROMPT_EVERY_MS = [150, 450] as const;
const CUT_EVERY_MS = [4_000, 12_000] as const;
const ASKING_PERCENT = 20;
/** So many unanswered commands are enough. */
const OPEN_MAX = 12;

export class SoakDevice {
  readonly name: string;
  readonly #random: Random;
  readonly #sessions: readonly string[];
  readonly #file: string;
  #device: Device;
  #answered = new Set<string>();
  #timers: NodeJS.Timeout[] = [];
  prompts = 0;
  cuts = 0;

  constructor(options: {
    name: string;
    file: string;
    identity: Identity;
    random: Random;
    sessions: readonly string[];
  }) {
    this.name = options.name;
    this.#file = options.file;
    this.#random = options.random;
    this.#sessions = options.sessions;
    this.#device = this.#open(options.identity);
  }

  get device(): Device {
    return this.#device;
  }

  get connections(): number {
    return this.#device.connections;
  }

  start(): void {
    this.#every(PROMPT_EVERY_MS, () => this.#prompt());
    this.#every(CUT_EVERY_MS, () => {
      this.cuts += 1;
      this.#device.cut();
    });
  }

  /** No further prompts and cuts; questions are still answered. */
  rest(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers = [];
  }

  dispose(): void {
    this.rest();
    this.#device.dispose();
  }

  #open(identity: Identity): Device {
    return Device.open({ file: this.#file, identity, onMessage: (message) => this.#handle(message) });
  }

  /** Again and again, each time after another pause. */
  #every([min, max]: readonly [number, number], act: () => void): void {
    const at = this.#timers.length;
    const plan = () => {
      this.#timers[at] = setTimeout(
        () => {
          act();
          plan();
        },
        this.#random.between(min, max),
      );
    };
    plan();
  }

  #prompt(): void {
    const open = this.#device.store.outbox().filter(({ state }) => !isSettled(state));
    if (open.length >= OPEN_MAX) return;
    const id = uuidv7();
    const isAsking = this.#random.between(1, 100) <= ASKING_PERCENT;
    const text = isAsking ? `${id} change the file` : `echo: ${id}`;
    this.#device.send('prompt', this.#random.pick(this.#sessions), { text }, id);
    this.prompts += 1;
  }

  #handle(message: FromHost): void {
    if (message.type !== 'state') return;
    const open = new Set(message.value.approvals.map(({ approval }) => approval));
    for (const { approval, session, options } of message.value.approvals) {
      if (this.#answered.has(approval)) continue;
      const option = options.find(({ kind }) => kind === 'allow_once');
      if (option) this.#device.send('answer', session, { approval, option: option.id });
    }
    this.#answered = open;
  }
}
