/** Pure: what breaks when. The same seed gives the same plan. */
import type { Random } from '../support/chaos/random.ts';

export const FAULT_KINDS = [
  'relay-kill',
  'relay-freeze',
  'device-cut',
  'host-cut',
  'host-kill',
  'device-restart',
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

/** What is quick to recover from happens more often, so that there is also something to break. */
const WEIGHTS: Readonly<Record<FaultKind, number>> = {
  'relay-kill': 2,
  'relay-freeze': 1,
  'device-cut': 4,
  'host-cut': 3,
  'host-kill': 2,
  'device-restart': 3,
};
const DOWN_MS: Readonly<Record<FaultKind, readonly [number, number]>> = {
  'relay-kill': [0, 800],
  'relay-freeze': [1_000, 3_000],
  'device-cut': [0, 0],
  'host-cut': [0, 0],
  'host-kill': [0, 500],
  'device-restart': [0, 1_500],
};
const FIRST_AFTER_MS = 500;
const GAP_MS = [250, 1_400] as const;

/** Every kind at least once if there is time for it, then whatever comes. */
export function planFaults(random: Random, durationMs: number, devices: number): Fault[] {
  const bag = FAULT_KINDS.flatMap((kind) => Array<FaultKind>(WEIGHTS[kind]).fill(kind));
  const first = random.shuffle(FAULT_KINDS);
  const plan: Fault[] = [];
  for (let atMs = FIRST_AFTER_MS; atMs < durationMs; atMs += random.between(...GAP_MS)) {
    const kind = first[plan.length] ?? random.pick(bag);
    plan.push({ kind, atMs, forMs: random.between(...DOWN_MS[kind]), device: random.between(0, devices - 1) });
  }
  return plan;
}
