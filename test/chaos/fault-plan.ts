/** Pure: what breaks when. The same seed gives the same plan. */
import type { Random } from '../support/chaos/random.ts';

export const FAULT_KINDS = [
  'relay-kill',
  'relay-freeze',
  'device-cut',
  'device-restart',
  'device-away',
  'host-cut',
  'host-kill',
  /** The agents are frozen first, so that prompts are on their way to them when the host dies. */
  'host-kill-midway',
  /** And with it every agent; only this can leave a doubt whether a prompt was executed. */
  'keeper-kill',
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

export interface Fault {
  readonly kind: FaultKind;
  /** Milliseconds after the first prompt. */
  readonly atMs: number;
  /** How long it is down or frozen; 0 for a cut. */
  readonly forMs: number;
  /** Which of the devices, for what happens to one of them. */
  readonly device: number;
}

interface Nature {
  /** How often it happens, compared with the others. */
  readonly weight: number;
  readonly forMs: readonly [min: number, max: number];
  /** After it is up again, nothing else happens to the same target for so long: what never comes to work has nothing that could be lost. */
  readonly peaceMs: number;
}

const NATURES: Readonly<Record<FaultKind, Nature>> = {
  'relay-kill': { weight: 1, forMs: [0, 600], peaceMs: 8_000 },
  'relay-freeze': { weight: 1, forMs: [500, 2_500], peaceMs: 8_000 },
  'device-cut': { weight: 8, forMs: [0, 0], peaceMs: 400 },
  'device-restart': { weight: 3, forMs: [0, 800], peaceMs: 600 },
  'device-away': { weight: 1, forMs: [4_000, 7_000], peaceMs: 2_000 },
  'host-cut': { weight: 4, forMs: [0, 0], peaceMs: 1_500 },
  'host-kill': { weight: 1, forMs: [0, 500], peaceMs: 7_000 },
  'host-kill-midway': { weight: 2, forMs: [0, 500], peaceMs: 7_000 },
  'keeper-kill': { weight: 1, forMs: [0, 0], peaceMs: 7_000 },
};
const FIRST_AFTER_MS = 500;
const GAP_MS = [100, 300] as const;

/** What one fault keeps busy; two faults at one target follow each other, at two targets they may meet. */
export function targetOf({ kind, device }: Pick<Fault, 'kind' | 'device'>): string {
  return kind.startsWith('device') ? `device ${device}` : kind.startsWith('relay') ? 'relay' : 'host';
}

/** Every kind at least once if there is time for it, then whatever comes. All is up again when `durationMs` is over. */
export function planFaults(random: Random, durationMs: number, devices: number): Fault[] {
  const bag = FAULT_KINDS.flatMap((kind) => Array<FaultKind>(NATURES[kind].weight).fill(kind));
  const wanted = random.shuffle(FAULT_KINDS);
  const freeAt = new Map<string, number>();
  const plan: Fault[] = [];
  for (let atMs = FIRST_AFTER_MS; atMs < durationMs; atMs += random.between(...GAP_MS)) {
    const isFree = (at: Pick<Fault, 'kind' | 'device'>) => (freeAt.get(targetOf(at)) ?? 0) <= atMs;
    const anywhere = (kind: FaultKind) => Array.from({ length: devices }, (_, device) => ({ kind, device }));
    const due = wanted.findIndex((kind) => anywhere(kind).some(isFree));
    const kinds = due < 0 ? bag : wanted.splice(due, 1);
    const free = kinds.flatMap(anywhere).filter(isFree);
    if (free.length === 0) continue;
    const { kind, device } = random.pick(free);
    const nature = NATURES[kind];
    const forMs = Math.min(random.between(...nature.forMs), durationMs - atMs);
    freeAt.set(targetOf({ kind, device }), atMs + forMs + nature.peaceMs);
    plan.push({ kind, atMs, forMs, device });
  }
  return plan;
}
