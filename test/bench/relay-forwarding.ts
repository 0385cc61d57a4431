/** What the relay costs for each message, against a forwarder that does nothing else, under the same load in the same run. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { answerChallenge, RELAY_SOCKET_PATH } from '#protocol/relay-auth.ts';
import { encodeBridgeFrame } from '#protocol/relay-messages.ts';
import { type BenchRelay, startBenchRelay } from '../support/bench/bench-relay.ts';
import { MeasuredProcess } from '../support/bench/measured-process.ts';
import { encodeBinary, RawSocket } from '../support/bench/raw-socket.ts';
import { createIdentity, type RelayIdentity } from '../support/relay-clients.ts';
import type { Bench, BenchContext, Figure } from './bench.ts';
import { formatNumber, median } from './statistics.ts';

const SIZES = [
  { bytes: 200, name: '200 B' },
  { bytes: 4 * 1024, name: '4 KiB' },
  { bytes: 32 * 1024, name: '32 KiB' },
] as const;
/** How much is written in one go, and how many of these are on their way at once. */
interface Pressure {
  readonly batchBytes: number;
  readonly batchesInFlight: number;
}
/** Enough to keep it busy, and below every limit of the relay. */
const FLOOD: Pressure = { batchBytes: 64 * 1024, batchesInFlight: 8 };
const ONE_AT_A_TIME: Pressure = { batchBytes: 1, batchesInFlight: 1 };

/** One way through a forwarder. */
interface Lane {
  readonly process: MeasuredProcess;
  readonly from: RawSocket;
  readonly to: RawSocket;
  /** A message of so many bytes, as `from` must send it. */
  encode(payload: Uint8Array): Buffer;
}

interface Load {
  readonly messagesPerSecond: number;
  readonly microsPerMessage: number;
}

interface Compared {
  readonly relay: Load;
  readonly bare: Load;
}

type Direction = 'toDevice' | 'toHost';
const DIRECTIONS: readonly (readonly [Direction, string])[] = [
  ['toDevice', 'host → device'],
  ['toHost', 'device → host'],
];

export const relayForwarding: Bench = {
  key: 'd',
  name: 'Relay: forwarding rate and processor time per message',
  async run(context) {
    const seconds = context.isQuick ? 0.3 : 1.5;
    const repeats = context.isQuick ? 1 : 5;
    const relay = await openRelay(context);
    const bare = await openBare();
    const compare = async (bytes: number, direction: Direction, pressure: Pressure): Promise<Compared> => {
      const lanes = { relay: relay[direction], bare: bare[direction] };
      const loads = { relay: [] as Load[], bare: [] as Load[] };
      for (const which of ['relay', 'bare'] as const) await load(lanes[which], bytes, seconds / 3, pressure);
      // In turns, so that what else the machine does meets both alike.
      for (let round = 0; round < repeats; round += 1) {
        for (const which of ['relay', 'bare'] as const) {
          loads[which].push(await load(lanes[which], bytes, seconds, pressure));
        }
      }
      return { relay: middle(loads.relay), bare: middle(loads.bare) };
    };
    const how = `median of ${repeats} × ${seconds} s`;
    const figures: Figure[] = [];
    for (const { bytes, name } of SIZES) {
      for (const [direction, words] of DIRECTIONS) {
        figures.push(describeFlood(`Relay, ${name} ${words}`, await compare(bytes, direction, FLOOD), how));
      }
    }
    const alone = await compare(SIZES[0].bytes, 'toDevice', ONE_AT_A_TIME);
    figures.push(describeAlone(`Relay, ${SIZES[0].name} host → device, one at a time`, alone, how));
    return figures;
  },
};

function middle(loads: readonly Load[]): Load {
  return {
    messagesPerSecond: median(loads.map((one) => one.messagesPerSecond)),
    microsPerMessage: median(loads.map((one) => one.microsPerMessage)),
  };
}

function describeFlood(what: string, { relay, bare }: Compared, how: string): Figure {
  const ratio = relay.microsPerMessage / bare.microsPerMessage;
  const words = (one: Load) =>
    `${formatNumber(one.messagesPerSecond)}/s, ${formatNumber(one.microsPerMessage)} µs CPU each`;
  return {
    what,
    result: `${words(relay)}; bare \`ws\`: ${words(bare)}; CPU ratio ${ratio.toFixed(2)}`,
    how: `${how}, as fast as it goes`,
    values: valuesOf({ relay, bare }),
  };
}

