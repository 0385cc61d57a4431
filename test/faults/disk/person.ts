/** What a person does in one turn: a prompt, another one behind it, the answer to each question; and again what was refused. */
import { randomUUID } from 'node:crypto';
import type { FromHost } from '#protocol/messages.ts';
import type { HostStage } from './host-stage.ts';

const FULL = 'The disk is full. Free some space.';

/** More than fits into an event, so that it is stored beside it. */
const LARGE_KIB = 64;

export class Person {
  readonly #stage: HostStage;
  readonly #session: string;
  /** The answer that was given to each question last. */
  readonly #answers = new Map<string, string>();
  #first = '';
  #hasQueued = false;
  /** The first time the computer said that its disk is full. */
  toldAt: number | null = null;

  constructor(stage: HostStage, session: string) {
    this.#stage = stage;
    this.#session = session;
    stage.onMessage = (message) => this.#hear(message);
  }

  /** The first prompt, whose turn waits for an answer. */
  begin(): void {
    this.#first = this.prompt(`${randomUUID()} change the file`);
  }

  prompt(text: string): string {
    return this.#stage.device.send('prompt', this.#session, { text });
  }

  /** There is room again: what the computer refused to store is given once more. */
  goOn(): void {
    if (this.#wasRefused(this.#first)) this.begin();
    for (const [approval, answer] of this.#answers) if (this.#wasRefused(answer)) this.#answers.delete(approval);
    this.#answerAll();
  }

  #hear(message: FromHost): void {
    if (message.type === 'state') this.#answerAll();
    const isTold =
      (message.type === 'receipt' && message.reason?.endsWith(FULL)) ||
      (message.type === 'state' && message.value.sessions.some(({ detail }) => detail === FULL));
    if (isTold) this.toldAt ??= performance.now();
  }

  #answerAll(): void {
    const { device } = this.#stage;
    for (const { approval, session, options } of device.state?.approvals ?? []) {
      if (session !== this.#session || this.#answers.has(approval)) continue;
      if (!this.#hasQueued) {
        this.#hasQueued = true;
        this.prompt(`output ${LARGE_KIB + this.#stage.nextNumber()}`);
      }
      const option = options.find(({ kind }) => kind === 'allow_once');
      if (option) this.#answers.set(approval, device.send('answer', session, { approval, option: option.id }));
    }
  }

  /** With words, and without a trace on the computer. */
  #wasRefused(command: string): boolean {
    const receipt = this.#stage.device.receiptOf(command);
    return receipt?.state === 'rejected' && receipt.reason?.endsWith(FULL) === true;
  }
}
