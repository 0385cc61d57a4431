import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { silentLog } from '#lib/log.ts';
import type { RelayStatus } from '#main/host/remote/link/relay-status.ts';
import { RETRY_AFTER_MAX_MS, RelayLink } from '#main/host/remote/relay-link.ts';
import { CloseCode } from '#protocol/close-codes.ts';
import { generateAuthKeys, generateNoiseKeys } from '#protocol/keys.ts';
import { ManualClock } from '#test/support/manual-clock.ts';

/** The status of a link after a relay has said this and closed. */
async function afterClose(say: readonly object[], code: number): Promise<{ status: RelayStatus; now: number }> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  await once(server, 'listening');
  server.on('connection', (socket) => {
    for (const message of say) socket.send(JSON.stringify(message));
    socket.close(code);
  });
  const clock = new ManualClock();
  const link = new RelayLink({
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    keys: { hostId: 'h', auth: await generateAuthKeys(false), noise: await generateNoiseKeys(false) },
    clock,
    random: () => 0.5,
    log: silentLog,
    greeting: () => [],
  });
  onTestFinished(async () => {
    await link.stop();
    server.close();
  });
  const { promise, resolve } = Promise.withResolvers<RelayStatus>();
  link.onDidChangeStatus((status) => status.kind === 'unreachable' && resolve(status));
  link.start();
  return { status: await promise, now: clock.now() };
}

test('a relay that restarts is left alone as long as it asks, and no longer than a minute', async () => {
  const asked = await afterClose([{ type: 'restarting', retryAfterMs: 4_000 }], CloseCode.restarting);
  expect(asked.status).toMatchObject({ kind: 'unreachable', retryAt: asked.now + 4_000 });
  const absurd = await afterClose([{ type: 'restarting', retryAfterMs: 1e15 }], CloseCode.restarting);
  expect(absurd.status).toMatchObject({ retryAt: absurd.now + RETRY_AFTER_MAX_MS });
  const negative = await afterClose([{ type: 'restarting', retryAfterMs: -1 }], CloseCode.restarting);
  expect(negative.status).toMatchObject({ retryAt: negative.now + 250 });
});

test('a signature that the relay refuses is explained by what a person can look at', async () => {
  const { status } = await afterClose([], CloseCode.notAuthentic);
  expect(status).toMatchObject({ reason: expect.stringContaining('public URL') });
});
