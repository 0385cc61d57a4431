/**
 * Tests whether a relay can be used, step by step, as host and device would use it. Both ends are made for the test and forgotten
 * after it, so nothing that runs is disturbed and the relay stores nothing.
 */

import type { Log } from '#lib/log.ts';
import { isLoopback, parseRelayOrigin } from '#protocol/relay-auth.ts';
import { Reach } from './relay-test-reach.ts';
import { RoundTrip } from './relay-test-round-trip.ts';
import { StepFailure } from './step-failure.ts';

export type RelayTestStepName = 'address' | 'name' | 'connect' | 'secure' | 'upgrade' | 'sign-in' | 'round-trip';

export interface RelayTestStep {
  readonly step: RelayTestStepName;
  readonly isOk: boolean;
  /** For people. */
  readonly text: string;
  readonly ms: number;
}

export interface RelayTest {
  readonly isOk: boolean;
  /** Null if the address is none. */
  readonly origin: string | null;
  /** Host → relay → device → relay → host; null if it did not come that far. */
  readonly roundTripMs: number | null;
  /** In the order in which they were done; the first failure is the last one. */
  readonly steps: readonly RelayTestStep[];
  /** One or two sentences: what is wrong and what to do, or that it works. */
  readonly text: string;
}

/** For one step. */
export const RELAY_TEST_STEP_TIMEOUT_MS = 8_000;
/** For all of them, as a multiple of the time for one. */
const WHOLE_TEST_STEPS = 3;

/** Never rejects. `address`: as a person typed it. `timeoutMs`: for one step; the whole takes at most three times as long. */
export async function testRelay(options: { address: string; log: Log; timeoutMs?: number }): Promise<RelayTest> {
  const { address, log, timeoutMs = RELAY_TEST_STEP_TIMEOUT_MS } = options;
  const steps: RelayTestStep[] = [];
  const until = performance.now() + timeoutMs * WHOLE_TEST_STEPS;
  const take = async <T extends { text: string }>(step: RelayTestStepName, work: () => T | Promise<T>): Promise<T> => {
    const begunAt = performance.now();
    const note = (isOk: boolean, text: string) =>
      steps.push({ step, isOk, text, ms: Math.round(performance.now() - begunAt) });
    try {
      const done = await within(Math.min(timeoutMs, until - begunAt), step, work);
      note(true, done.text);
      return done;
    } catch (error) {
      if (!(error instanceof StepFailure)) log.error('A step of testing a relay failed', { step, error });
      note(false, error instanceof StepFailure ? error.message : `The test itself failed: ${String(error)}`);
      throw error;
    }
  };
  using disposables = new DisposableStack();
  let origin: string | null = null;
  let roundTripMs: number | null = null;
  try {
    const parsed = await take('address', () => readAddress(address));
    origin = parsed.origin;
    const reach = disposables.use(new Reach(parsed.origin));
    await take('name', () => reach.findName());
    await take('connect', () => reach.connect());
    await take('secure', () => reach.secure());
    const { socket } = await take('upgrade', () => reach.upgrade());
    const roundTrip = disposables.use(new RoundTrip(parsed.origin, socket));
    await take('sign-in', () => roundTrip.signIn());
    ({ roundTripMs } = await take('round-trip', () => roundTrip.run()));
  } catch {
    // Noted as the last step.
  }
  const last = steps.at(-1) as RelayTestStep;
  const text = last.isOk ? describeSuccess(origin as string, roundTripMs as number) : last.text;
  log.info('Tested a relay', { isOk: last.isOk, step: last.step, roundTripMs });
  return { isOk: last.isOk, origin, roundTripMs, steps, text };
}

function readAddress(address: string): { origin: string; text: string } {
  const origin = parseRelayOrigin(address);
  if (origin !== null) return { origin, text: `It means ${origin}.` };
  if (/^\s*(http|ws):\/\//i.test(address)) {
    throw new StepFailure(
      'Plain http works on this computer only, as browsers on phones refuse to encrypt on such a page. Put https before the relay and use that address.',
    );
  }
  throw new StepFailure('This is not the address of a relay. It looks like https://relay.example.');
}

function describeSuccess(origin: string, roundTripMs: number): string {
  const works = `The relay works: there and back took ${Math.max(1, Math.round(roundTripMs))} ms.`;
  return isLoopback(new URL(origin).hostname)
    ? `${works} Only browsers on this computer reach it at this address.`
    : works;
}

const SILENT: Record<RelayTestStepName, string> = {
  address: 'The address could not be read in time.',
  name: 'The name of the relay could not be looked up in time. Check that this computer is online.',
  connect:
    'Nothing answers at that address. Check that the computer of the relay runs, and that no firewall stands in between.',
  secure: 'Something takes the connection but does not speak https. Check the address and its port.',
  upgrade:
    'Something takes the connection and then says nothing. Check that a Baton relay listens at that address and port.',
  'sign-in': 'A server takes the connection and then says nothing, as no Baton relay does. Check the address.',
  'round-trip': 'The relay took both ends and lost what was sent between them. Restart or update the relay.',
};

async function within<T>(ms: number, step: RelayTestStepName, work: () => T | Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new StepFailure(SILENT[step])), Math.max(0, ms));
  try {
    return await Promise.race([work(), late]);
  } finally {
    clearTimeout(timer);
  }
}
