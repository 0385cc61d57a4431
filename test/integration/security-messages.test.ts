import fc from 'fast-check';
import { uuidv7 } from 'uuidv7';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Bytes, utf8 } from '#protocol/bytes.ts';
import { CloseCode } from '#protocol/close-codes.ts';
import { COMMAND_BODY_MAX_BYTES, MESSAGE_MAX_BYTES, PAGE_MAX_EVENTS, SESSIONS_MAX } from '#protocol/limits.ts';
import { type FromDevice, fromDevice } from '#protocol/messages.ts';
import { type ForgedHost, startForgedHost } from '../support/chaos/forged-host.ts';
import { encodeBody, encodeMessage, type RawDevice, type RawIdentity } from '../support/chaos/raw-device.ts';

let forged: ForgedHost;
let session: string;
let identity: RawIdentity;
/** Well-behaved, and connected through every test. */
let other: RawDevice;
let pings = 0;

beforeAll(async () => {
  forged = await startForgedHost();
  session = await forged.baton.startSession();
  identity = await forged.addDevice('One');
});
afterAll(() => forged.stop());
beforeEach(async () => {
  other = await forged.connect(await forged.addDevice('Other'));
});
/** Whatever one device did, the others go on. */
afterEach(async () => {
  pings += 1;
  await other.ping(pings);
  forged.relay.closeAll();
});

function commandOf(kind: string, body: unknown, id = uuidv7()) {
  return { type: 'command' as const, command: { id, session, kind, body, at: Date.now() } };
}

/** After a round trip: the host has answered by then. */
async function receiptOf(device: RawDevice, command: string) {
  pings += 1;
  await device.ping(pings);
  return device.messages.find((message) => message.type === 'receipt' && message.command === command);
}

/** One of each message, as it should be. */
function samples(): FromDevice[] {
  return [
    { type: 'sync', cursors: [{ session, epoch: 'epoch', seq: 0 }] },
    { type: 'ack', session, seq: 1 },
    commandOf('session.rename', { title: 'Renamed' }),
    { type: 'page', request: 'r', session, before: 1, limit: 1 },
    { type: 'blob', request: 'r', session, blob: 'b' },
    { type: 'watch', session },
    { type: 'ping', id: 1, lastRoundTripMs: null },
    { type: 'bye' },
  ];
}

type Path = readonly (string | number)[];

/** Every place in a value, from the whole to the last leaf. */
function pathsIn(value: unknown, at: Path = []): Path[] {
  const inside = typeof value === 'object' && value !== null ? Object.entries(value) : [];
  return [at, ...inside.flatMap(([key, item]) => pathsIn(item, [...at, key]))];
}

function replaceAt(value: unknown, [key, ...rest]: Path, replacement: unknown): unknown {
  if (key === undefined) return replacement;
  const copy = (Array.isArray(value) ? [...value] : { ...(value as object) }) as Record<string | number, unknown>;
  if (rest.length === 0 && replacement === undefined) delete copy[key];
  else copy[key] = replaceAt(copy[key], rest, replacement);
  return copy;
}

/** What may stand where something else belongs. `undefined`: nothing at all. */
const strange = fc.oneof(
  fc.constantFrom<unknown>(
    undefined,
    null,
    true,
    -1,
    0.5,
    2 ** 53,
    1e308,
    '',
    'x'.repeat(201),
    [],
    {},
    [[]],
    '__proto__',
  ),
  fc.jsonValue({ maxDepth: 2 }),
);

test('a message with anything wrong anywhere in it ends its channel', async () => {
  const mutated = fc
    .constantFrom(...samples())
    .chain((sample) => fc.tuple(fc.constant(sample), fc.constantFrom(...pathsIn(sample)), strange))
    .map(([sample, path, replacement]) => replaceAt(sample, path, replacement))
    .filter((message) => message !== undefined && !fromDevice.safeParse(message).success);
  await fc.assert(
    fc.asyncProperty(mutated, async (message) => {
      const device = await forged.connect(identity);
      await device.sayAnything(message);
      expect(await device.channel.untilClosed()).toBe(CloseCode.channelBroken);
    }),
    { numRuns: 150 },
  );
});

const tooMuch: Record<string, () => unknown> = {
  'more cursors than there can be': () => ({
    type: 'sync',
    cursors: Array.from({ length: SESSIONS_MAX * 4 + 1 }, () => ({ session, epoch: '', seq: 0 })),
  }),
  'a page larger than a page may be': () => ({
    type: 'page',
    request: 'r',
    session,
    before: 9,
    limit: PAGE_MAX_EVENTS + 1,
  }),
  'a name for a request that is no name': () => ({ type: 'blob', request: 'r'.repeat(201), session, blob: 'b' }),
  'a message of a kind that nobody knows': () => ({ type: 'shutdown' }),
};

test.each(Object.entries(tooMuch))('%s ends the channel', async (_, message) => {
  const device = await forged.connect(identity);
  await device.sayAnything(message());
  expect(await device.channel.untilClosed()).toBe(CloseCode.channelBroken);
});

