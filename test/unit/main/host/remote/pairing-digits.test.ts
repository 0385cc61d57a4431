import { expect, test } from 'vitest';
import { systemClock } from '#lib/clock.ts';
import { silentLog } from '#lib/log.ts';
import { Pairing, type PairingRequest } from '#main/host/remote/pairing.ts';
import { fromBase64Url, toBase64Url } from '#protocol/bytes.ts';
import { deriveDigits, generateAuthKeys, generateNoiseKeys } from '#protocol/keys.ts';
import { PROTOCOL_VERSION } from '#protocol/limits.ts';
import type { PairingFromHost } from '#protocol/messages.ts';

/** A million in `npm run test:security`. */
const TRIES = Number(process.env.DIGITS_TRIES ?? 2_000);

/** So many hits are as good as impossible (below 10^-9) if each try has one chance in a million. */
const HITS_MAX = TRIES > 100_000 ? 12 : 3;

const psk = new Uint8Array(32).fill(7);

async function createPairing() {
  const [noise, auth, device] = [
    await generateNoiseKeys(false),
    await generateAuthKeys(false),
    await generateAuthKeys(false),
  ];
  const pairing = new Pairing({
    keys: { hostId: 'host', noise, auth },
    hostName: 'Desk',
    appOrigin: 'https://relay.example',
    clock: systemClock,
    log: silentLog,
    openCode: () => {},
    closeCode: () => {},
    refusal: () => null,
    admit: async () => {},
  });
  const authKey = toBase64Url(device.publicKey);
  /** Asks with a handshake of the asker's own choice, and is told the digits and the host's part of them. */
  async function ask(
    handshakeHash: Uint8Array<ArrayBuffer>,
  ): Promise<{ digits: string; reveal: Uint8Array<ArrayBuffer> }> {
    const said: PairingFromHost[] = [];
    const hello = { version: PROTOCOL_VERSION, build: 'test', name: 'Phone', authKey };
    const from = {
      hello,
      noiseKey: noise.publicKey,
      handshakeHash,
      psk,
      send: (one: PairingFromHost) => said.push(one),
      close: () => {},
    };
    const id = await pairing.ask(from);
    const { digits } = pairing.requests[0] as PairingRequest;
    pairing.withdraw(id);
    const [reveal] = said;
    if (reveal?.type !== 'reveal') throw new Error('The host told nothing.');
    return { digits, reveal: fromBase64Url(reveal.reveal) as Uint8Array<ArrayBuffer> };
  }
  return { pairing, ask };
}

test('both sides get the digits from the handshake and what the host tells after it', async () => {
  const { ask } = await createPairing();
  const hash = crypto.getRandomValues(new Uint8Array(32));
  const { digits, reveal } = await ask(hash);
  expect(await deriveDigits(hash, reveal)).toBe(digits);
});

test(
  `of ${TRIES} tries to get the digits of another, as many succeed as by chance`,
  async () => {
    const { ask } = await createPairing();
    const theirs = crypto.getRandomValues(new Uint8Array(32));
    const { digits } = await ask(theirs);
    let hits = 0;
    // Better than any handshake that could be found by trying: the very one that had these digits, and was told to have them.
    for (let tried = 0; tried < TRIES; tried += 1) if ((await ask(theirs)).digits === digits) hits += 1;
    expect(hits).toBeLessThanOrEqual(HITS_MAX);
  },
  TRIES,
);
