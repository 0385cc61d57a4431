/**
 * Looks at everything that has to work for a phone to reach an agent here, one thing after the other, and says in one sentence what is
 * wrong. Changes nothing, makes no keys, replaces no connection. Both bodies of the host use it, also when no host runs.
 */

import type { Log } from '#lib/log.ts';
import type { AgentInfo } from '#protocol/messages.ts';
import { type HistoryInspected, inspectHistory } from '../history/inspect-history.ts';
import type { Host } from '../host.ts';
import type { HostKeys } from '../host-keys.ts';
import { type RelayTest, type RelayTestStepName, testRelay } from '../remote/relay-test.ts';
import { type Check, type CheckName, type Diagnosis, type Finding, ok, skipped, summarise, wrong } from './check.ts';
import { CHECK_TITLES } from './check-titles.ts';
import { checkClock } from './clock-check.ts';
import { checkFolder, describeHistory } from './folder-check.ts';
import { describeAdmission, describeDevices, describeLink } from './link-checks.ts';
import { checkSignIn, type SignedIn } from './sign-in-check.ts';

/** Each check gives up after this; the relay's, which are several, after three times as long. */
export const CHECK_TIMEOUT_MS = 8_000;
/** Login shells are asked for their environment, and may take as long as they do when an agent is started. */
const AGENTS_TIMEOUT_MS = 12_000;

/** `origin`: what the host dials; `phoneOrigin`: where phones find it. `none`: there is no relay to check now, and nothing wrong with that. */
export type RelayToCheck =
  | { readonly kind: 'ready'; origin: string; phoneOrigin: string; isOwn: boolean; stop(): Promise<void> }
  | { readonly kind: 'refused'; readonly text: string }
  | { readonly kind: 'none'; readonly text: string };

export interface DoctorOptions {
  readonly dataFolder: string;
  /** How the settings were read. */
  readonly settings: Finding;
  /** The host of this process; null if there is none. */
  readonly running: Pick<Host, 'remote'> | null;
  /** Null if none were made yet; words if they cannot be had now and nothing is wrong with that; rejects with words if something is. */
  readonly readKeys: () => Promise<HostKeys | string | null>;
  /** `isHeld`: another Baton has the data folder, and so its own relay. */
  readonly openRelay: (state: { isHeld: boolean }) => Promise<RelayToCheck>;
  readonly listAgents: () => Promise<readonly AgentInfo[]>;
  readonly notifications: () => Finding;
  readonly now: () => number;
  readonly log: Log;
  readonly onCheck?: (check: Check) => void;
  readonly timeoutMs?: number;
  /** Space left on the file system of a folder. */
  readonly freeBytes?: (folder: string) => number;
}

