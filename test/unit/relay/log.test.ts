import { expect, test } from 'vitest';
import { toBase64Url } from '#protocol/bytes.ts';
import { createJsonLog, createTag } from '#relay/log.ts';
import { connectHost, connectPairing, createPairId, dial, RelaySocket } from '#test/support/relay-clients.ts';
import { bridge, startRelay, untilMetrics } from './relay-fixture.ts';

const MARKER = 'marker-71c0b2';

test('no log line and no metric ever holds a frame, a key, an id or a pairing id', async () => {
  const fixture = await startRelay();
  const { host, device, identity, channel } = await bridge(fixture);
  host.send(channel, Buffer.from(MARKER));
  device.sendFrame(Buffer.from(MARKER));
  await device.nextFrame();
  await host.nextFrame();
  const pairId = await host.openPairing();
  const pairing = await connectPairing(fixture.origin, host.hostId, pairId);
  await pairing.expect('open');
  pairing.sendFrame(Buffer.from(MARKER));
  pairing.say({ type: MARKER });
  const wrongId = createPairId();
  await (await dial(fixture.origin, { role: 'pairing', hostId: host.hostId, id: wrongId, keys: identity.keys })).closed;
  const garbage = new RelaySocket(fixture.origin);
  await garbage.expect('challenge');
  garbage.say({ type: 'auth', marker: MARKER });
  await garbage.closed;
  device.say({ type: 'reopen', marker: MARKER });
  host.socket.say({ type: 'channel.close', channel, code: 4441, reason: MARKER });
  host.socket.webSocket.close(1000, MARKER);
  await host.socket.closed;
  await device.close();
  await untilMetrics(fixture.relay, ({ now }) => Object.values(now.sockets).every((count) => count === 0));
  await fixture.relay.stop({ graceful: true });

  const text = JSON.stringify([fixture.log, fixture.relay.metrics()]);
  const secrets = [MARKER, host.hostId, identity.id, identity.key, host.identity.key, pairId, wrongId];
  expect(secrets.filter((secret) => text.includes(secret) || text.includes(secret.slice(0, 10)))).toEqual([]);
  expect(fixture.log.length).toBeGreaterThan(6);
});

test('the lines of one device can be told from those of another, but not across two runs', async () => {
  const id = toBase64Url(crypto.getRandomValues(new Uint8Array(32)));
  const [one, other] = [createTag(), createTag()];
  const tag = one(id);
  expect([tag === one(id), tag === one(`${id}x`), tag === other(id), tag.length]).toEqual([true, false, false, 8]);
});

test('who comes and goes is logged under one tag', async () => {
  const fixture = await startRelay();
  const host = await connectHost(fixture.origin);
  await host.socket.close();
  await untilMetrics(fixture.relay, ({ closes }) => closes[1005] === 1);
  const [came, left] = fixture.log.filter(({ message }) => message.startsWith('A host'));
  expect([came?.message, left?.message, left?.fields]).toEqual([
    'A host came',
    'A host left',
    { ...came?.fields, code: 1005 },
  ]);
});

test('the log is one JSON object per line, without the debug ones unless asked for', () => {
  const lines: string[] = [];
  const quiet = createJsonLog((line) => lines.push(line), false);
  quiet('debug', 'not this');
  quiet('info', 'two\nlines', { count: 1 });
  createJsonLog((line) => lines.push(line), true)('debug', 'this');
  expect(
    lines.map((line) => ({ ...JSON.parse(line), at: line.endsWith('}\n') && line.indexOf('\n') + 1 === line.length })),
  ).toEqual([
    { at: true, level: 'info', message: 'two\nlines', count: 1 },
    { at: true, level: 'debug', message: 'this' },
  ]);
});