function describeAlone(what: string, { relay, bare }: Compared, how: string): Figure {
  const ratio = relay.microsPerMessage / bare.microsPerMessage;
  const words = (one: Load) =>
    `${formatNumber(1_000_000 / one.messagesPerSecond)} µs on the way, ${formatNumber(one.microsPerMessage)} µs CPU`;
  return {
    what,
    result: `${words(relay)}; bare \`ws\`: ${words(bare)}; CPU ratio ${ratio.toFixed(2)}`,
    how: `${how}, the next one when the last has arrived`,
    values: valuesOf({ relay, bare }),
  };
}

function valuesOf({ relay, bare }: Compared): Record<string, number> {
  return {
    relayPerSecond: relay.messagesPerSecond,
    relayCpuMicros: relay.microsPerMessage,
    barePerSecond: bare.messagesPerSecond,
    bareCpuMicros: bare.microsPerMessage,
    cpuRatio: relay.microsPerMessage / bare.microsPerMessage,
  };
}

/** Sends as fast as the other end receives, for so long. */
async function load(lane: Lane, payloadBytes: number, seconds: number, pressure: Pressure): Promise<Load> {
  const frame = lane.encode(new Uint8Array(payloadBytes).fill(0x77));
  const perBatch = Math.max(1, Math.floor(pressure.batchBytes / payloadBytes));
  const batch = Buffer.concat(Array.from({ length: perBatch }, () => frame));
  const { from, to } = lane;
  const { promise: isDone, resolve: done } = Promise.withResolvers<void>();
  const first = to.received;
  let sent = 0;
  let isSending = true;
  const fill = () => {
    while (isSending && sent - (to.received - first) <= perBatch * (pressure.batchesInFlight - 1)) {
      from.write(batch);
      sent += perBatch;
    }
    if (!isSending && to.received - first === sent) done();
  };
  to.onReceived = fill;
  const watch = setInterval(() => {
    if (from.isClosed || to.isClosed) done();
  }, 50);
  const before = await lane.process.cost();
  fill();
  const stop = setTimeout(() => {
    isSending = false;
    fill();
  }, seconds * 1000);
  await isDone;
  clearInterval(watch);
  clearTimeout(stop);
  const after = await lane.process.cost();
  if (from.isClosed || to.isClosed) throw new Error(`A connection was closed under load:\n${lane.process.output()}`);
  return {
    messagesPerSecond: (sent / (after.at - before.at)) * 1000,
    microsPerMessage: (after.cpuMicros - before.cpuMicros) / sent,
  };
}

async function openRelay({ folder, phoneFolder }: BenchContext): Promise<Record<Direction, Lane>> {
  const data = join(folder, 'relay');
  mkdirSync(data);
  const relay = await startBenchRelay({ folder: data, phoneFolder });
  const [hostIdentity, deviceIdentity] = [await createIdentity(), await createIdentity()];
  const host = await enter(relay, 'host', hostIdentity.id, hostIdentity);
  host.say({ type: 'admit', devices: [{ id: deviceIdentity.id, key: deviceIdentity.key }] });
  await host.expect('admitted');
  const device = await enter(relay, 'device', hostIdentity.id, deviceIdentity);
  await device.expect('open');
  const { channel } = await host.expect<{ channel: number }>('channel.open');
  const { process } = relay;
  return {
    toDevice: {
      process,
      from: host,
      to: device,
      encode: (payload) => encodeBinary(encodeBridgeFrame(channel, payload)),
    },
    toHost: { process, from: device, to: host, encode: encodeBinary },
  };
}

/** Proves who it is and resolves once the relay has taken it in. */
async function enter(
  relay: BenchRelay,
  role: 'host' | 'device',
  hostId: string,
  { id, keys }: RelayIdentity,
): Promise<RawSocket> {
  const socket = await RawSocket.open(relay.port, RELAY_SOCKET_PATH);
  const { nonce } = await socket.expect<{ nonce: string }>('challenge');
  socket.say(await answerChallenge({ role, hostId, id, keys, relayOrigin: relay.origin, nonce }));
  await socket.expect('ready');
  return socket;
}

async function openBare(): Promise<Record<Direction, Lane>> {
  const process = MeasuredProcess.start([join(import.meta.dirname, '../support/bench/bare-forwarder.ts')]);
  const [, port] = await process.untilPrinted(/listening on (\d+)/);
  const one = await RawSocket.open(Number(port), '/');
  const other = await RawSocket.open(Number(port), '/');
  return {
    toDevice: { process, from: one, to: other, encode: encodeBinary },
    toHost: { process, from: other, to: one, encode: encodeBinary },
  };
}
