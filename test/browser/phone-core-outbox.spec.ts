import { expect } from '@playwright/test';
import type { FromDevice } from '#protocol/messages.ts';
import { test } from './phone-core-page.ts';

test('the outbox keeps commands across a reload, in order, and sends each channel all that is open', async ({
  storePage,
}) => {
  const open = () =>
    storePage.evaluate(async () => {
      const { Database, Outbox, uuidv7 } = window.core;
      const sent: string[] = [];
      const state = { isOpen: false };
      const channel = {
        send(message: FromDevice) {
          if (message.type !== 'command') throw new Error(`An outbox sends no ${message.type}.`);
          const { body, kind } = message.command;
          sent.push((body as { text?: string }).text ?? kind);
        },
      };
      const session = uuidv7();
      const outbox = new Outbox({
        database: new Database(),
        host: 'host',
        now: () => Date.now(),
        channel: () => (state.isOpen ? channel : null),
        onAdded: () => {},
      });
      const view = () =>
        outbox.entries.value.map((entry) => [(entry.body as { text?: string }).text ?? entry.kind, entry.state]);
      const receipt = (text: string, to: 'accepted' | 'dispatched' | 'applied' | 'rejected') => {
        const command = outbox.entries.value.find((entry) => (entry.body as { text?: string }).text === text)?.id ?? '';
        return outbox.handleReceipt({ command, state: to, at: 1 });
      };
      Object.assign(window, { outbox, sent, state, session, view, receipt });
      await outbox.load();
      return view();
    });
  type Handles = {
    outbox: InstanceType<Window['core']['Outbox']>;
    sent: string[];
    state: { isOpen: boolean };
    session: string;
    view(): string[][];
    receipt(text: string, to: 'accepted' | 'dispatched' | 'applied' | 'rejected'): Promise<void>;
  };
  expect(await open()).toEqual([]);
  const offline = await storePage.evaluate(async () => {
    const { outbox, session, view, sent } = window as unknown as Handles;
    for (const text of ['one', 'two', 'three']) await outbox.add('prompt', session, { text });
    const two = outbox.entries.value[1]?.id ?? '';
    await outbox.withdraw(two);
    const refusal = await outbox.add('prompt', session, { text: '' }).catch((error: Error) => error.message);
    const tooLong = await outbox
      .add('prompt', session, { text: 'x'.repeat(1024 * 1024) })
      .catch((error: Error) => error.message);
    return { view: view(), sent, refusal, tooLong };
  });
  expect(offline).toEqual({
    view: [
      ['one', 'waiting'],
      ['three', 'waiting'],
    ],
    sent: [],
    refusal: 'The command "prompt" is malformed at "text".',
    tooLong: 'That is too long: one message may have 1 MiB.',
  });

  await storePage.reload();
  await storePage.waitForFunction(() => document.title === 'ready');
  expect(await open()).toEqual([
    ['one', 'waiting'],
    ['three', 'waiting'],
  ]);
  const online = await storePage.evaluate(async () => {
    const { outbox, session, view, receipt, sent, state } = window as unknown as Handles;
    const steps: unknown[] = [];
    state.isOpen = true;
    // Made right after the channel opened, before the resend had its turn: still behind the older ones.
    const added = outbox.add('prompt', session, { text: 'four' });
    await outbox.resend();
    await added;
    steps.push([...sent], view());
    await receipt('one', 'applied');
    await receipt('one', 'rejected');
    await receipt('three', 'dispatched');
    await receipt('three', 'accepted');
    steps.push(view());
    outbox.handleDrop();
    steps.push(view());
    sent.length = 0;
    await outbox.resend();
    steps.push([...sent]);
    const three = outbox.entries.value[1]?.id ?? '';
    await outbox.withdraw(three);
    steps.push(sent.slice(2));
    await outbox.dismiss(three);
    await outbox.dismiss(outbox.entries.value[0]?.id ?? '');
    steps.push(view().map(([text]) => text));
    return steps;
  });
  expect(online).toEqual([
    ['one', 'three', 'four'],
    [
      ['one', 'sending'],
      ['three', 'sending'],
      ['four', 'sending'],
    ],
    [
      ['one', 'applied'],
      ['three', 'dispatched'],
      ['four', 'sending'],
    ],
    [
      ['one', 'applied'],
      ['three', 'dispatched'],
      ['four', 'waiting'],
    ],
    ['three', 'four'],
    ['prompt.withdraw'],
    ['three', 'four', 'prompt.withdraw'],
  ]);
});

test('a command that one tab takes back and another one sends is either gone or on its way, never both', async ({
  storePage,
}) => {
  const result = await storePage.evaluate(async () => {
    const { Database, Outbox, uuidv7 } = window.core;
    const [database, session] = [new Database(), uuidv7()];
    const sent: string[] = [];
    const options = { database, host: 'tabs', now: () => Date.now(), onAdded: () => {} };
    const idle = new Outbox({ ...options, channel: () => null });
    const connected = new Outbox({
      ...options,
      channel: () => ({ send: (message) => message.type === 'command' && sent.push(message.command.id) }),
    });
    const first = await idle.add('prompt', session, { text: 'sent by the other tab' });
    await connected.resend();
    await idle.withdraw(first);
    const kinds = idle.entries.value.map(({ kind }) => kind);

    const second = await idle.add('prompt', session, { text: 'taken back here' });
    // The other tab has read it, and is about to send it.
    const sending = connected.resend();
    await idle.withdraw(second);
    await sending;
    const isKept = idle.entries.value.some(({ id }) => id === second);
    return { first: sent[0] === first, kinds, isTrue: sent.includes(second) === isKept };
  });
  expect(result).toEqual({ first: true, kinds: ['prompt', 'prompt.withdraw'], isTrue: true });
});

test('a command whose channel goes while it is written down that it may leave waits for the next channel', async ({
  storePage,
}) => {
  const result = await storePage.evaluate(async () => {
    const { Database, Outbox, uuidv7 } = window.core;
    const sent: string[] = [];
    const channel = { send: (message: FromDevice) => void sent.push(message.type) };
    /** What is found, look by look: two while it is added, two by each that sends. */
    const looks = [null, null, channel, null, channel, channel];
    const outbox = new Outbox({
      database: new Database(),
      host: 'gone',
      now: () => Date.now(),
      channel: () => looks.shift() ?? null,
      onAdded() {},
    });
    await outbox.add('prompt', uuidv7(), { text: 'x' });
    const states = [];
    for (let time = 0; time < 2; time += 1) {
      await outbox.resend();
      states.push([outbox.entries.value[0]?.state, sent.length]);
    }
    return states;
  });
  expect(result).toEqual([
    ['waiting', 0],
    ['sending', 1],
  ]);
});
