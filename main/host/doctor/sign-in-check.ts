/** Whether the relay accepts this computer's own signature, without taking the place of the connection that it may have there. */
import { WebSocket } from 'ws';
import { CloseCode } from '#protocol/close-codes.ts';
import { RELAY_FRAME_MAX_BYTES } from '#protocol/limits.ts';
import { answerChallenge, relaySocketUrl } from '#protocol/relay-auth.ts';
import { relayToDevice } from '#protocol/relay-messages.ts';
import type { HostKeys } from '../host-keys.ts';
import { describeClosing, End } from '../remote/relay-test-end.ts';
import { StepFailure } from '../remote/step-failure.ts';
import { type Finding, ok, wrong } from './check.ts';

/** `isKnown`: the relay has this computer's list of devices; null if it did not come that far. */
export interface SignedIn {
  readonly finding: Finding;
  readonly isKnown: boolean | null;
}

/**
 * Signs with the host's key as if it were a device of this host that was not admitted. The relay looks at the signature first, so what
 * it answers tells the two apart: 4401, not our key for this address; 4403, ours, and not on our list; 4440, ours, and there is no list yet.
 * A second socket in the role of a host would end the first one (4409). Never rejects.
 */
export async function checkSignIn(options: { origin: string; keys: HostKeys; timeoutMs: number }): Promise<SignedIn> {
  const { origin, keys, timeoutMs } = options;
  const { hostId, auth } = keys;
  const socket = new WebSocket(relaySocketUrl(origin), {
    perMessageDeflate: false,
    maxPayload: RELAY_FRAME_MAX_BYTES,
    handshakeTimeout: timeoutMs,
  });
  const end = new End(socket, relayToDevice);
  const timer = setTimeout(() => socket.terminate(), timeoutMs);
  try {
    const { nonce } = await end.expect('challenge');
    end.send(await answerChallenge({ role: 'device', hostId, id: hostId, keys: auth, relayOrigin: origin, nonce }));
    return judge(await end.closed);
  } catch (error) {
    const text = error instanceof StepFailure ? error.message : `The sign-in failed: ${String(error)}`;
    return { finding: wrong(text), isKnown: null };
  } finally {
    clearTimeout(timer);
    end.dispose();
  }
}

function judge(code: number): SignedIn {
  switch (code) {
    case CloseCode.notAdmitted:
      return { finding: ok('The relay accepts this computer’s signature and knows it.'), isKnown: true };
    case CloseCode.hostGone:
      return { finding: ok('The relay accepts this computer’s signature.'), isKnown: false };
    default:
      return { finding: wrong(describeClosing(code)), isKnown: null };
  }
}
