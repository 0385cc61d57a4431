/** One point of the sweep over the host: the disk is full from one of its writes on, in a turn with a question and a queue. */
import { randomUUID } from 'node:crypto';
import type { WireEvent } from '#protocol/events.ts';
import { verify } from '#test/chaos/verify.ts';
import { untilTrue } from '../patience.ts';
import type { HostStage } from './host-stage.ts';
import { Person } from './person.ts';
import type { PointOutcome } from './sweep.ts';

/** `stays`: the host lives through it. `killed`: it dies on the full disk. `begins`: and another one begins there. */
export type HostFate = 'stays' | 'killed' | 'begins';

const NOTICE_WITHIN_MS = 5_000;
const REST_WITHIN_MS = 20_000;
const STILL_FOR_MS = 250;

export async function playHostPoint(
  stage: HostStage,
  { at, spare, fate }: { at: number; spare: number; fate: HostFate },
): Promise<PointOutcome> {
  const { layer, disk, host } = stage;
  const problems: string[] = [];
  const logFrom = stage.logLength;
  const session = await stage.newSession();
  const person = new Person(stage, session);
  await layer.arm('host', at, spare);
  const { strike } = layer;
  person.begin();
  const isOver = () => stage.unrest().length === 0;
  await untilTrue(
    () => `the strike: ${stage.unrest().join(' ')}`,
    () => strike.what !== null || isOver(),
    REST_WITHIN_MS,
  );
  const writes = await layer.disarm('host');
  const times = { noticedMs: null as number | null, recoveredMs: null as number | null };
  if (strike.what !== null) {
    const struckAt = performance.now();
    person.prompt(`echo: meanwhile ${randomUUID()}`);
    await untilStill(stage, struckAt);
    times.noticedMs = person.toldAt === null ? null : Math.max(0, person.toldAt - struckAt);
    if (strike.failed.some((what) => !what.endsWith('.log')) && person.toldAt === null)
      problems.push(`Nobody was told that the disk is full: ${strike.failed.join()}.`);
    if (fate !== 'stays') await host.kill();
    if (fate === 'begins') await host.start().catch(() => {});
    if (host.refusal !== null && !/The disk is full/.test(host.refusal)) problems.push(`It refused: ${host.refusal}`);
    disk.free();
    const freedAt = performance.now();
    if (fate !== 'stays' && host.pid === null) await host.start();
    await stage.device.until('a connection', () => stage.device.isConnected && stage.device.state !== null);
    person.goOn();
    await untilTrue(() => `rest: ${stage.unrest().join(' ')}`, isOver, REST_WITHIN_MS);
    times.recoveredMs = performance.now() - freedAt;
  }
  problems.push(...judge(stage, session, logFrom));
  await stage.endSession(session);
  return { what: strike.what, writes, failed: strike.failed.length, ...times, problems };
}

/** Until the full disk was noted, and nothing more happens on it. */
async function untilStill(stage: HostStage, since: number): Promise<void> {
  const { strike } = stage.layer;
  let failed = 0;
  let movedAt = since;
  const isStill = () => {
    if (strike.failed.length !== failed) movedAt = performance.now();
    failed = strike.failed.length;
    return performance.now() - Math.max(movedAt, stage.heardAt) > STILL_FOR_MS;
  };
  await untilTrue('the host to stand still on a full disk', isStill, NOTICE_WITHIN_MS);
}

/** Everything compared with everything, after one turn of this session. */
export function judge(stage: HostStage, session: string, logFrom: number): string[] {
  const evidence = stage.evidence();
  const isRefused = (text: string) => /never reached the host; its device says "rejected"/.test(text);
  const log = evidence.host.events.get(session) ?? [];
  const [said, remembered] = [textOf(log), stage.saidByAgent(session)];
  const detail = stage.stateOf(session)?.detail;
  const lines = stage.strangeErrors(logFrom);
  return [
    ...verify(evidence).violations.filter((text) => !isRefused(text)),
    ...(said === remembered
      ? []
      : [`The log has ${said.length} characters of what the agent said, not ${remembered.length}.`]),
    ...(log.filter(({ kind }) => kind === 'session.interrupted').length > 0 ? ['The session was interrupted.'] : []),
    ...(detail?.includes('disk') ? [`It still says “${detail}”.`] : []),
    ...stage.failures.splice(0).map((text) => `The channel broke: ${text}`),
    ...lines.map((line) => `In the log: ${line.slice(0, 300)}`),
    ...(stage.host.printed === '' ? [] : [`The host printed: ${stage.host.printed.slice(0, 300)}`]),
  ];
}

function textOf(log: readonly WireEvent[]): string {
  return log.flatMap(({ kind, body }) => (kind === 'message' ? [(body as { text: string }).text] : [])).join('');
}
