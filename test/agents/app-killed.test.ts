import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { uuidv7 } from 'uuidv7';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createRelay, type Relay } from '#relay/relay.ts';
import { readHost } from '../chaos/evidence.ts';
import { Child } from '../support/chaos/processes.ts';
import { Device } from '../support/device/device.ts';
import { pair } from '../support/device/pair.ts';
import { endKeeper } from '../support/keeper/end-keeper.ts';
import { type ModelServer, startModelServer } from '../support/model/model-server.ts';
import { asCustomAgent, setUpRealAgent } from '../support/real-agents.ts';

/** The whole host, as a person runs it, with a real Claude Code whose model is scripted. */
const TERMINAL = join(import.meta.dirname, '../../main/terminal/index.ts');
const PIECES = 200;

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'baton-app-killed-')));
const data = join(folder, 'data');
const project = join(folder, 'project');
const session = uuidv7();
let model: ModelServer;
let relay: Relay;
let host: Child;
let device: Device;

const summary = () => device.state?.sessions.find(({ id }) => id === session);
const startTerminal = () =>
  new Child([TERMINAL, '--data', data, '--relay', relay.origin, '--project', project], {
    // Claude Code refuses some of its modes to root, unless it is told that it is in a sandbox.
    env: { ...process.env, SHELL: '/bin/sh', IS_SANDBOX: undefined },
  });

beforeAll(async () => {
  for (const path of [data, project, join(folder, 'home')]) mkdirSync(path);
  model = await startModelServer();
  const claude = asCustomAgent(await setUpRealAgent('claude', join(folder, 'home'), model.url));
  writeFileSync(join(data, 'settings.json'), JSON.stringify({ customAgents: [claude] }));
  const databaseFile = join(folder, 'relay.db');
  const options = { host: '127.0.0.1', port: 0, publicOrigins: [], phoneFolder: null, log: () => {} };
  relay = await createRelay({ ...options, databaseFile });
  host = startTerminal();
  const [, link = ''] = await host.untilPrinted(/(http:\/\/\S+\/p#1\.\S+)/);
  await host.untilPrinted(/relay connected/);
  const paired = pair(link, 'Phone', () => {});
  await host.untilPrinted(/“Phone” asks to be paired/);
  host.process.stdin?.write('a');
  device = Device.open({ file: join(folder, 'device.db'), identity: await paired });
  await device.until('the agents', () => device.state?.agents.some(({ id }) => id === 'claude') === true);
}, 60_000);

afterAll(async () => {
  device?.dispose();
  host?.signal('SIGTERM');
  await host?.gone;
  await endKeeper(data);
  await relay?.stop({ graceful: false });
  await model?.close();
  rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
}, 30_000);

test('the app is killed in the middle of a turn: the turn goes on, and then the phone has all of it, once', {
  timeout: 120_000,
}, async () => {
  device.send('session.new', session, { agent: 'claude', folder: project, title: 'Real' });
  await device.until('Claude Code', () => summary()?.state === 'idle');
  device.say({ type: 'watch', session });
  const prompt = device.send('prompt', session, { text: `stream long ${PIECES}` });
  await device.until('some text', () => device.transients.some(({ text }) => text.includes('piece 20 of')));
  await host.kill();
  await device.until('the loss', () => !device.isConnected);

  host = startTerminal();
  await device.until('the host again', () => device.isConnected && device.state !== null);
  await device.until('the end', () => device.store.events(session).some(({ kind }) => kind === 'turn.ended'));
  await device.untilReceipt(prompt, 'applied');
  const events = device.store.events(session);
  expect(events).toEqual(readHost(join(data, 'history.db')).events.get(session)?.slice(0, events.length));
  expect(events.find(({ kind }) => kind === 'turn.ended')?.body).toEqual({ command: prompt, stop: 'end_turn' });
  expect(events.map(({ kind }) => kind)).not.toContain('session.interrupted');
  const text = events
    .filter(({ kind }) => kind === 'message')
    .map(({ body }) => (body as { text: string }).text)
    .join('');
  const pieces = [...text.matchAll(/piece (\d+) of/g)].map(([, number]) => Number(number));
  expect(pieces).toEqual(Array.from({ length: PIECES }, (_, index) => index + 1));

  // And the conversation is still the same one.
  device.send('prompt', session, { text: 'repeat my first prompt' });
  await device.until('the answer', () =>
    device.store
      .events(session)
      .some(
        ({ kind, body }) => kind === 'message' && (body as { text: string }).text.includes(`stream long ${PIECES}`),
      ),
  );
});
