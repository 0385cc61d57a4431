/** The relay that the doctor looks at when no host of this process has one open. */
import { existsSync } from 'node:fs';
import { parseRelayOrigin } from '#protocol/relay-auth.ts';
import type { RelayToCheck } from '../host/doctor/doctor.ts';
import { type OpenRelayOptions, openRelay } from './open-relay.ts';

/** `isHeld`: another Baton has the data folder. Then our own relay is its, and only dialled; else it is opened for the checks. */
export async function findRelayToCheck(options: OpenRelayOptions & { isHeld: boolean }): Promise<RelayToCheck> {
  const { settings, dataFolder, isHeld } = options;
  const isOwn = (options.address === undefined ? settings.relay : options.address) === null;
  if (isOwn && isHeld) {
    const origin = `http://127.0.0.1:${options.port ?? settings.relayPort}`;
    const phoneOrigin = parseRelayOrigin(settings.relayPublicUrl ?? '') ?? origin;
    return { kind: 'ready', origin, phoneOrigin, isOwn, stop: () => Promise.resolve() };
  }
  if (isOwn && !existsSync(dataFolder)) {
    return { kind: 'none', text: 'Baton’s own; it begins when Baton is started for the first time.' };
  }
  const relay = await openRelay(options);
  if (relay.kind === 'refused') return relay;
  const { relayOrigin: origin, phoneOrigin, stop } = relay;
  return { kind: 'ready', origin, phoneOrigin, isOwn, stop };
}
