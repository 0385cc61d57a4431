/** A data folder that version 56aa5b1 left behind when its computer was switched off, opened by this version. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { silentLog } from '#lib/log.ts';
import { openHistory } from '#main/host/history/history.ts';
import { openSettings } from '#main/host/settings.ts';
import type { WireEvent } from '#protocol/events.ts';
import { Device } from '../support/device/device.ts';
import { recordComputer } from '../support/old-version/computer-record.ts';
import { OLD_SESSIONS, OLD_TEXTS, type OldComputer, unpackOldComputer } from '../support/old-version/fixture.ts';
import { makeFolder, startHost } from '../support/test-host.ts';

let folder = '';
let computer: OldComputer;

beforeEach(() => {
  folder = makeFolder();
  computer = unpackOldComputer(folder);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

const sessionOf = (title: string) => {
  const session = computer.record.sessions.find((one) => one.title === title);
  if (!session) throw new Error(`The fixture has no session “${title}”.`);
  return session.id;
};
const messagesOf = (events: readonly WireEvent[]) =>
  events.filter(({ kind }) => kind === 'message').map(({ body }) => (body as { text: string }).text);

test('everything that the old version saw is there, and its audit is intact', () => {
  const { data, record } = computer;
  const opened = openHistory({ folder: data, now: Date.now, log: silentLog });
  if (opened.kind === 'refused') throw new Error(opened.text);
  const settings = openSettings({ path: join(data, 'settings.json'), now: Date.now, log: silentLog });
  try {
    expect([opened.notice, settings.notice]).toEqual([null, null]);
    const seen = recordComputer(data, opened.history, settings.get());
    // Records may have grown; what was in them is the same, and nothing is missing.
    expect(seen).toMatchObject(record);
    expect(seen.verdict).toEqual({ kind: 'intact', rows: record.audit.length });
  } finally {
    opened.history.close();
  }
});

test('a device of the old version is admitted without pairing, is told everything, and goes on prompting', async () => {
  const { data, agents, record, tablet } = computer;
  vi.stubEnv('BATON_DEMO_STATE', agents);
  vi.stubEnv('BATON_DEMO_PACE_MS', '1');
  const { host, relay, stop } = await startHost({ folder: data });
  const identity = { ...tablet, relayOrigin: relay.origin };
  const device = Device.open({ file: join(folder, 'tablet.db'), identity });
  try {
    await device.until('connected', () => device.isConnected && device.state !== null);
    expect(host.hostId).toBe(tablet.hostId);
    expect(device.epoch).toBe(record.epoch);
    const titles = device.state?.sessions.map(({ title }) => title);
    expect(titles?.toSorted()).toEqual(Object.values(OLD_SESSIONS).toSorted());

    // What waited on the computer when it was switched off is done now, once and in order.
    const waiting = sessionOf(OLD_SESSIONS.waiting);
    const saidSince = () => messagesOf(device.store.events(waiting).slice(record.events[waiting]?.length));
    await device.until('the queue', () => saidSince().length === OLD_TEXTS.queued.length);
    expect(saidSince()).toEqual(OLD_TEXTS.queued.map((text) => text.replace('echo: ', '')));

    // Nobody can answer any more what an agent asked that is gone; every other question is as it was.
    const approvals = record.approvals.map(({ approval }) => host.history.approvals.get(approval));
    expect(approvals).toMatchObject(
      record.approvals.map((one) =>
        one.state === 'pending' ? { approval: one.approval, state: 'resolved', outcome: 'expired' } : one,
      ),
    );

    const greeting = sessionOf(OLD_SESSIONS.greeting);
    const prompt = device.send('prompt', greeting, { text: 'echo: still the same session' });
    await device.untilReceipt(prompt, 'applied');
    await device.until('the answer', () =>
      messagesOf(device.store.events(greeting)).includes('still the same session'),
    );
    const refused = device.send('session.end', greeting, {});
    await device.untilReceipt(refused, 'rejected');

    for (const [session, events] of Object.entries(record.events)) {
      expect(device.store.events(session).slice(0, events.length)).toEqual(events);
    }
    expect(host.history.audit.newest(1_000).slice(-record.audit.length)).toMatchObject(record.audit);
    expect(host.history.audit.verify().kind).toBe('intact');
    expect(host.remote.devices().map(({ name, scope }) => [name, scope])).toEqual([
      ['My phone', 'full'],
      ['Tablet', 'answer'],
    ]);
  } finally {
    device.dispose();
    await stop();
  }
});
