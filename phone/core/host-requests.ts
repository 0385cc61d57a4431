/** Questions to the host that are answered by one message: older events, a whole output. */
import { uuidv7 } from 'uuidv7';
import type { FromHost } from '#protocol/messages.ts';
import type { Disposer, Environment } from './environment.ts';
import { REQUEST_TIMEOUT_MS } from './limits.ts';

export type Reply = Extract<FromHost, { type: 'page' | 'blob' | 'refused' }>;

interface Waiting {
  resolve(reply: Reply): void;
  reject(error: Error): void;
  readonly stopTimer: Disposer;
}

export class HostRequests {
  readonly #environment: Environment;
  readonly #waiting = new Map<string, Waiting>();

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  /** `send` gets the question's id and says whether there is a channel. Rejects with words if no answer comes. */
  ask(send: (request: string) => boolean): Promise<Reply> {
    const request = uuidv7();
    return new Promise((resolve, reject) => {
      const stopTimer = this.#environment.after(REQUEST_TIMEOUT_MS, () => {
        this.#fail(request, 'The computer did not answer in time. Try again.');
      });
      this.#waiting.set(request, { resolve, reject, stopTimer });
      if (!send(request)) this.#fail(request, 'The computer is not connected now.');
    });
  }

  /** An answer that nobody waits for any more is ignored. */
  handleReply(reply: Reply): void {
    const waiting = this.#take(reply.request);
    if (reply.type === 'refused') waiting?.reject(new Error(reply.reason));
    else waiting?.resolve(reply);
  }

  /** The channel is gone, and the answers with it. */
  handleDrop(): void {
    for (const request of [...this.#waiting.keys()]) this.#fail(request, 'The connection was lost. Try again.');
  }

  #fail(request: string, text: string): void {
    this.#take(request)?.reject(new Error(text));
  }

  #take(request: string): Waiting | undefined {
    const waiting = this.#waiting.get(request);
    this.#waiting.delete(request);
    waiting?.stopTimer();
    return waiting;
  }
}
