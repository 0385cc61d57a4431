/** What the two people do: prompt, answer questions, rename, stop a turn. All of it as commands with receipts. */
import { uuidv7 } from 'uuidv7';
import type { FromHost } from '#protocol/messages.ts';
import type { Random } from '../support/chaos/random.ts';
import { isSettled } from '../support/device/device-store.ts';
import type { ChaosDevice } from './chaos-device.ts';

/** Between two commands of one device. */
const GAP_MS = [30, 220] as const;
/** So many unanswered commands are enough; no queue of the host overflows. */
const OPEN_COMMANDS_MAX = 20;
/** In percent; what is left are short echoes. */
const CHANCE = { tour: 18, rename: 5, cancel: 4, steps: 45, long: 8, deny: 30 } as const;
/** What makes a log long: each step is an event. */
const STEPS = [300, 700] as const;
/** Long enough that a device which was away for a while gets a snapshot instead of all. */
const LONG_CHARS = 100_000;

export class Load {
  readonly #random: Random;
  readonly #marker: string;
  readonly #devices: readonly ChaosDevice[];
  readonly #sessions: readonly string[];
  readonly #timers = new Map<ChaosDevice, NodeJS.Timeout>();
  readonly #answered = new Map<ChaosDevice, Set<string>>();
  #renames = 0;

  constructor(options: {
    random: Random;
    marker: string;
    devices: readonly ChaosDevice[];
    sessions: readonly string[];
  }) {
    this.#random = options.random;
    this.#marker = options.marker;
    this.#devices = options.devices;
    this.#sessions = options.sessions;
  }

  start(): void {
    for (const device of this.#devices) this.#plan(device);
  }

  /** No further commands, except answers: else turns would wait for ever. */
  stop(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }

  /** Both devices answer every question they see; the first one wins. */
  handle(from: ChaosDevice, message: FromHost): void {
    const { device } = from;
    if (!device) return;
    if (message.type === 'welcome') {
      device.say({ type: 'watch', session: this.#random.pick(this.#sessions) });
    }
    if (message.type !== 'state') return;
    const answered = this.#answered.get(from) ?? new Set<string>();
    this.#answered.set(from, answered);
    for (const { approval, session, options } of message.value.approvals) {
      if (answered.has(approval)) continue;
      answered.add(approval);
      const wanted = this.#happens(CHANCE.deny) ? 'reject_once' : 'allow_once';
      const option = options.find(({ kind }) => kind === wanted) ?? options[0];
      if (option) device.send('answer', session, { approval, option: option.id });
    }
  }

  #plan(device: ChaosDevice): void {
    const timer = setTimeout(
      () => {
        this.#act(device);
        this.#plan(device);
      },
      this.#random.between(...GAP_MS),
    );
    this.#timers.set(device, timer);
  }

  #act({ device, name }: ChaosDevice): void {
    if (!device) return;
    const open = device.store.outbox().filter(({ state }) => !isSettled(state));
    if (open.length >= OPEN_COMMANDS_MAX) return;
    const session = this.#random.pick(this.#sessions);
    const id = uuidv7();
    if (this.#happens(CHANCE.rename)) {
      this.#renames += 1;
      device.send('session.rename', session, { title: `${this.#marker} ${this.#renames} by ${name}` }, id);
    } else if (this.#happens(CHANCE.cancel)) device.send('cancel', session, {}, id);
    else device.send('prompt', session, { text: this.#promptText(id) }, id);
  }

  /** Unlike any other, so that the agent's journal tells which command it was. */
  #promptText(id: string): string {
    if (this.#happens(CHANCE.tour)) return `${id} ${this.#marker}: change the file`;
    if (this.#happens(CHANCE.steps)) return `steps ${this.#random.between(...STEPS)} ${this.#marker} ${id}`;
    const rest = this.#happens(CHANCE.long) ? ' and so on'.repeat(LONG_CHARS / 10) : '';
    return `echo: ${this.#marker} ${id}${rest}`;
  }

  #happens(percent: number): boolean {
    return this.#random.next() * 100 < percent;
  }
}
