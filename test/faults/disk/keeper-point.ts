/** One point of the sweep over the keeper: the host is dead, the agent talks on, and the spool is full from one of its writes on. */
import { untilTrue } from '../patience.ts';
import { judge } from './host-point.ts';
import type { HostStage } from './host-stage.ts';
import { Person } from './person.ts';
import type { Point, PointOutcome } from './sweep.ts';

/** When the next host begins: after there is room again, or on the full disk. */
export type KeeperFate = 'host-after-room' | 'host-before-room';

/** What the writes are counted in; on a busy machine one write takes more of it, so that the points get more to reach theirs. */
const COUNTED_PIECES = 400;
const PIECES = 1_000;
const STRIKE_WITHIN_MS = 15_000;
const REST_WITHIN_MS = 20_000;

export async function playKeeperPoint(stage: HostStage, { at, spare, fate }: Point<KeeperFate>): Promise<PointOutcome> {
  const { layer, disk, host } = stage;
  const problems: string[] = [];
  const logFrom = stage.logLength;
  const session = await stage.newSession();
  const person = new Person(stage, session);
  const pieces = (at === Number.MAX_SAFE_INTEGER ? COUNTED_PIECES : PIECES) + stage.nextNumber();
  const prompt = person.prompt(`long ${pieces}`);
  await stage.device.untilReceipt(prompt, 'applied');
  await host.kill();
  await layer.arm('keeper', at, spare);
  const { strike } = layer;
  const isSaid = () => stage.saidByAgent(session).includes(`${pieces}`);
  await untilTrue(
    'a write that fails, or the end of the turn',
    () => strike.failed.length > 0 || isSaid(),
    STRIKE_WITHIN_MS,
  );
  const writes = await layer.disarm('keeper');
  const struckAt = performance.now();
  if (strike.failed.length > 0 && fate === 'host-before-room') {
    await host.start().catch(() => {});
    if (host.refusal !== null && !/The disk is full/.test(host.refusal)) problems.push(`It refused: ${host.refusal}`);
    if (host.refusal === null)
      await untilTrue('the host to say that the disk is full', () => person.toldAt !== null, REST_WITHIN_MS);
  }
  const noticedMs = person.toldAt === null ? null : person.toldAt - struckAt;
  disk.free();
  const freedAt = performance.now();
  if (host.pid === null) await host.start();
  await stage.device.until('a connection', () => stage.device.isConnected && stage.device.state !== null);
  const isOver = () => stage.unrest().length === 0;
  await untilTrue(() => `rest: ${stage.unrest().join(' ')}`, isOver, REST_WITHIN_MS);
  const recoveredMs = performance.now() - freedAt;
  problems.push(...judge(stage, session, logFrom));
  await stage.endSession(session);
  return { what: strike.what, writes, failed: strike.failed.length, noticedMs, recoveredMs, problems };
}
