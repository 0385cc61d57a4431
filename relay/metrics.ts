import { monitorEventLoopDelay } from 'node:perf_hooks';
import { CloseCode } from '#protocol/close-codes.ts';
import type { MailRefusal, RelayRole } from '#protocol/relay-messages.ts';

/** A client may close with any number; only these get a line of their own. */
const NAMED_CODES: ReadonlySet<number> = new Set<number>([
  1000,
  1001,
  1002,
  1005,
  1006,
  1007,
  1009,
  1011,
  ...Object.values(CloseCode),
]);
const DELAY_RESOLUTION_MS = 20;
const NANOSECONDS_PER_SECOND = 1e9;

export type RelayRefusal = 'address' | 'failures' | 'identity' | 'pairing' | 'host' | 'reopen' | 'control' | 'full';

/** What `Relay.metrics()` tells; all counts are since the start, except those under `now`. */
export interface RelayMetrics {
  readonly now: {
    readonly sockets: Readonly<Record<RelayRole | 'unauthenticated', number>>;
    readonly channels: number;
    readonly pairingCodes: number;
    /** Letters that wait for a host. */
    readonly letters: number;
    readonly letterBytes: number;
    readonly residentBytes: number;
    /** Seconds. */
    readonly eventLoopDelay: { readonly p50: number; readonly p99: number; readonly max: number };
  };
  readonly framesToHost: number;
  readonly bytesToHost: number;
  readonly framesToDevice: number;
  readonly bytesToDevice: number;
  readonly framesDropped: number;
  readonly closes: Readonly<Record<string, number>>;
  /** First ones and renewals. */
  readonly authentications: number;
  readonly authFailures: number;
  readonly refusals: Readonly<Record<RelayRefusal, number>>;
  readonly slowDevices: number;
  readonly frozenHosts: number;
  readonly devicePauses: number;
  readonly silentSockets: number;
  readonly lettersKept: number;
  /** As often as they were handed over. */
  readonly lettersHanded: number;
  readonly lettersTaken: number;
  readonly lettersCancelled: number;
  readonly lettersExpired: number;
  /** Their device was taken off the list. */
  readonly lettersForgotten: number;
  readonly letterRefusals: Readonly<Record<MailRefusal, number>>;
}

/** What the parts of the relay count. Plain fields, since some are counted per frame. */
export class Counters {
  framesToHost = 0;
  bytesToHost = 0;
  framesToDevice = 0;
  bytesToDevice = 0;
  framesDropped = 0;
  authentications = 0;
  authFailures = 0;
  slowDevices = 0;
  frozenHosts = 0;
  devicePauses = 0;
  silentSockets = 0;
  lettersKept = 0;
  lettersHanded = 0;
  lettersTaken = 0;
  lettersCancelled = 0;
  lettersExpired = 0;
  lettersForgotten = 0;
  readonly letterRefusals: Record<MailRefusal, number> = {
    full: 0,
    'no-room': 0,
    'too-large': 0,
    'host-online': 0,
    'host-takes-none': 0,
    'not-admitted': 0,
    'too-often': 0,
  };
  readonly refusals: Record<RelayRefusal, number> = {
    address: 0,
    failures: 0,
    identity: 0,
    pairing: 0,
    host: 0,
    reopen: 0,
    control: 0,
    full: 0,
  };
  readonly closes: Record<string, number> = {};

  countClose(code: number): void {
    const name = NAMED_CODES.has(code) ? String(code) : 'other';
    this.closes[name] = (this.closes[name] ?? 0) + 1;
  }
}

export interface LiveCounts {
  readonly sockets: RelayMetrics['now']['sockets'];
  readonly channels: number;
  readonly pairingCodes: number;
  readonly letters: number;
  readonly letterBytes: number;
}

export interface MetricsSource {
  snapshot(): RelayMetrics;
  [Symbol.dispose](): void;
}

