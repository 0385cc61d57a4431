/** Pure: what a host that runs knows of its own connection, of who is admitted there, and of its devices. */
import { agoWords, durationWords } from '#lib/duration-words.ts';
import { toPlainLine } from '#lib/plain-line.ts';
import type { DeviceFact, RelayFact } from '../remote/link/link-facts.ts';
import { type Finding, ok, skipped, wrong } from './check.ts';
import { CLOCK_OFF_MAX_MS } from './clock-check.ts';

export function describeRelay(relay: RelayFact, now: number): Finding {
  switch (relay.kind) {
    case 'connected': {
      const heard = relay.heardAt === null ? '' : `; the relay was heard ${agoWords(relay.heardAt, now)}`;
      return ok(`Connected for ${durationWords(now - relay.since)}${heard}.`);
    }
    case 'silent':
      return wrong(
        `The relay has been silent for ${durationWords(now - relay.heardAt)} on a connection that is still open. Baton dials again by itself; if that does not help, restart the relay.`,
      );
    case 'connecting':
      return skipped('The relay is being dialled at this moment.');
    case 'asleep':
      return skipped('This computer was told to sleep; it connects when it wakes.');
    case 'off':
      return skipped('This Baton has not begun to connect.');
    case 'unreachable':
      return wrong(
        `Baton has not been connected for ${durationWords(now - relay.since)}: ${relay.reason} It tries again by itself in ${durationWords(Math.max(1000, relay.retryAt - now))}.`,
      );
    case 'stopped':
      return wrong(relay.reason);
  }
}

/** `isKnown`: whether the relay has this computer's list; null if it was not asked. `admitted`: what it said on the present connection. */
export function describeAdmission(options: {
  isRunning: boolean;
  isConnected: boolean;
  isKnown: boolean | null;
  admitted: number | null;
  paired: number;
}): Finding {
  const { isRunning, isConnected, isKnown, admitted, paired } = options;
  if (!isRunning) {
    if (isKnown === null) return skipped('The relay was not asked.');
    return skipped(
      isKnown
        ? 'The relay has this computer’s list of devices; who is on it, it tells only the Baton that is connected.'
        : 'The relay has no list of this computer’s devices; Baton brings it when it connects.',
    );
  }
  if (!isConnected) return skipped('Baton is not connected, and brings the list of devices when it is.');
  if (isKnown === false || admitted === null) {
    return wrong(
      'The relay has not taken the list of this computer’s devices, so it turns phones away. Look at the disk and the log of the relay.',
    );
  }
  if (admitted !== paired) {
    return wrong(
      `The relay admits ${admitted} of ${paired} devices that are paired. Connect again, so that it gets the list again.`,
    );
  }
  if (paired === 0) return ok('No device is paired, and the relay admits none.');
  return ok(
    paired === 1 ? 'The relay admits the one paired device.' : `The relay admits all ${paired} paired devices.`,
  );
}

/** When each paired device last proved that it was there. */
export function describeDevices(devices: readonly DeviceFact[], now: number): Finding {
  if (devices.length === 0) return skipped('No device is paired yet.');
  return ok(`${devices.map((device) => describeDevice(device, now)).join('; ')}.`);
}

function describeDevice(device: DeviceFact, now: number): string {
  const who = `“${toPlainLine(device.name)}”`;
  switch (device.kind) {
    case 'proven': {
      const { provenAt, lastRoundTripMs } = device;
      const trip = lastRoundTripMs === null ? '' : ` (${Math.max(1, Math.round(lastRoundTripMs))} ms)`;
      return `${who} is connected, last proof ${agoWords(provenAt, now)}${trip}`;
    }
    case 'silent':
      return `${who} has a connection open and is silent, last proof ${agoWords(device.provenAt, now)}`;
    case 'away': {
      const { lastSeenAt } = device;
      if (lastSeenAt === null) return `${who} was never seen since it was paired`;
      // Noted while this computer's clock was wrong: any age would be made up.
      if (lastSeenAt > now + CLOCK_OFF_MAX_MS)
        return `${who} was last seen at a time that is yet to come by this clock`;
      return `${who} was last seen ${agoWords(lastSeenAt, now)}`;
    }
  }
}
