/** An environment whose clock stands still until a test moves it, and whose sockets lead to the test. */
import type { Disposer, Environment } from '#phone/core/environment.ts';

type UsedOfSocket = Pick<WebSocket, 'binaryType' | 'send' | 'close' | 'addEventListener'>;

/** The page's end of a socket; the test is the relay. */
export class ManualSocket extends EventTarget implements UsedOfSocket {
  binaryType: BinaryType = 'blob';
  readyState: number = WebSocket.OPEN;
  readonly url: string;
  readonly sent: (string | Uint8Array)[] = [];
  onSent: (data: string | Uint8Array) => void = () => {};

  constructor(url: string) {
    super();
    this.url = url;
  }

  send(data: string | BufferSource | Blob): void {
    const kept = data as string | Uint8Array;
    this.sent.push(kept);
    this.onSent(kept);
  }

  close(): void {
    this.readyState = WebSocket.CLOSED;
  }

  say(message: unknown): void {
    this.dispatchEvent(new MessageEvent('message', { data: JSON.stringify(message) }));
  }

  sendFrame(frame: Uint8Array): void {
    this.dispatchEvent(new MessageEvent('message', { data: frame.slice().buffer }));
  }

  /** Resolves when the page has heard of it and of all that came before. */
  async closeByRelay(code: number, reason = ''): Promise<void> {
    this.readyState = WebSocket.CLOSED;
    this.dispatchEvent(Object.assign(new Event('close'), { code, reason }));
    await new Promise((resolve) => setImmediate(resolve));
  }
}

export class ManualEnvironment implements Environment {
  time = 1_700_000_000_000;
  randomValue = 0.5;
  online = true;
  visible = true;
  readonly sockets: ManualSocket[] = [];
  onSocket: (socket: ManualSocket) => void = () => {};
  /** How far the wall clock was set away from `time`. */
  #shift = 0;
  #timers: { at: number; callback: () => void }[] = [];
  readonly #wake = new Set<() => void>();
  readonly #leave = new Set<() => void>();

  get lastSocket(): ManualSocket {
    const socket = this.sockets.at(-1);
    if (!socket) throw new Error('Nothing was dialled.');
    return socket;
  }

  /** Milliseconds until each timer that is set, soonest first. */
  get timers(): number[] {
    return this.#timers.map((timer) => timer.at - this.time).sort((a, b) => a - b);
  }

  now(): number {
    return this.time + this.#shift;
  }

  /** Somebody sets the wall clock; nothing else notices. */
  shiftClock(ms: number): void {
    this.#shift += ms;
  }

  monotonic(): number {
    return this.time;
  }

  random(): number {
    return this.randomValue;
  }

  after(ms: number, callback: () => void): Disposer {
    const timer = { at: this.time + ms, callback };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  onNextFrame(callback: () => void): Disposer {
    return this.after(0, callback);
  }

  isOnline(): boolean {
    return this.online;
  }

  isVisible(): boolean {
    return this.visible;
  }

  openSocket(url: string): WebSocket {
    const socket = new ManualSocket(url);
    this.sockets.push(socket);
    this.onSocket(socket);
    return socket as unknown as WebSocket;
  }

  onDidWake(callback: () => void): Disposer {
    this.#wake.add(callback);
    return () => this.#wake.delete(callback);
  }

  onDidLeave(callback: () => void): Disposer {
    this.#leave.add(callback);
    return () => this.#leave.delete(callback);
  }

  wake(): void {
    for (const callback of this.#wake) callback();
  }

  leave(): void {
    for (const callback of this.#leave) callback();
  }

  /** Moves the clock, running what falls due in order. */
  advance(ms: number): void {
    const end = this.time + ms;
    for (;;) {
      const next = this.#timers.filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)[0];
      if (!next) break;
      this.#timers = this.#timers.filter((timer) => timer !== next);
      this.time = Math.max(this.time, next.at);
      next.callback();
    }
    this.time = end;
  }
}

const UNTIL_MAX_MS = 20_000;

/** Lets promises settle until `condition` holds. */
export async function until(what: string, condition: () => boolean): Promise<void> {
  const deadline = Date.now() + UNTIL_MAX_MS;
  while (Date.now() < deadline) {
    if (condition()) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
  throw new Error(`Waited in vain: ${what}`);
}
