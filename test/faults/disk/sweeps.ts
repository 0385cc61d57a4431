/** The sweeps that `npm run test:faults` runs besides its rows. */
import type { Outcome } from '../row.ts';
import { type HostFate, playHostPoint } from './host-point.ts';
import { HostStage } from './host-stage.ts';
import { type KeeperFate, playKeeperPoint } from './keeper-point.ts';
import { playRelayPoint, type RelayFate } from './relay-point.ts';
import { RelayStage } from './relay-stage.ts';
import { runSweep, type Sweep, type SweepOptions } from './sweep.ts';

const HOST_SWEEP: Sweep<HostStage, HostFate> = {
  name: 'disk-full-at-every-write',
  fates: ['stays', 'killed', 'begins'],
  most: 60,
  few: 3,
  atOnce: 4,
  begin: HostStage.begin,
  play: playHostPoint,
};

const KEEPER_SWEEP: Sweep<HostStage, KeeperFate> = {
  name: 'keeper-disk-full-at-every-write',
  fates: ['host-after-room', 'host-before-room'],
  most: 16,
  few: 1,
  atOnce: 2,
  begin: HostStage.begin,
  play: playKeeperPoint,
};

const RELAY_SWEEP: Sweep<RelayStage, RelayFate> = {
  name: 'relay-disk-full-at-every-write',
  fates: ['stays', 'killed', 'begins'],
  most: 30,
  few: 2,
  atOnce: 3,
  isFresh: true,
  begin: RelayStage.begin,
  play: playRelayPoint,
};

export const SWEEPS: readonly { readonly name: string; run(options: SweepOptions): Promise<Outcome> }[] = [
  { name: HOST_SWEEP.name, run: (options) => runSweep(HOST_SWEEP, options) },
  { name: KEEPER_SWEEP.name, run: (options) => runSweep(KEEPER_SWEEP, options) },
  { name: RELAY_SWEEP.name, run: (options) => runSweep(RELAY_SWEEP, options) },
];
