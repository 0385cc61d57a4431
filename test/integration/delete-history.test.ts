import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { uuidv7 } from 'uuidv7';
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';
import { Device } from '../support/device/device.ts';
import { startHost, type TestHost } from '../support/test-host.ts';

let baton: TestHost;
const failures: string[] = [];
beforeEach(async () => {
  failures.length = 0;
  baton = await startHost();
});
afterEach(() => baton.stop());

const onFailure = (error: Error) => {
  failures.push(error.message);
};
const isListed = (device: Device, session: string) => device.state?.sessions.some(({ id }) => id === session) === true;

async function prompt(session: string, text: string): Promise<void> {
  baton.command('prompt', session, { text: `echo: ${text}` });
  await baton.until('the turn', () =>
    baton.host.history.events.after(session, 0, 100).some(({ kind }) => kind === 'turn.ended'),
  );
}

async function end(session: string): Promise<void> {
  baton.command('session.end', session, {});
  await baton.until('the end', () => baton.host.history.sessions.get(session)?.process === null);
}

test('ended sessions go from the computer and from devices that are connected; the others stay', async () => {
  const device = await baton.pairDevice('Phone', 'full', { onFailure });
  const [gone, kept] = [await baton.startSession('Gone'), await baton.startSession('Kept')];
  await prompt(gone, 'secretword');
  await prompt(kept, 'plainword');
  await end(gone);
  const last = baton.host.history.events.last(gone);
  await device.until('all events', () => device.store.events(gone).length === last);
  device.say({ type: 'watch', session: gone });

  expect(await baton.host.deleteHistory('ended')).toEqual({ sessions: 1 });
  await device.until('it is gone', () => !isListed(device, gone) && device.store.events(gone).length === 0);
  expect(isListed(device, kept)).toBe(true);
  expect(device.store.events(kept).length).toBeGreaterThan(0);
  const file = readFileSync(join(baton.folder, 'history.db')).toString('latin1');
  expect([file.includes('secretword'), file.includes('plainword')]).toEqual([false, true]);
  const [row] = baton.host.history.audit.newest(1);
  expect(row).toMatchObject({ action: 'history.deleted', detail: { what: 'ended', sessions: 1 } });
  expect(baton.host.history.audit.verify().kind).toBe('intact');

  // Whatever a device still asks about it, it is told no, and goes on.
  device.say({ type: 'page', request: 'older', session: gone, before: 5, limit: 10 });
  device.say({ type: 'blob', request: 'blob', session: gone, blob: 'x' });
  const late = device.send('prompt', gone, { text: 'echo: too late' });
  await device.untilReceipt(late, 'rejected');
  const again = device.send('session.new', gone, { agent: 'demo', folder: baton.project });
  await device.untilReceipt(again, 'rejected');
  expect(device.receiptOf(again)?.reason).toContain('deleted');
  await prompt(kept, 'further');
  expect([failures, device.closings]).toEqual([[], []]);
});

test('a device that was away drops the deleted session when it is back', async () => {
  const device = await baton.pairDevice('Phone');
  const gone = await baton.startSession('Gone');
  await end(gone);
  const last = baton.host.history.events.last(gone);
  await device.until('all events', () => device.store.events(gone).length === last);
  const file = join(baton.folder, `device-${device.identity.deviceId}.db`);
  device.dispose();
  await baton.host.deleteHistory('ended');
  const back = Device.open({ file, onFailure });
  onTestFinished(() => back.dispose());
  expect(back.store.events(gone)).toHaveLength(last);
  await back.until('it is gone', () => back.isConnected && back.store.events(gone).length === 0);
  expect(failures).toEqual([]);
});

test('all: what works is ended first, agents and all; afterwards the host is as new, but for its activity', async () => {
  const device = await baton.pairDevice('Phone', 'full', { onFailure });
  const [idle, working] = [await baton.startSession('Idle'), await baton.startSession('Working')];
  baton.command('prompt', working, { text: 'Please edit the file' });
  await baton.untilState(working, 'waiting');
  const before = baton.host.history.audit.newest(100).length;
  expect(await baton.host.deleteHistory('all')).toEqual({ sessions: 2 });
  expect(baton.host.history.sessions.count()).toBe(0);
  expect(baton.host.supervisor.state()).toMatchObject({ sessions: [], approvals: [] });
  expect(await baton.host.usage()).toEqual({});
  await device.until('nothing', () => device.state?.sessions.length === 0 && device.store.events(idle).length === 0);
  // Two ends and the deletion.
  expect(baton.host.history.audit.newest(100)).toHaveLength(before + 3);
  const size = baton.host.historyBytes();
  const fresh = await baton.startSession('Fresh');
  await prompt(fresh, 'hello');
  await device.until('the new one', () => isListed(device, fresh));
  expect(size).toBeLessThan(300_000);
  expect(baton.command('session.new', uuidv7(), { agent: 'demo', folder: baton.project }).state).toBe('accepted');
  expect(failures).toEqual([]);
});

test('the history is exported through the host', async () => {
  const session = await baton.startSession('Exported');
  const file = join(baton.folder, 'export.jsonl');
  expect(await baton.host.exportHistory(file)).toEqual({ sessions: 1 });
  const [about, first] = readFileSync(file, 'utf8').split('\n');
  expect([JSON.parse(about ?? ''), JSON.parse(first ?? '')]).toMatchObject([
    { type: 'baton-export', host: 'Test computer' },
    { type: 'session', session, title: 'Exported' },
  ]);
});
