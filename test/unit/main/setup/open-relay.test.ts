import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { silentLog } from '#lib/log.ts';
import { type Settings, settingsSchema } from '#main/host/settings.ts';
import { type OpenedRelay, type OpenRelayOptions, openRelay } from '#main/setup/open-relay.ts';
import { createIdentity, dial } from '#test/support/relay-clients.ts';
import { makeFolder, makePage } from '#test/support/test-host.ts';

async function open(settings: Partial<Settings>, options: Partial<OpenRelayOptions> = {}): Promise<OpenedRelay> {
  const dataFolder = makeFolder();
  const opened = await openRelay({
    settings: settingsSchema.parse(settings),
    port: 0,
    dataFolder,
    phoneFolder: makePage(dataFolder),
    log: silentLog,
    ...options,
  });
  onTestFinished(async () => {
    if (opened.kind === 'ready') await opened.stop();
  });
  return opened;
}

function expectReady(opened: OpenedRelay): Extract<OpenedRelay, { kind: 'ready' }> {
  if (opened.kind === 'refused') throw new Error(opened.text);
  return opened;
}

/** What the relay says to a host that signs for this origin. */
async function answerTo(relayOrigin: string, signFor: string): Promise<unknown> {
  const { id, keys } = await createIdentity();
  const socket = await dial(relayOrigin, { role: 'host', hostId: id, id, keys, signFor });
  try {
    return (await socket.next()).type;
  } catch (error) {
    return (error as Error).message;
  } finally {
    await socket.close();
  }
}

test('our own relay is found on loopback by host and phones, while no other address leads to it', async () => {
  const relay = expectReady(await open({}));
  expect(relay).toMatchObject({ isOwn: true, phoneOrigin: relay.relayOrigin });
  expect(new URL(relay.relayOrigin).hostname).toBe('127.0.0.1');
  expect(await answerTo(relay.relayOrigin, relay.relayOrigin)).toBe('ready');
  expect(await answerTo(relay.relayOrigin, 'https://computer.example')).toContain('4401');
});

test('with a public address phones are sent there, and the relay accepts those who sign for it', async () => {
  const relay = expectReady(await open({ relayPublicUrl: 'https://computer.example/' }));
  expect(relay).toMatchObject({ isOwn: true, phoneOrigin: 'https://computer.example' });
  expect(await answerTo(relay.relayOrigin, 'https://computer.example')).toBe('ready');
  expect(await answerTo(relay.relayOrigin, relay.relayOrigin)).toBe('ready');
});

test('another relay is named and not started; what is given now counts more than the settings', async () => {
  const other = await open({ relay: 'relay.example', relayPublicUrl: 'https://computer.example' });
  expect(other).toMatchObject({
    isOwn: false,
    relayOrigin: 'https://relay.example',
    phoneOrigin: 'https://relay.example',
  });
  const given = await open({ relay: 'relay.example' }, { address: 'https://elsewhere.example' });
  expect(given).toMatchObject({ relayOrigin: 'https://elsewhere.example', isOwn: false });
  const own = await open({ relay: 'relay.example' }, { address: null });
  expect(own).toMatchObject({ isOwn: true });
});

test('what cannot be used is refused in words that name it', async () => {
  const dataFolder = makeFolder();
  expect(await open({ relay: 'http://192.0.2.1' }, { dataFolder })).toEqual({
    kind: 'refused',
    text: `"relay" in ${join(dataFolder, 'settings.json')} is "http://192.0.2.1", which is not the address of a relay. It looks like https://relay.example.`,
  });
  expect(await open({}, { address: 'no address' })).toEqual({
    kind: 'refused',
    text: '"no address" is not the address of a relay. It looks like https://relay.example.',
  });
  expect(await open({ relayPublicUrl: 'ftp://x' })).toMatchObject({
    kind: 'refused',
    text: expect.stringContaining('"relayPublicUrl"'),
  });
  expect(await open({}, { phoneFolder: null })).toMatchObject({
    kind: 'refused',
    text: expect.stringContaining('not built'),
  });

  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void taken.close());
  const { port } = taken.address() as AddressInfo;
  expect(await open({}, { port })).toMatchObject({
    kind: 'refused',
    text: expect.stringContaining(`Port ${port} on this computer is in use`),
  });
});