export function createMetrics(counters: Counters, live: () => LiveCounts): MetricsSource {
  const delay = monitorEventLoopDelay({ resolution: DELAY_RESOLUTION_MS });
  delay.enable();
  // The histogram measures the whole interval; what lies above its resolution is delay.
  const seconds = (nanoseconds: number): number =>
    Math.max(0, nanoseconds / NANOSECONDS_PER_SECOND - DELAY_RESOLUTION_MS / 1000);
  return {
    snapshot: () => ({
      now: {
        ...live(),
        residentBytes: process.memoryUsage.rss(),
        eventLoopDelay: {
          p50: seconds(delay.percentile(50)),
          p99: seconds(delay.percentile(99)),
          max: seconds(delay.max),
        },
      },
      framesToHost: counters.framesToHost,
      bytesToHost: counters.bytesToHost,
      framesToDevice: counters.framesToDevice,
      bytesToDevice: counters.bytesToDevice,
      framesDropped: counters.framesDropped,
      closes: { ...counters.closes },
      authentications: counters.authentications,
      authFailures: counters.authFailures,
      refusals: { ...counters.refusals },
      slowDevices: counters.slowDevices,
      frozenHosts: counters.frozenHosts,
      devicePauses: counters.devicePauses,
      silentSockets: counters.silentSockets,
      lettersKept: counters.lettersKept,
      lettersHanded: counters.lettersHanded,
      lettersTaken: counters.lettersTaken,
      lettersCancelled: counters.lettersCancelled,
      lettersExpired: counters.lettersExpired,
      lettersForgotten: counters.lettersForgotten,
      letterRefusals: { ...counters.letterRefusals },
    }),
    [Symbol.dispose]: () => delay.disable(),
  };
}

/** Prometheus text exposition format 0.0.4. */
export function renderMetrics(metrics: RelayMetrics): string {
  const lines: string[] = [];
  const add = (
    type: 'counter' | 'gauge',
    name: string,
    help: string,
    values: Iterable<readonly [string, number]>,
  ): void => {
    lines.push(`# HELP baton_relay_${name} ${help}`, `# TYPE baton_relay_${name} ${type}`);
    for (const [label, value] of values) lines.push(`baton_relay_${name}${label} ${value}`);
  };
  const labelled = (label: string, record: Readonly<Record<string, number>>): [string, number][] =>
    Object.entries(record).map(([key, value]) => [`{${label}="${key}"}`, value]);
  const { now } = metrics;
  add('gauge', 'sockets', 'Open sockets by role.', labelled('role', now.sockets));
  add('gauge', 'channels', 'Open channels between a host and a device.', [['', now.channels]]);
  add('gauge', 'pairing_codes', 'Pairing codes, unused or remembered as used.', [['', now.pairingCodes]]);
  add('counter', 'frames_total', 'Frames forwarded, by receiver.', [
    ['{to="host"}', metrics.framesToHost],
    ['{to="device"}', metrics.framesToDevice],
  ]);
  add('counter', 'frame_bytes_total', 'Bytes of frames forwarded, by receiver.', [
    ['{to="host"}', metrics.bytesToHost],
    ['{to="device"}', metrics.bytesToDevice],
  ]);
  add('counter', 'frames_dropped_total', 'Frames for a channel that is not open.', [['', metrics.framesDropped]]);
  add('counter', 'closes_total', 'Closed sockets by close code.', labelled('code', metrics.closes));
  add('counter', 'authentications_total', 'Good authentications, first ones and renewals.', [
    ['', metrics.authentications],
  ]);
  add('counter', 'auth_failures_total', 'Failed authentications.', [['', metrics.authFailures]]);
  add('counter', 'refusals_total', 'Refusals by the limit that was reached.', labelled('limit', metrics.refusals));
  add('counter', 'slow_devices_total', 'Devices closed because they did not read fast enough.', [
    ['', metrics.slowDevices],
  ]);
  add('counter', 'frozen_hosts_total', 'Hosts cut because they did not read.', [['', metrics.frozenHosts]]);
  add('counter', 'device_pauses_total', 'Times a device was held back because its host was slow.', [
    ['', metrics.devicePauses],
  ]);
  add('counter', 'silent_sockets_total', 'Sockets cut because nothing was heard of them.', [
    ['', metrics.silentSockets],
  ]);
  add('gauge', 'letters', 'Letters that wait for a host.', [['', now.letters]]);
  add('gauge', 'letter_bytes', 'Bytes of the letters that wait for a host.', [['', now.letterBytes]]);
  add('counter', 'letters_total', 'Letters by what became of them.', [
    ['{event="kept"}', metrics.lettersKept],
    ['{event="handed"}', metrics.lettersHanded],
    ['{event="taken"}', metrics.lettersTaken],
    ['{event="cancelled"}', metrics.lettersCancelled],
    ['{event="expired"}', metrics.lettersExpired],
    ['{event="forgotten"}', metrics.lettersForgotten],
  ]);
  add('counter', 'letter_refusals_total', 'Letters that were not kept.', labelled('reason', metrics.letterRefusals));
  add('gauge', 'resident_bytes', 'Resident memory of the process.', [['', now.residentBytes]]);
  add(
    'gauge',
    'event_loop_delay_seconds',
    'Delay of the event loop since the start.',
    labelled('quantile', now.eventLoopDelay),
  );
  return `${lines.join('\n')}\n`;
}
