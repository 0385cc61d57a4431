import { expect, test } from 'vitest';
import { renderActivity } from '#main/desktop/ipc/views/activity-view.ts';
import { renderLink, renderRelay } from '#main/desktop/ipc/views/link-view.ts';
import { renderDevices, renderSessions } from '#main/desktop/ipc/views/sessions-view.ts';
import { renderSettings } from '#main/desktop/ipc/views/settings-view.ts';
import { describeTrouble } from '#main/desktop/pairing-codes.ts';
import type { AuditRow } from '#main/host/history/audit.ts';
import { LINK_SILENT_AFTER_MS, proveDevice } from '#main/host/remote/link/link-facts.ts';
import { settingsSchema } from '#main/host/settings.ts';
import { summary } from '#test/gallery/fixture-state.ts';

const PHONE = { device: 'd', name: 'My phone' };
const HERE = { device: null, name: 'This computer' };

test('each kind of deed is a sentence without its subject', () => {
  const rows: [AuditRow['by'], AuditRow['action'], string | null, AuditRow['detail'], string][] = [
    [PHONE, 'prompt', 's', { command: 'c', sha256: 'x' }, 'sent a prompt'],
    [PHONE, 'answer', 's', { kind: 'allow_once', title: 'Edit a', option: 'Yes' }, 'allowed “Edit a”'],
    [HERE, 'answer', 's', { kind: 'reject_once', title: 'Edit a', option: 'No' }, 'denied “Edit a”'],
    [HERE, 'answer', 's', { kind: 'allow_always', title: 'Edit a', option: 'Yes' }, 'allowed for always “Edit a”'],
    [HERE, 'answer', 's', { kind: 'other', title: 'Edit a', option: 'Maybe' }, 'answered “Maybe” to “Edit a”'],
    [HERE, 'session.new', 's', { agent: 'demo', folder: '/a' }, 'started a session with “demo” in /a'],
    [HERE, 'session.end', 's', {}, 'ended the session'],
    [HERE, 'device.paired', null, { name: 'My phone', scope: 'full' }, 'paired “My phone” (everything)'],
    [PHONE, 'device.renamed', null, { name: 'New' }, 'renamed a device to “New”'],
    [HERE, 'device.scope', null, { name: 'P', scope: 'watch' }, 'changed what “P” may do (watching only)'],
    [HERE, 'device.revoked', null, { name: 'P' }, 'revoked “P”'],
    [HERE, 'remote.set', null, { enabled: true }, 'turned remote control on for all sessions'],
    [HERE, 'remote.set', 's', { isRemote: false }, 'turned remote control off for the session'],
    [HERE, 'history.deleted', null, { what: 'all', sessions: 2 }, 'deleted the whole history (2 sessions)'],
    [HERE, 'history.deleted', null, { what: 'ended', sessions: 1 }, 'deleted what was over (1 session)'],
  ];
  const audit = rows.map(([by, action, session, detail], index) => ({
    seq: index + 1,
    at: 5,
    by,
    action,
    session,
    detail,
  }));
  const rendered = renderActivity(audit, (session) => (session === 's' ? 'A title' : null));
  expect(rendered.map(({ text }) => text)).toEqual(rows.map((row) => row[4]));
  expect(rendered[0]).toEqual({
    seq: 1,
    at: 5,
    by: 'My phone',
    isDevice: true,
    text: 'sent a prompt',
    session: 'A title',
  });
  expect(rendered[7]).toMatchObject({ by: 'This computer', isDevice: false, session: null });
});

test('words of strangers in the activity stay on one line', () => {
  const detail = { kind: 'allow_once', title: 'a\n\u202Eb', option: 'Yes' };
  const [row] = renderActivity([{ seq: 1, at: 0, by: PHONE, action: 'answer', session: null, detail }], () => null);
  expect(row?.text).toBe('allowed “a b”');
});

test('a relay counts as reachable by phones only with https and off this computer', () => {
  const reachable = (phoneOrigin: string) =>
    renderRelay({ relayOrigin: 'http://127.0.0.1:8377', phoneOrigin, isOwn: true }).isReachableByPhones;
  expect(['http://127.0.0.1:8377', 'https://localhost:8377', 'http://192.168.1.2'].map(reachable)).toEqual([
    false,
    false,
    false,
  ]);
  expect(reachable('https://computer.example')).toBe(true);
});

test('the link carries its reason and its next try only where it has them', () => {
  const relay = renderRelay({ relayOrigin: 'https://r.example', phoneOrigin: 'https://r.example', isOwn: false });
  expect(renderLink({ kind: 'connected', since: 1 }, 2, relay)).toEqual({
    ...{ kind: 'connected', since: 1, reason: null, retryAt: null, heardAt: 2 },
    holdsUntil: 2 + LINK_SILENT_AFTER_MS,
    relay,
  });
  expect(renderLink({ kind: 'unreachable', since: 1, reason: 'No.', retryAt: 9 }, null, relay)).toMatchObject({
    reason: 'No.',
    retryAt: 9,
  });
});

test('who watches a session is named while connected, and a device that is gone watches nothing', () => {
  const device = (name: string, watching: string | null, isConnected: boolean) => ({
    ...{ id: name, name, scope: 'full' as const, pairedAt: 0, lastSeenAt: null, watching },
    connection: isConnected ? proveDevice(2, 1) : null,
  });
  const devices = [device('a', 's', true), device('b', 's', false), device('c', null, true)];
  const state = { sessions: [summary({ id: 's', title: 'T' })], isRemoteControlEnabled: true };
  expect(renderSessions(state, devices, () => false)).toEqual({
    list: [{ id: 's', isRemote: false, watchedBy: ['a'] }],
    isRemoteControlEnabled: true,
    diskTrouble: null,
  });
  expect(renderSessions({ ...state, diskTrouble: 'Full.' }, devices, () => false).diskTrouble).toBe('Full.');
  expect(renderDevices(devices, () => 'T').map(({ watching }) => watching)).toEqual(['T', null, null]);
});

test('the settings on the screen hold nothing of the environment of an agent, where keys lie', () => {
  const customAgents = [{ id: 'a', name: 'A', command: 'c', args: ['x'], env: { KEY: 'hunter2' } }];
  const view = renderSettings(settingsSchema.parse({ customAgents, keepAgentsHours: 36 }), {
    ...{ isKeptAwake: false, dataFolder: '/d', historyBytes: 1, sessionCount: 2 },
    login: { kind: 'off' },
    secrets: { kind: 'file', text: 't' },
  });
  expect(JSON.stringify(view)).not.toContain('hunter2');
  expect(view).toMatchObject({
    customAgents: [{ id: 'a', command: 'c' }],
    relayPort: 8377,
    keepAgentsHours: 36,
    sessionCount: 2,
  });
});

test('there is a word for every state of the link in which no code can be shown', () => {
  const since = 0;
  expect(describeTrouble({ kind: 'connected', since })).toBe(null);
  for (const kind of ['connecting', 'asleep', 'off'] as const) expect(describeTrouble({ kind, since })).toMatch(/\.$/);
  expect(describeTrouble({ kind: 'unreachable', since, reason: 'No route.', retryAt: 0 })).toContain('No route.');
  expect(describeTrouble({ kind: 'stopped', since, reason: 'Replaced.' })).toBe('Replaced.');
});
