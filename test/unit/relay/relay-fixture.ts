/** A real relay on a free loopback port with a real database, and a clock that only moves when told. */
import { pbkdf2 } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { onTestFinished } from 'vitest';
import type { Clock } from '#relay/clock.ts';
import type { LogFields, LogLevel } from '#relay/log.ts';
import type { RelayMetrics } from '#relay/metrics.ts';
import { createRelay, type Relay, type RelayOptions } from '#relay/relay.ts';
import {
  connectDevice,
  connectHost,
  createIdentity,
  type HostClient,
  type RelayIdentity,
  type RelaySocket,
} from '#test/support/relay-clients.ts';

export class ManualClock implements Clock {
  #now = 1_000_000;
  readonly #timers = new Set<{ everyMs: number; dueAt: number; run: () => void }>();

  now(): number {
    return this.#now;
  }

  wallNow(): number {
    return 1_800_000_000_000 + this.#now;
  }

  every(everyMs: number, run: () => void): () => void {
    const timer = { everyMs, dueAt: this.#now + everyMs, run };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** Moves on second by second, as the relay would have lived through it. */
  advance(ms: number): void {
    const end = this.#now + ms;
    while (this.#now < end) {
      this.#now = Math.min(end, this.#now + 1000);
      for (const timer of this.#timers) {
        if (this.#now < timer.dueAt) continue;
        timer.dueAt = this.#now + timer.everyMs;
        timer.run();
      }
    }
  }
}

export interface LogLine {
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: LogFields | undefined;
}

export interface RelayFixture {
  readonly relay: Relay;
  readonly origin: string;
  readonly clock: ManualClock;
  readonly log: LogLine[];
  readonly folder: string;
  readonly databaseFile: string;
  /** Stops the relay and starts another one on the same database. */
  restart(): Promise<RelayFixture>;
}

/** Stopped, and its folder removed, when the test ends. */
export async function startRelay(options: Partial<RelayOptions> = {}): Promise<RelayFixture> {
  const folder = await makeFolder();
  return start(folder, options);
}

async function start(folder: string, options: Partial<RelayOptions>): Promise<RelayFixture> {
  const clock = new ManualClock();
  const log: LogLine[] = [];
  const databaseFile = options.databaseFile ?? join(folder, 'relay.db');
  const relay = await createRelay({
    host: '127.0.0.1',
    port: 0,
    publicOrigins: [],
    databaseFile,
    phoneFolder: null,
    clock,
    log: (level, message, fields) => log.push({ level, message, fields }),
    ...options,
  });
  onTestFinished(() => relay.stop({ graceful: false }));
  const restart = async (): Promise<RelayFixture> => {
    await relay.stop({ graceful: true });
    return start(folder, options);
  };
  return { relay, origin: `http://127.0.0.1:${relay.port}`, clock, log, folder, databaseFile, restart };
}

export async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'baton-relay-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Resolves when the relay's counts say so; looks at every turn of the event loop. */
export async function untilMetrics(relay: Relay, isTrue: (metrics: RelayMetrics) => boolean): Promise<void> {
  while (!isTrue(relay.metrics())) await new Promise((resolve) => setImmediate(resolve));
}

/** Keeps the threads on which signatures are verified busy for a while; resolves when they are free again. */
export async function occupyCrypto(): Promise<void> {
  const derive = promisify(pbkdf2);
  await Promise.all(Array.from({ length: 16 }, () => derive('busy', 'busy', 50_000, 32, 'sha512')));
}

export interface Bridged {
  readonly host: HostClient;
  readonly device: RelaySocket;
  readonly identity: RelayIdentity;
  readonly channel: number;
}

/** A host and one of its devices with an open channel between them. */
export async function bridge(fixture: RelayFixture): Promise<Bridged> {
  const host = await connectHost(fixture.origin);
  const identity = await createIdentity();
  await host.admit(identity);
  const device = await connectDevice(fixture.origin, host.hostId, identity);
  await device.expect('open');
  return { host, device, identity, channel: await host.nextChannel() };
}
