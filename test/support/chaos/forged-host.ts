/** A real host whose relay is dishonest: where every attack of a relay begins. */
import { LINK_DEAD_AFTER_MS } from '#main/host/remote/relay-attempt.ts';
import type { Scope } from '#protocol/commands.ts';
import { parsePairingLink } from '#protocol/pairing-link.ts';
import { startHost, type TestHost } from '../test-host.ts';
import { DishonestRelay } from './dishonest-relay.ts';
import { createRawIdentity, RawDevice, type RawIdentity } from './raw-device.ts';
import { createShiftingClock, type ShiftingClock } from './shifting-clock.ts';

export interface ForgedHost {
  readonly baton: TestHost;
  readonly relay: DishonestRelay;
  readonly clock: ShiftingClock;
  /** Time goes by on the computer; the relay is heard all the while, as it would be. */
  pass(ms: number): Promise<void>;
  /** What a pairing code holds besides its secret. */
  readonly address: { readonly hostId: string; readonly hostKey: RawIdentity['hostKey'] };
  /** Stores a device as pairing does; with all rights unless told otherwise. */
  addDevice(name: string, scope?: Scope): Promise<RawIdentity>;
  /** A channel as it should be, up to the host's welcome. */
  connect(identity: RawIdentity): Promise<RawDevice>;
  stop(): Promise<void>;
}

/** Well below the silence after which the host gives up a relay. */
const STEP_MS = LINK_DEAD_AFTER_MS / 3;

export async function startForgedHost(): Promise<ForgedHost> {
  const relay = await DishonestRelay.start();
  const clock = createShiftingClock();
  // No back-off: a relay that is dropped for what it said is dialled again at once.
  const baton = await startHost({ relayOrigin: relay.origin, clock, random: () => 0 });
  await relay.untilHost();
  const link = parsePairingLink((await baton.host.remote.pairing.show()).link);
  if (!link) throw new Error('The host made no pairing link.');
  baton.host.remote.pairing.hide();
  const address = { hostId: link.hostId, hostKey: link.hostKey };
  const addDevice = async (name: string, scope: Scope = 'full') => {
    const identity = await createRawIdentity(address);
    const { id, keys, psk, authKey } = identity;
    baton.host.history.devices.add({ id, name, scope, noiseKey: keys.publicKey, authKey, psk, isSigning: true });
    return identity;
  };
  baton.host.setRemoteControl(true);
  return {
    baton,
    relay,
    clock,
    async pass(ms) {
      for (let left = ms; left > 0; left -= STEP_MS) {
        clock.shift(Math.min(left, STEP_MS));
        await relay.untilHeard();
      }
    },
    address,
    addDevice,
    async connect(identity) {
      const device = await RawDevice.begin(relay.open('device', identity.id), identity);
      await device.until('welcome');
      return device;
    },
    async stop() {
      await baton.stop();
      await relay.stop();
    },
  };
}
