/** One point of the sweep over the relay: its disk is full from a write on, somewhere between the first admission and the last letter. */
import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { uuidv7 } from 'uuidv7';
import { readDevice, readHost, readJournal } from '#test/chaos/evidence.ts';
import { verify } from '#test/chaos/verify.ts';
import { untilTrue } from '../patience.ts';
import type { RelayStage } from './relay-stage.ts';
import type { Point, PointOutcome } from './sweep.ts';

/** `stays`: the relay lives through it. `killed`: it dies, and begins when there is room. `begins`: it is tried before, too. */
export type RelayFate = 'stays' | 'killed' | 'begins';

const LETTERS = 4;
/** A moment in which things go on, or not. */
const FULL_FOR_MS = 700;
const WITHIN_MS = 20_000;
const STOP_WITHIN_MS = 10_000;
const LOOK_EVERY_MS = 20;
const MEANT_ERRORS = [
  'Failed to store who is admitted',
  'Failed to hand letters over',
  'Failed to keep a letter',
  'Failed to delete letters',
];

export async function playRelayPoint(stage: RelayStage, { at, spare, fate }: Point<RelayFate>): Promise<PointOutcome> {
  const { layer, host } = stage;
  const problems: string[] = [];
  await layer.arm('relay', at, spare);
  const { strike } = layer;
  const room = makeRoomLater(stage, fate, problems);
  await host.start();
  await stage.pair();
  const session = uuidv7();
  stage.device.send('session.new', session, { agent: 'demo', folder: stage.project, title: 'Swept' });
  const isIdle = () => stage.device.state?.sessions[0]?.state === 'idle';
  await untilTrue('a session', () => stage.device.isConnected && isIdle(), WITHIN_MS);

  await stopHost(stage);
  const prompts = Array.from({ length: LETTERS }, () => {
    return stage.device.send('prompt', session, { text: `echo: ${randomUUID()}` });
  });
  await untilLeft(stage, room, prompts);
  stage.closeDevice();
  await host.start();
  const isDone = (id: string) => stage.hostCommands().get(id) === 'applied';
  await untilTrue(
    () => `the letters: ${prompts.map((id) => stage.hostCommands().get(id) ?? 'not there').join(', ')}`,
    () => prompts.every(isDone),
    WITHIN_MS,
  );
  const { freedAt, writes } = await room.settle();
  await stage.openDevice();
  const { device } = stage;
  const isAtRest = () =>
    device.isConnected && isIdle() && prompts.every((id) => device.receiptOf(id)?.state === 'applied');
  const isWhole = () => readHost(stage.historyFile).events.get(session)?.length === device.store.events(session).length;
  await untilTrue('rest', () => isAtRest() && isWhole(), WITHIN_MS);
  const recoveredMs = freedAt === null ? null : performance.now() - freedAt;
  await untilTrue(
    async () => `every letter to be acknowledged; ${await stage.countLetters()} are not`,
    async () => (await stage.countLetters()) === 0,
    WITHIN_MS,
  );
  problems.push(...judge(stage));
  return { what: strike.what, writes, failed: strike.failed.length, noticedMs: null, recoveredMs, problems };
}

async function stopHost(stage: RelayStage): Promise<void> {
  await stage.host.stop(STOP_WITHIN_MS);
  await stage.device.until('the computer to be gone', () => !stage.device.isConnected);
}

/** Every prompt at the relay. One that it refused on its full disk is left again when the phone connects the next time. */
async function untilLeft(stage: RelayStage, room: Room, prompts: readonly string[]): Promise<void> {
  const { device } = stage;
  const isKept = (id: string) =>
    device.store.outbox().find(({ command }) => command.id === id)?.letter?.state === 'kept';
  const isRefused = () => device.mail.refusals.length > 0;
  await device.until('letters that are kept, or refused', () => isRefused() || prompts.every(isKept), WITHIN_MS);
  await room.isMade();
  if (prompts.every(isKept)) return;
  device.cut();
  const reasons = () => device.mail.refusals.map(({ reason }) => reason).join(', ');
  await untilTrue(
    () => `the letters to be kept: ${reasons()}`,
    () => prompts.every(isKept),
    WITHIN_MS,
  );
}

interface Room {
  /** Resolves when there is room, if there was none. */
  isMade(): Promise<void>;
  /** Nothing becomes full any more. Resolves when there is room. */
  settle(): Promise<{ freedAt: number | null; writes: number }>;
}

/** Frees the disk a moment after it has become full, whatever else goes on. */
function makeRoomLater(stage: RelayStage, fate: RelayFate, problems: string[]): Room {
  const { strike } = stage.layer;
  const isSettled = { value: false };
  const free = async (): Promise<number | null> => {
    while (strike.what === null && !isSettled.value) await wait(LOOK_EVERY_MS);
    if (strike.what === null) return null;
    await wait(FULL_FOR_MS);
    if (fate !== 'stays') await stage.killRelay();
    if (fate === 'begins') {
      await stage.startRelay().catch(() => {});
      if (!stage.isRelayRunning && !/The disk .*is full/.test(stage.printed))
        problems.push(`It did not start: ${stage.printed}`);
    }
    stage.disk.free();
    if (!stage.isRelayRunning) {
      if (fate === 'stays') problems.push(`The relay has ended: ${stage.printed.slice(-500)}`);
      await stage.startRelay();
    }
    return performance.now();
  };
  const freed = free();
  freed.catch(() => {}); // Anyone who waits for it hears of it.
  return {
    isMade: async () => {
      if (strike.what !== null) await freed;
    },
    async settle() {
      const writes = strike.what === null ? await stage.layer.disarm('relay') : 0;
      isSettled.value = true;
      return { freedAt: await freed, writes };
    },
  };
}

function judge(stage: RelayStage): string[] {
  const evidence = {
    host: readHost(stage.historyFile),
    devices: [readDevice('The phone', stage.deviceFile)],
    journal: readJournal(stage.journal),
    keeperKills: 0,
  };
  const order = evidence.devices.flatMap(({ commands }) => commands.filter(({ kind }) => kind === 'prompt'));
  const texts = order.map(({ body }) => (body as { text: string }).text);
  return [
    ...verify(evidence).violations,
    ...(texts.join() === evidence.journal.join()
      ? []
      : ['The prompts were not executed in the order in which they were made.']),
    ...stage.printed
      .split('\n')
      .filter((line) => !isMeant(line))
      .map((line) => `The relay printed: ${line.slice(0, 300)}`),
  ];
}

/** What a relay may say. */
function isMeant(line: string): boolean {
  if (line === '' || line.startsWith('listening')) return true;
  if (!line.startsWith('{')) return /The disk .*is full/.test(line);
  const { level, message } = JSON.parse(line) as { level: string; message: string };
  return level !== 'error' || MEANT_ERRORS.some((text) => message.startsWith(text));
}