/** Never rejects, and never takes longer than its time-outs. */
export async function runDoctor(options: DoctorOptions): Promise<Diagnosis> {
  const { dataFolder, running, now, log, timeoutMs = CHECK_TIMEOUT_MS } = options;
  const checks: Check[] = [];
  const note = (name: CheckName, finding: Finding, ms: number) => {
    const check = { name, title: CHECK_TITLES[name], ...finding, ms: Math.round(ms) };
    checks.push(check);
    options.onCheck?.(check);
  };
  const take = async <Value>(
    name: CheckName,
    work: () => Promise<Value> | Value,
    describe: (value: Value) => Finding,
    within = timeoutMs,
  ): Promise<Value | null> => {
    const begunAt = performance.now();
    try {
      const value = await inTime(work, within);
      note(name, describe(value), performance.now() - begunAt);
      return value;
    } catch (error) {
      log.warn('A check of the doctor failed', { name, error });
      note(name, wrong(error instanceof Error ? error.message : String(error)), performance.now() - begunAt);
      return null;
    }
  };
  const asIs = (finding: Finding) => finding;

  await take('folder', () => checkFolder(dataFolder, options.freeBytes), asIs);
  await take('settings', () => options.settings, asIs);
  const inspected = await take(
    'history',
    (): HistoryInspected => inspectHistory(dataFolder),
    (found) => (running && found.kind === 'good' ? ok('It is open and in use.') : describeHistory(found, dataFolder)),
  );
  const isHeld = running === null && inspected?.kind === 'good' && inspected.isHeld;
  const read = await take('keys', options.readKeys, (found) => {
    if (typeof found === 'string') return skipped(found);
    return found
      ? ok(`This computer’s keys are there; relays know it as ${found.hostId.slice(0, 8)}….`)
      : skipped('There are no keys yet; the first start makes them.');
  });
  const keys = typeof read === 'string' ? null : read;

  const relay = await takeRelay(options, take, isHeld);
  const signedIn = relay?.kind === 'ready' ? await checkRelay(relay, keys) : skipRelay();
  if (relay?.kind === 'ready') await relay.stop();

  async function checkRelay(ready: Extract<RelayToCheck, { kind: 'ready' }>, own: HostKeys | null) {
    await take('clock', () => checkClock({ origin: ready.phoneOrigin, now, timeoutMs: timeoutMs - 100 }), asIs);
    const test = await testRelay({ address: ready.phoneOrigin, log, timeoutMs });
    for (const name of ['name', 'connect', 'secure', 'upgrade'] as const) noteStep(test, name, name);
    const isReached = test.steps.some(({ step, isOk }) => step === 'upgrade' && isOk);
    if (!isReached || own === null || test.steps.some(({ step, isOk }) => step === 'sign-in' && !isOk)) {
      noteStep(
        test,
        'sign-in',
        'sign-in',
        own === null ? 'It was not tried, without this computer’s keys.' : undefined,
      );
      return { signedIn: null, test };
    }
    const within = timeoutMs - 100;
    const found = await take(
      'sign-in',
      () => checkSignIn({ origin: ready.origin, keys: own, timeoutMs: within }),
      (signed: SignedIn) => signed.finding,
    );
    return { signedIn: found, test };
  }
  function skipRelay() {
    for (const name of ['clock', 'name', 'connect', 'secure', 'upgrade', 'sign-in'] as const) {
      note(name, skipped('There is no relay to ask.'), 0);
    }
    return { signedIn: null, test: null };
  }
  function noteStep(test: RelayTest, step: RelayTestStepName, name: CheckName, obstacle?: string) {
    const done = test.steps.find((one) => one.step === step);
    if (!done) note(name, skipped('Not tried, as what comes before it does not work.'), 0);
    else if (done.isOk && obstacle !== undefined) note(name, skipped(obstacle), 0);
    else note(name, done.isOk ? ok(done.text) : wrong(done.text), done.ms);
  }

  const link = running?.remote.status;
  const paired = running ? running.remote.devices() : null;
  note(
    'link',
    link
      ? describeLink(link, running?.remote.link.heardAt ?? null, now())
      : skipped(
          isHeld
            ? 'The Baton that has the data folder knows how its connection is: look at its status line.'
            : 'Baton does not run.',
        ),
    0,
  );
  note(
    'admission',
    describeAdmission({
      isRunning: running !== null,
      isConnected: link?.kind === 'connected',
      isKnown: signedIn.signedIn?.isKnown ?? (link?.kind === 'connected' ? true : null),
      admitted: running?.remote.admittedCount ?? null,
      paired: paired?.length ?? 0,
    }),
    0,
  );
  if (signedIn.test) noteStep(signedIn.test, 'round-trip', 'round-trip');
  else note('round-trip', skipped('There is no relay to ask.'), 0);
  const seen = inspected?.kind === 'good' ? inspected.devices.map((one) => ({ ...one, connection: null })) : [];
  note('devices', describeDevices(paired ?? seen, now()), 0);
  await take('agents', options.listAgents, describeAgents, Math.max(timeoutMs, AGENTS_TIMEOUT_MS));
  await take('notifications', options.notifications, asIs);

  const text = summarise(checks);
  const isOk = checks.every(({ state }) => state !== 'wrong');
  log.info('The doctor was asked', {
    isOk,
    wrong: checks.filter(({ state }) => state === 'wrong').map(({ name }) => name),
  });
  return { isOk, text, checks, at: now() };
}

type Take = <Value>(
  name: CheckName,
  work: () => Promise<Value> | Value,
  describe: (value: Value) => Finding,
) => Promise<Value | null>;

async function takeRelay(options: DoctorOptions, take: Take, isHeld: boolean): Promise<RelayToCheck | null> {
  return await take(
    'relay',
    () => options.openRelay({ isHeld }),
    (relay) => {
      if (relay.kind === 'refused') return wrong(relay.text);
      if (relay.kind === 'none') return skipped(relay.text);
      const where = relay.phoneOrigin === relay.origin ? '' : `; phones look for it at ${relay.phoneOrigin}`;
      return ok(relay.isOwn ? `Baton’s own, at ${relay.origin}${where}.` : `${relay.origin}${where}.`);
    },
  );
}

function describeAgents(agents: readonly AgentInfo[]): Finding {
  const real = agents.filter(({ id }) => id !== 'demo');
  const found = real.filter(({ isInstalled }) => isInstalled);
  if (found.length > 0) return ok(`Found: ${found.map(({ name }) => name).join(', ')}.`);
  const example = real.find(({ install }) => install !== undefined);
  return wrong(
    `No coding agent was found on the PATH of your login shell. Install one${example ? `, for example ${example.name} with: ${example.install}` : ''}`,
  );
}

async function inTime<Value>(work: () => Promise<Value> | Value, ms: number): Promise<Value> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error('This took too long and was given up.')), ms);
  try {
    return await Promise.race([work(), late]);
  } finally {
    clearTimeout(timer);
  }
}
