/** The outbox and its letters in a real IndexedDB: what is shown, what is sent, and what two tabs do to each other. */
import { expect } from '@playwright/test';
import type { FromDevice } from '#protocol/messages.ts';
import { test } from './phone-core-page.ts';

test('where a letter is stands in the entry, across a reload, until it is older than a relay keeps it', async ({
  storePage,
}) => {
  const before = await storePage.evaluate(async () => {
    const { Database, Outbox, uuidv7 } = window.core;
    const options = { database: new Database(), host: 'mail', channel: () => null, onAdded() {} };
    const outbox = new Outbox({ ...options, now: () => 1_000 });
    const id = await outbox.add('prompt', uuidv7(), { text: 'x' });
    const look = () => outbox.entries.value.flatMap(({ state, reason }) => [state, reason]);
    const seen = [look()];
    outbox.noteRefusal(id, 'full');
    seen.push(look());
    for (const state of ['leaving', 'kept', 'handed', 'taken', 'kept'] as const) {
      await outbox.setLetter(id, { id: 'letter', after: null, state, at: 1_000 });
      seen.push(look());
    }
    return seen;
  });
  const full = 'It waits on this phone: the relay keeps 50 sealed commands of a device, and has as many.';
  expect(before).toEqual([
    ['waiting', null],
    ['waiting', full],
    ['waiting', null],
    ['left', null],
    ['collected', null],
    ['collected', null],
    ['left', null],
  ]);
  await storePage.reload();
  const after = await storePage.evaluate(async () => {
    const { Database, Outbox } = window.core;
    const day = 24 * 60 * 60_000;
    const states: (string | undefined)[] = [];
    for (const now of [1_000 + 7 * day - 1, 1_000 + 7 * day]) {
      const outbox = new Outbox({
        database: new Database(),
        host: 'mail',
        channel: () => null,
        onAdded() {},
        now: () => now,
      });
      await outbox.load();
      states.push(outbox.entries.value[0]?.state);
    }
    return states;
  });
  expect(after).toEqual(['left', 'waiting']);
});

test('a prompt that was left and is taken back: the computer is told, and it is not sent for the first time', async ({
  storePage,
}) => {
  const result = await storePage.evaluate(async () => {
    const { Database, Outbox, uuidv7 } = window.core;
    const state = { isOpen: false };
    const sent: string[] = [];
    const channel = {
      send(message: FromDevice) {
        if (message.type !== 'command') throw new Error(`An outbox sends no ${message.type}.`);
        const { body, kind } = message.command;
        sent.push((body as { text?: string }).text ?? kind);
      },
    };
    const outbox = new Outbox({
      database: new Database(),
      host: 'back',
      now: () => Date.now(),
      channel: () => (state.isOpen ? channel : null),
      onAdded() {},
    });
    const session = uuidv7();
    const left = await outbox.add('prompt', session, { text: 'left' });
    await outbox.setLetter(left, { id: 'letter', after: null, state: 'kept', at: Date.now() });
    await outbox.add('prompt', session, { text: 'next' });
    await outbox.withdraw(left);
    const kinds = outbox.entries.value.map(({ kind }) => kind);
    state.isOpen = true;
    await outbox.resend();
    const first = sent.splice(0);
    // Too late, says the computer: then it is asked what became of the prompt.
    const withdrawal = outbox.entries.value.find(({ kind }) => kind === 'prompt.withdraw')?.id ?? '';
    await outbox.handleReceipt({ command: withdrawal, state: 'rejected', reason: 'too late', at: 1 });
    return { kinds, first, after: sent };
  });
  expect(result).toEqual({
    kinds: ['prompt', 'prompt', 'prompt.withdraw'],
    first: ['next', 'prompt.withdraw'],
    after: ['left'],
  });
});

test('a command that is no prompt can be taken out of the mailbox as long as the computer has not collected it', async ({
  storePage,
}) => {
  const result = await storePage.evaluate(async () => {
    const { Database, Outbox, uuidv7 } = window.core;
    const answers: ('gone' | 'handed')[] = ['handed', 'gone'];
    const outbox = new Outbox({
      database: new Database(),
      host: 'new',
      now: () => Date.now(),
      channel: () => null,
      takeOut: async (command) => {
        const answer = answers.shift() ?? 'handed';
        if (answer === 'gone') await outbox.setLetter(command, null);
        return answer;
      },
      onAdded() {},
    });
    const id = await outbox.add('session.end', uuidv7(), {});
    await outbox.setLetter(id, { id: 'letter', after: null, state: 'kept', at: Date.now() });
    const words = await outbox.withdraw(id).catch((error: unknown) => String(error));
    const kept = outbox.entries.value.length;
    await outbox.withdraw(id);
    return { words, kept, left: outbox.entries.value.length };
  });
  expect(result).toEqual({
    words: 'Error: It is already on its way to the computer and cannot be taken back.',
    kept: 1,
    left: 0,
  });
});

test('one tab takes a command back while another one leaves it: it is either gone or left, never both', async ({
  storePage,
}) => {
  const result = await storePage.evaluate(async () => {
    const { Database, Outbox, uuidv7 } = window.core;
    const [database, session] = [new Database(), uuidv7()];
    const options = { database, host: 'tabs', now: () => 1, channel: () => null, onAdded() {} };
    const [one, two] = [new Outbox(options), new Outbox(options)];
    const letter = { id: 'letter', after: null, state: 'leaving', at: 1 } as const;
    const first = await one.add('prompt', session, { text: 'taken back first' });
    await two.load();
    await one.withdraw(first);
    const isLeft = await two.setLetter(first, letter);
    const second = await one.add('prompt', session, { text: 'left first' });
    await two.load();
    const isSecondLeft = await two.setLetter(second, letter);
    await one.withdraw(second);
    await one.load();
    return { isLeft, isSecondLeft, kinds: one.entries.value.map(({ kind }) => kind) };
  });
  expect(result).toEqual({ isLeft: false, isSecondLeft: true, kinds: ['prompt', 'prompt.withdraw'] });
});
