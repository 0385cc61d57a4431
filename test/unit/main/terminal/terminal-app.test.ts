import { expect, test } from 'vitest';
import type { Host } from '../../../../main/host/host.ts';
import type { PairingRequest } from '../../../../main/host/remote/pairing.ts';
import type { SettingsStore } from '../../../../main/host/settings.ts';
import { Screen } from '../../../../main/terminal/screen.ts';
import { TerminalApp } from '../../../../main/terminal/terminal-app.ts';

const DEVICE = { id: 'device', name: 'Old phone', scope: 'full', lastSeenAt: null, connection: null };
const REQUEST: PairingRequest = { id: 'stranger', name: 'Stranger', digits: '123456', build: 'b', askedAt: 0 };

async function open(options: { setRemoteControl?: () => void } = {}) {
  const printed: string[] = [];
  const done: string[] = [];
  let requests: PairingRequest[] = [];
  let tell: (requests: readonly PairingRequest[]) => void = () => {};
  const host = {
    setRemoteControl: options.setRemoteControl ?? (() => {}),
    remote: {
      status: { kind: 'off', since: 0 },
      link: { heardAt: null },
      devices: () => [DEVICE],
      revoke: (id: string) => done.push(`revoke ${id}`) > 0,
      onDidChange: () => () => {},
      pairing: {
        get requests() {
          return requests;
        },
        offer: null,
        isShown: false,
        hide: () => {},
        onDidChangeOffer: () => () => {},
        onDidChangeRequests: (listener: typeof tell) => {
          tell = listener;
          return () => {};
        },
        allow: (id: string, scope: string) => done.push(`allow ${id} ${scope}`) > 0,
      },
    },
    supervisor: { onDidChange: () => () => {}, state: () => ({ sessions: [], approvals: [] }) },
  } as unknown as Host;
  const settings = { get: () => ({ remoteControl: true }) } as unknown as SettingsStore;
  const screen = new Screen({ write: (text) => printed.push(text) });
  const app = new TerminalApp({ host, settings, screen, now: () => 0, quit: () => done.push('quit') });
  await app.start();
  const ask = (...asking: PairingRequest[]) => {
    requests = asking;
    tell(asking);
  };
  return { app, done, printed, ask };
}

test('someone who asks to be paired does not get the answer to a question that was open before', async () => {
  const { app, done, ask } = await open();
  app.press('d');
  app.press('1');
  ask(REQUEST);
  app.press('y');
  expect(done).toEqual(['revoke device']);
  app.press('y');
  expect(done).toEqual(['revoke device']);
  app.press('a');
  expect(done).toEqual(['revoke device', 'allow stranger full']);
  app.dispose();
});

test('a question about someone who is gone cannot be answered', async () => {
  const { app, done, ask } = await open();
  ask(REQUEST);
  ask();
  app.press('a');
  expect(done).toEqual([]);
  app.dispose();
});

test('a key whose wish fails, as on a full disk, is answered with words and ends nothing', async () => {
  const { app, printed } = await open({
    setRemoteControl: () => {
      throw new Error('ENOSPC: no space left on device');
    },
  });
  app.press('r');
  expect(printed.join('')).toContain('That did not work: ENOSPC');
  app.dispose();
});
