import { expect, test } from 'vitest';
import { connectHost, createIdentity, dial } from '#test/support/relay-clients.ts';
import { startRelay } from './relay-fixture.ts';

test('a relay that is asked answers itself: a host its pong, a device besides for how long its host is silent', async () => {
  const fixture = await startRelay();
  const host = await connectHost(fixture.origin);
  const identity = await createIdentity();
  await host.admit(identity);
  host.socket.say({ type: 'ping', id: 7 });
  expect(await host.socket.expect('pong')).toEqual({ type: 'pong', id: 7 });

  const auth = { role: 'device', hostId: host.hostId, id: identity.id, keys: identity.keys } as const;
  const device = await dial(fixture.origin, auth);
  await device.expect('ready');
  await device.expect('open');
  const ask = async (id: number) => {
    device.say({ type: 'ping', id });
    return (await device.expect('pong')) as { id: number; hostSilentMs: number | null };
  };
  expect(await ask(1)).toEqual({ type: 'pong', id: 1, hostSilentMs: 0 });
  fixture.clock.advance(5_000);
  expect(await ask(2)).toEqual({ type: 'pong', id: 2, hostSilentMs: 5_000 });
  // That question had the host's socket pinged, long before it was due, and a socket that is alive answers.
  for (let id = 3; (await ask(id)).hostSilentMs !== 0; id += 1) expect(id).toBeLessThan(1_000);
  await host.socket.close();
  await device.expect('closed');
  expect(await ask(2_000)).toEqual({ type: 'pong', id: 2_000, hostSilentMs: null });
});
