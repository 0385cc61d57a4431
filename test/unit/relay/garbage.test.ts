/** Whatever anybody sends, the relay closes at most that socket, and everybody else goes on. */
import { connect } from 'node:net';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { connectDevice, connectHost, createIdentity, createPairId, RelaySocket } from '#test/support/relay-clients.ts';
import { type Bridged, bridge, type RelayFixture, startRelay } from './relay-fixture.ts';

const UNLIMITED = { max: 1e9, windowMs: 1 };
const limits = {
  attemptsPerAddress: UNLIMITED,
  failuresPerAddress: UNLIMITED,
  failuresPerHost: UNLIMITED,
  connectionsPerIdentity: UNLIMITED,
  reopensPerDevice: UNLIMITED,
  newHostsPerAddress: UNLIMITED,
};

const anyMessage = fc.oneof(
  fc.record({ binary: fc.uint8Array({ maxLength: 200 }) }),
  fc.record({ text: fc.string({ maxLength: 200 }) }),
  fc.record({ text: fc.json() }),
  // Almost a message: the right type with fields of any kind.
  fc.record({ text: almostMessage() }),
);

function almostMessage() {
  const field = fc.oneof(
    fc.anything({ maxDepth: 2 }),
    fc.constant(createPairId()),
    fc.integer(),
    fc.array(fc.record({ id: fc.constantFrom(createPairId(), ''), key: fc.base64String() })),
  );
  return fc
    .record(
      {
        type: fc.constantFrom(
          'auth',
          'admit',
          'pair.open',
          'pair.close',
          'channel.close',
          'reopen',
          'challenge',
          '__proto__',
        ),
        version: field,
        role: fc.constantFrom('host', 'device', 'pairing', 'admin'),
        hostId: field,
        id: field,
        key: field,
        signature: field,
        devices: field,
        pairId: field,
        channel: field,
        code: fc.oneof(field, fc.constantFrom(4000, 4999, 1000, 5000)),
        reason: field,
      },
      { requiredKeys: ['type'] },
    )
    .map((message) => JSON.stringify(message, (_, value) => (typeof value === 'bigint' ? String(value) : value)));
}

type Garbage = { binary: Uint8Array } | { text: string };

async function pour(socket: RelaySocket, messages: readonly Garbage[]): Promise<void> {
  for (const message of messages) {
    if ('binary' in message) socket.sendFrame(message.binary);
    else socket.webSocket.send(message.text);
  }
  await socket.close();
}

/** The relay still forwards, and has not thought any of it a bug of its own. */
async function expectAlive(fixture: RelayFixture, { host, device, channel }: Bridged): Promise<void> {
  const proof = Buffer.from(createPairId());
  host.send(channel, proof);
  expect(await device.nextFrame()).toEqual(proof);
  expect(fixture.log.filter(({ level }) => level === 'error')).toEqual([]);
}

test('garbage before the authentication', async () => {
  const fixture = await startRelay({ limits });
  const good = await bridge(fixture);
  await fc.assert(
    fc.asyncProperty(fc.array(anyMessage, { maxLength: 5 }), async (messages) => {
      const socket = new RelaySocket(fixture.origin);
      await socket.expect('challenge');
      await pour(socket, messages);
      await expectAlive(fixture, good);
    }),
    { numRuns: 60 },
  );
});

test('garbage from an authenticated host', async () => {
  const fixture = await startRelay({ limits });
  const good = await bridge(fixture);
  const identity = await createIdentity();
  await fc.assert(
    fc.asyncProperty(fc.array(anyMessage, { maxLength: 8 }), async (messages) => {
      const bad = await connectHost(fixture.origin, identity);
      await pour(bad.socket, messages);
      await expectAlive(fixture, good);
    }),
    { numRuns: 60 },
  );
});

test('garbage from an admitted device closes nobody else, not even its own host', async () => {
  const fixture = await startRelay({ limits });
  const good = await bridge(fixture);
  const bad = await createIdentity();
  await good.host.admit(good.identity, bad);
  await fc.assert(
    fc.asyncProperty(fc.array(anyMessage, { maxLength: 8 }), async (messages) => {
      const socket = await connectDevice(fixture.origin, good.host.hostId, bad);
      await pour(socket, messages);
      await expectAlive(fixture, good);
    }),
    { numRuns: 60 },
  );
});

test('bytes that are no WebSocket frames', async () => {
  const fixture = await startRelay({ limits });
  const good = await bridge(fixture);
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 500 }), async (bytes) => {
      await new Promise<void>((resolve) => {
        const socket = connect(fixture.relay.port, '127.0.0.1', () => {
          socket.write(
            `GET /v1 HTTP/1.1\r\nHost: relay\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${'A'.repeat(22)}==\r\n\r\n`,
          );
          socket.end(bytes);
        });
        socket.on('error', () => {});
        socket.on('close', () => resolve());
        socket.resume();
      });
      await expectAlive(fixture, good);
    }),
    { numRuns: 60 },
  );
});
