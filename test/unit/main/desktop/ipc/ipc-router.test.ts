import type { IpcMain, IpcMainInvokeEvent, WebContents } from 'electron';
import { expect, test } from 'vitest';
import { silentLog } from '#lib/log.ts';
import { type CallHandlers, succeed } from '#main/desktop/ipc/calls/call-handlers.ts';
import { createIpcRouter } from '#main/desktop/ipc/ipc-router.ts';
import { type Channel, calls } from '#preload/contract.ts';

type Listener = (event: IpcMainInvokeEvent, argument: unknown) => Promise<unknown>;

const OWN_PAGE = { url: 'app://bundle/index.html', parent: null };

/** The router before handlers that note who was asked. */
function createWorld() {
  const asked: unknown[] = [];
  const errors: string[] = [];
  const listeners = new Map<string, Listener>();
  const own = { id: 1 } as WebContents;
  const names = Object.keys(calls) as Channel[];
  const handlers = Object.fromEntries(
    names.map((name) => [
      name,
      (argument: unknown) => {
        asked.push([name, argument]);
        if (name === 'data.show') throw new Error('a bug');
        return succeed(null);
      },
    ]),
  ) as unknown as CallHandlers;
  const ipcMain = {
    handle: (channel: string, listener: Listener) => void listeners.set(channel, listener),
    removeHandler: (channel: string) => void listeners.delete(channel),
  } as unknown as IpcMain;
  const log = { ...silentLog, error: (message: string) => void errors.push(message) };
  const dispose = createIpcRouter({ ipcMain, handlers, ownContents: () => own, log });
  const call = (name: Channel, argument: unknown, event: object = { sender: own, senderFrame: OWN_PAGE }) =>
    (listeners.get(`baton:${name}`) as Listener)(event as IpcMainInvokeEvent, argument);
  return { asked, errors, listeners, own, names, call, dispose };
}

test('every channel is listened on, and none after it is disposed', () => {
  const { listeners, names, dispose } = createWorld();
  expect([...listeners.keys()].sort()).toEqual(names.map((name) => `baton:${name}`).sort());
  dispose();
  expect(listeners.size).toBe(0);
});

test('a call of the own page reaches its handler with the parsed argument', async () => {
  const { call, asked } = createWorld();
  expect(await call('remote.set', { isEnabled: true })).toEqual({ ok: true, value: null });
  expect(asked).toEqual([['remote.set', { isEnabled: true }]]);
});

test('a malformed argument is refused on every channel, and no handler hears of it', async () => {
  const { call, asked, names } = createWorld();
  for (const name of names) expect(await call(name, 'garbage')).toMatchObject({ ok: false });
  expect(asked).toEqual([]);
});

test('nobody but the main frame of the own page is heard', async () => {
  const { call, asked, own } = createWorld();
  const strangers = [
    { sender: own, senderFrame: null },
    { sender: { id: 2 }, senderFrame: OWN_PAGE },
    { sender: own, senderFrame: { ...OWN_PAGE, parent: OWN_PAGE } },
    { sender: own, senderFrame: { ...OWN_PAGE, url: 'https://evil.example/index.html' } },
    { sender: own, senderFrame: { ...OWN_PAGE, url: 'app://bundle.evil.example/index.html' } },
    { sender: own, senderFrame: { ...OWN_PAGE, url: 'about:blank' } },
  ];
  for (const stranger of strangers)
    expect(await call('remote.set', { isEnabled: true }, stranger)).toMatchObject({ ok: false });
  expect(asked).toEqual([]);
});

test('a bug becomes a plain sentence for the window and a line in the log', async () => {
  const { call, errors } = createWorld();
  const answer = await call('data.show', null);
  expect(answer).toMatchObject({ ok: false });
  expect(JSON.stringify(answer)).not.toContain('a bug');
  expect(errors).toEqual(['A call from the window failed']);
});
