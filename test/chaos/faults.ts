/** Carries out a plan: at each target one fault after the other, at different targets at the same time. */
import { setTimeout as wait } from 'node:timers/promises';
import { FAULT_KINDS, type Fault, type FaultKind, targetOf } from './fault-plan.ts';
import type { World } from './world.ts';

/** So that the host hands out prompts which no agent takes. */
const AGENTS_FROZEN_MS = 250;

/** A host that has not come back from the last time is not killed again: it would never come to work. */
const HOST_BACK_WITHIN_MS = 3_000;

export class Faults {
  readonly counts = Object.fromEntries(FAULT_KINDS.map((kind) => [kind, 0])) as Record<FaultKind, number>;
  /** Planned, but the host had not come back from the one before: a busy machine. */
  skipped = 0;
  readonly #world: World;
  readonly #queues = new Map<string, Promise<void>>();
  readonly #timers: NodeJS.Timeout[] = [];

  constructor(world: World) {
    this.#world = world;
  }

  start(plan: readonly Fault[]): void {
    for (const fault of plan) this.#timers.push(setTimeout(() => this.#enqueue(fault), fault.atMs));
  }

  /** Begins no further fault; resolves when everything that is down is up again. Rejects if something did not come up. */
  async stop(): Promise<void> {
    for (const timer of this.#timers) clearTimeout(timer);
    await Promise.all(this.#queues.values());
  }

  #enqueue(fault: Fault): void {
    const target = targetOf(fault);
    const before = this.#queues.get(target) ?? Promise.resolve();
    const done = before.then(() => this.#carryOut(fault));
    done.catch(() => {}); // Reported by `stop`.
    this.#queues.set(target, done);
  }

  async #carryOut({ kind, forMs, device: index }: Fault): Promise<void> {
    const { relay, host, hostWire, devices } = this.#world;
    const device = devices[index];
    const isBackSoon = () => this.#world.until(() => host.isConnected, HOST_BACK_WITHIN_MS);
    if (/^(host|keeper)-kill/.test(kind) && !(await isBackSoon())) {
      this.skipped += 1;
      return;
    }
    this.counts[kind] += 1;
    switch (kind) {
      case 'relay-kill':
        await relay.kill();
        await wait(forMs);
        return await relay.start();
      case 'relay-freeze': {
        const thaw = relay.freeze();
        await wait(forMs);
        return thaw();
      }
      case 'host-kill-midway':
      case 'host-kill': {
        const thaw = kind === 'host-kill' ? null : await this.#world.freezeAgents();
        if (thaw) await wait(AGENTS_FROZEN_MS);
        await host.kill();
        thaw?.();
        await wait(forMs);
        return await host.start();
      }
      case 'keeper-kill':
        return await this.#world.killKeeper();
      case 'host-cut':
        hostWire.cut();
        return;
      case 'device-cut':
        device?.wire.cut();
        return;
      case 'device-away':
      case 'device-restart':
        return await device?.restart(forMs);
    }
  }
}
