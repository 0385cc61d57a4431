/** A device that knows how fresh what it has is: by the words of the stamping agent. */
import { uuidv7 } from 'uuidv7';
import { Device } from '../device/device.ts';
import type { Identity } from '../device/device-store.ts';
import type { PhonePage } from '../phone-page.ts';
import { STAMPING_AGENT } from './bench-host.ts';

const FRESH_WITHIN_MS = 90_000;
/** More than any benchmark lasts. */
const DRIPS = 1_000_000;

export class Follower {
  readonly device: Device;
  readonly #saidAt: Map<string, number>;

  private constructor(device: Device, saidAt: Map<string, number>) {
    this.device = device;
    this.#saidAt = saidAt;
  }

  /** Resolves when it has the host's state. */
  static async start(options: { file: string; identity: Identity; retryMs?: number }): Promise<Follower> {
    const saidAt = new Map<string, number>();
    const device = Device.open({
      ...options,
      onMessage: (message) => {
        if (message.type !== 'events' && message.type !== 'snapshot') return;
        const stamps = [...JSON.stringify(message.events.slice(-3)).matchAll(/t\d+=(\d+\.\d\d)/g)];
        const newest = Math.max(saidAt.get(message.session) ?? 0, ...stamps.map(([, said]) => Number(said)));
        saidAt.set(message.session, newest);
      },
    });
    await device.until('the state', () => device.state !== null);
    return new Follower(device, saidAt);
  }

  /** Starts a session whose agent finishes a tool call about every `gapMs`, without end. Resolves when the first is here. */
  async startBusySession(folder: string, title: string, gapMs: number): Promise<string> {
    const { device } = this;
    const session = uuidv7();
    device.send('session.new', session, { agent: STAMPING_AGENT.id, folder, title });
    const isIdle = () => device.state?.sessions.some(({ id, state }) => id === session && state === 'idle') ?? false;
    await device.until('the session', isIdle, FRESH_WITHIN_MS);
    device.send('prompt', session, { text: `drip ${DRIPS} ${gapMs}` });
    await device.until('the first event', () => (this.#saidAt.get(session) ?? 0) > 0);
    return session;
  }

  /** Resolves with the time when the device had, of each of these sessions, an event that happened after `since`, and so all before it. */
  async untilFresh(since: number, sessions: readonly string[]): Promise<number> {
    const isFresh = () => sessions.every((session) => (this.#saidAt.get(session) ?? 0) > since);
    await this.device.until('a fresh event', isFresh, FRESH_WITHIN_MS);
    return performance.timeOrigin + performance.now();
  }
}

/** Resolves with the time when the page, which shows such a session, had painted an event that happened after `since`. */
export async function untilShown({ page }: PhonePage, since: number): Promise<number> {
  const shown = await page.waitForFunction(
    (after) => window.batonWatch.stamps.findLast((stamp) => stamp.saidAt > after)?.seen.shownAt ?? null,
    since,
    { timeout: FRESH_WITHIN_MS, polling: 50 },
  );
  await shown.dispose();
  return await page.evaluate(
    (after) => window.batonWatch.stamps.find((stamp) => stamp.saidAt > after)?.seen.shownAt ?? 0,
    since,
  );
}