const streams: Record<string, () => Bytes> = {
  'a message that claims to be larger than one may be': () => encodeBody(new Uint8Array(8), MESSAGE_MAX_BYTES + 1),
  'a message that claims to be as large as can be written': () => encodeBody(new Uint8Array(8), 0xffff_ffff),
  'an empty message': () => encodeBody(new Uint8Array(0)),
  'a message that is no JSON': () => encodeBody(utf8('{"type":"ping",')),
  'a message that is no UTF-8': () => encodeBody(Uint8Array.of(0x22, 0xff, 0xfe, 0x22)),
};

test.each(Object.entries(streams))('%s ends the channel', async (_, stream) => {
  const device = await forged.connect(identity);
  await device.sendStream(stream());
  expect(await device.channel.untilClosed()).toBe(CloseCode.channelBroken);
});

test('a message in many tiny frames, and many messages in one, arrive as they are', async () => {
  const device = await forged.connect(identity);
  for (const byte of encodeMessage({ type: 'ping', id: 900, lastRoundTripMs: null }))
    await device.sendStream(Uint8Array.of(byte));
  const many = [901, 902, 903].map((id) => encodeMessage({ type: 'ping', id, lastRoundTripMs: null }));
  await device.sendStream(Uint8Array.from(many.flatMap((bytes) => [...bytes])));
  await device.ping(904);
  const pongs = device.messages.flatMap((message) => (message.type === 'pong' ? [message.id] : []));
  expect(pongs).toEqual([900, 901, 902, 903, 904]);
});

test('a command that is too large, unknown or malformed is refused in words, and leaves no trace', async () => {
  const device = await forged.connect(identity);
  const last = forged.baton.host.history.events.last(session);
  const refusals: [ReturnType<typeof commandOf>, string][] = [
    [commandOf('prompt', { text: 'x'.repeat(COMMAND_BODY_MAX_BYTES) }), 'too large: at most 1024 KiB'],
    // Fewer characters than the limit has bytes, and more bytes.
    [commandOf('prompt', { text: '€'.repeat(COMMAND_BODY_MAX_BYTES / 2) }), 'too large: at most 1024 KiB'],
    [commandOf('format.disk', {}), 'does not know the command "format.disk"'],
    [commandOf('toString', {}), 'does not know the command "toString"'],
    [commandOf('prompt', { text: 7 }), 'malformed at "text"'],
    [commandOf('prompt', null), 'malformed'],
    [commandOf('session.rename', { title: 'x'.repeat(201) }), 'malformed at "title"'],
  ];
  for (const [message, words] of refusals) {
    await device.sayAnything(message);
    expect(await receiptOf(device, message.command.id)).toMatchObject({
      state: 'rejected',
      reason: expect.stringContaining(words),
    });
  }
  expect(forged.baton.host.history.events.last(session)).toBe(last);
});

test('a command that nests deeper than can be followed is refused, and the channel lives on', async () => {
  const device = await forged.connect(identity);
  const depth = 200_000;
  const message = commandOf('prompt', 'here');
  const text = JSON.stringify(message).replace('"here"', `${'['.repeat(depth)}${']'.repeat(depth)}`);
  await device.sendStream(encodeBody(utf8(text)));
  expect(await receiptOf(device, message.command.id)).toMatchObject({ state: 'rejected' });
});

test('a command id that another device has used gets neither its receipt nor its place', async () => {
  const [device, id] = [await forged.connect(identity), uuidv7()];
  await device.say(commandOf('session.rename', { title: 'Mine' }, id));
  await device.until('receipt');
  await other.say(commandOf('session.rename', { title: 'Mine' }, id));
  expect(await other.until('receipt')).toMatchObject({ command: id, state: 'rejected' });
  expect(forged.baton.host.supervisor.state().sessions.find((one) => one.id === session)?.title).toBe('Mine');
});

test('whatever a well-formed message asks about, however absurd, the channel lives on', async () => {
  const device = await forged.connect(identity);
  const anySession = fc.oneof(fc.constant(session), fc.uuid());
  const count = fc.oneof(fc.nat(5), fc.constant(Number.MAX_SAFE_INTEGER));
  const name = fc.string({ minLength: 1, maxLength: 20 });
  const asked = fc.oneof(
    fc.record({
      type: fc.constant('sync' as const),
      cursors: fc.array(fc.record({ session: anySession, epoch: name, seq: count }), { maxLength: 5 }),
    }),
    fc.record({ type: fc.constant('ack' as const), session: anySession, seq: count }),
    fc.record({
      type: fc.constant('page' as const),
      request: name,
      session: anySession,
      before: count,
      limit: fc.integer({ min: 1, max: PAGE_MAX_EVENTS }),
    }),
    fc.record({ type: fc.constant('blob' as const), request: name, session: anySession, blob: name }),
    fc.record({ type: fc.constant('watch' as const), session: fc.option(anySession) }),
    fc.record({
      type: fc.constant('command' as const),
      command: fc.record({
        id: fc.uuid(),
        session: fc.uuid(),
        kind: fc.constantFrom('prompt', 'cancel', 'answer', 'session.end', 'mode.set', 'prompt.resolve', 'constructor'),
        body: fc.jsonValue(),
        at: fc.double({ noNaN: true, noDefaultInfinity: true }),
      }),
    }),
  );
  await fc.assert(
    fc.asyncProperty(asked, async (message) => {
      await device.say(message);
      pings += 1;
      await device.ping(pings);
    }),
    { numRuns: 150 },
  );
});
