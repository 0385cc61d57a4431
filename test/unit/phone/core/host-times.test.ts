import { expect, test } from 'vitest';
import { translateEvent, translateState } from '#phone/core/host-times.ts';
import type { HostState } from '#protocol/messages.ts';

const state = (shift: number): HostState => ({
  sessions: [
    {
      id: '01890000-0000-7000-8000-000000000001',
      title: '',
      agent: 'demo',
      agentName: 'Demo',
      folder: '/',
      state: 'idle',
      since: 10_000 + shift,
      detail: '',
      seq: 1,
      queued: 0,
      mode: null,
      modes: [],
      createdAt: 20_000 + shift,
      updatedAt: 30_000 + shift,
    },
  ],
  approvals: [
    {
      approval: 'a',
      session: '01890000-0000-7000-8000-000000000001',
      title: '',
      tool: null,
      options: [],
      askedAt: 40_000 + shift,
    },
  ],
  agents: [],
  folders: [
    { path: '/', name: '', lastUsedAt: 50_000 + shift },
    { path: '/new', name: '', lastUsedAt: null },
  ],
  isRemoteControlEnabled: true,
});

test('every time in the host’s state is put into this device’s time', () => {
  expect(translateState(state(7_000), 7_000)).toEqual(state(0));
});

test('an event happened when this device’s clock says so', () => {
  const event = { kind: 'notice' as const, body: { level: 'info' as const, text: '' }, seq: 1, at: 9_000 };
  expect(translateEvent(event, 4_000)).toEqual({ ...event, at: 5_000 });
});
