/** One answer of the model server, in full or as server-sent events. Stops when the agent hangs up. */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';

/** Thrown into a script whose listener has hung up. */
export class HungUp extends Error {
  override name = 'HungUp';
}

export class Speaker {
  readonly #response: ServerResponse;
  readonly #hangUp = new AbortController();

  constructor(response: ServerResponse) {
    this.#response = response;
    response.once('close', () => this.#hangUp.abort());
  }

  newId(prefix: string): string {
    return `${prefix}${randomUUID().replaceAll('-', '').slice(0, 24)}`;
  }

  /** Seconds since 1970. */
  now(): number {
    return Math.floor(Date.now() / 1000);
  }

  json(status: number, body: object): void {
    this.#response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  }

  beginEvents(): void {
    this.#response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
  }

  async event(data: object, name?: string): Promise<void> {
    if (this.#hangUp.signal.aborted) throw new HungUp();
    const line = `${name ? `event: ${name}\n` : ''}data: ${JSON.stringify(data)}\n\n`;
    if (!this.#response.write(line))
      await once(this.#response, 'drain', { signal: this.#hangUp.signal }).catch(() => undefined);
  }

  endEvents(last?: string): void {
    this.#response.end(last && `data: ${last}\n\n`);
  }

  async pause(milliseconds: number): Promise<void> {
    if (milliseconds > 0) await wait(milliseconds, undefined, { signal: this.#hangUp.signal }).catch(() => undefined);
    if (this.#hangUp.signal.aborted) throw new HungUp();
  }
}
