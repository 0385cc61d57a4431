import { beforeEach, expect, test } from 'vitest';
import type { MailFromRelay, MailToRelay } from '#phone/core/link/mailbox-port.ts';
import { MailboxWriter, type UnansweredCommand } from '#phone/core/outbox/mailbox-writer.ts';
import type { StoredLetter } from '#phone/core/store/database.ts';
import type { CommandKind } from '#protocol/commands.ts';
import type { LetterState } from '#protocol/relay-messages.ts';

/** The outbox as the writer sees it; what is sealed says in plain words what it is. */
let records: UnansweredCommand[];
let refusals: [string, string][];
let failures: unknown[];
let writer: MailboxWriter;
let port: HandPort;
/** Commands that another tab takes back before the next write. */
let vanishing: string | null;
/** Called while something is being sealed. */
let sealing: () => void;

/** A relay whose every answer is given by hand. */
class HandPort {
  readonly sent: MailToRelay[] = [];
  readonly pieces: string[] = [];
  answer: (message: MailFromRelay) => void = () => {};

  listen(listener: (message: MailFromRelay) => void): void {
    this.answer = listener;
  }

  send(message: MailToRelay): void {
    this.sent.push(message);
  }

  sendFrame(bytes: Uint8Array): void {
    this.pieces.push(new TextDecoder().decode(bytes));
  }

  /** The next thing that the writer sends. */
  async next(): Promise<MailToRelay> {
    for (let turn = 0; turn < 200; turn += 1) {
      const message = this.sent.shift();
      if (message) return message;
      await Promise.resolve();
    }
    throw new Error('The writer sends nothing.');
  }

  /** Whatever can happen without an answer has happened. */
  async quiet(): Promise<MailToRelay[]> {
    for (let turn = 0; turn < 200; turn += 1) await Promise.resolve();
    return this.sent;
  }
}

function record(id: string, kind: CommandKind = 'prompt', session = 's', letter: StoredLetter | null = null) {
  const body = kind === 'prompt.withdraw' ? { command: id.slice(1) } : { text: id };
  records.push({ id, session, kind, body, at: 1, letter });
}

function stored(id: string, state: StoredLetter['state'], after: string | null = null): StoredLetter {
  return { id, state, after, at: 1 };
}

const letterOf = (id: string) => records.find((one) => one.id === id)?.letter;

function answer(message: MailFromRelay): void {
  port.answer(message);
}

async function list(letters: { letter: string; state: LetterState }[] = []): Promise<void> {
  expect(await port.next()).toEqual({ type: 'mail.list' });
  answer({ type: 'mail.listed', letters });
}

/** Takes the next letter; says what was in it. */
async function keep(): Promise<string | undefined> {
  const put = await port.next();
  if (put.type !== 'mail.put') throw new Error(`Expected a letter, got ${put.type}`);
  answer({ type: 'mail.kept', letter: put.letter });
  return port.pieces.shift();
}

beforeEach(() => {
  [records, refusals, failures, port, vanishing] = [[], [], [], new HandPort(), null];
  sealing = () => {};
  writer = new MailboxWriter(
    {
      now: () => 5,
      refresh: async () => {},
      records: () => records,
      has: (command) => records.some(({ id }) => id === command),
      setLetter: async (command, letter) => {
        if (command === vanishing) records = records.filter(({ id }) => id !== command);
        records = records.map((one) => (one.id === command ? { ...one, letter } : one));
        return records.some(({ id }) => id === command);
      },
      noteRefusal: (command, reason) => refusals.push([command, reason]),
      takenOut: async (command) => {
        records = records.filter(({ id }) => id !== command);
      },
      seal: async ({ id, body }, after) => {
        sealing();
        return JSON.stringify(body).includes('large') ? null : new TextEncoder().encode(`${id} after ${after}`);
      },
    },
    (error) => failures.push(error),
  );
});

test('leaves what waits, oldest first, each behind the one before it in its session', async () => {
  record('a');
  record('b', 'answer', 'other');
  record('c');
  writer.begin(port);
  await list();
  expect([await keep(), await keep(), await keep()]).toEqual(['a after null', 'b after null', 'c after a']);
  await port.quiet();
  expect([letterOf('a')?.state, letterOf('c')]).toMatchObject(['kept', { state: 'kept', after: 'a', at: 5 }]);

  record('d');
  writer.touch();
  expect(await keep()).toBe('d after c');
  expect(await port.quiet()).toEqual([]);
  expect(failures).toEqual([]);
});

test('believes the relay about what is there, leaves again what is not, and clears out what nobody needs', async () => {
  record('a', 'prompt', 's', stored('one', 'kept'));
  record('b', 'prompt', 's', stored('two', 'leaving', 'a'));
  record('c', 'prompt', 's', stored('three', 'leaving', 'b'));
  record('d', 'prompt', 's', stored('four', 'kept', 'c'));
  writer.begin(port);
  await list([
    { letter: 'one', state: 'taken' },
    { letter: 'two', state: 'kept' },
    { letter: 'four', state: 'handed' },
    { letter: 'nobody', state: 'kept' },
    { letter: 'long ago', state: 'taken' },
  ]);
  expect(await port.next()).toEqual({ type: 'mail.cancel', letter: 'nobody' });
  answer({ type: 'mail.cancelled', letter: 'nobody', was: 'kept' });
  expect(await keep()).toBe('c after b');
  await port.quiet();
  expect(['a', 'b', 'c', 'd'].map((id) => letterOf(id)?.state)).toEqual(['taken', 'kept', 'kept', 'handed']);
});

test('a connection that ends in the middle leaves it unknown, and the next one finds out', async () => {
  record('a');
  record('b');
  writer.begin(port);
  await list();
  const put = await port.next();
  writer.end();
  await port.quiet();
  expect([letterOf('a')?.state, letterOf('b')]).toEqual(['leaving', null]);
  // An answer that was under way belongs to nobody any more.
  if (put.type === 'mail.put') answer({ type: 'mail.kept', letter: put.letter });
  await port.quiet();
  expect(letterOf('a')?.state).toBe('leaving');

  const first = port;
  port = new HandPort();
  writer.begin(port);
  await list(put.type === 'mail.put' ? [{ letter: put.letter, state: 'kept' }] : []);
  expect(await keep()).toBe('b after a');
  await port.quiet();
  expect([letterOf('a')?.state, first.sent, failures]).toEqual(['kept', [], []]);
});

test('an answer on a port that was left is no answer on the next one', async () => {
  record('a', 'prompt', 's', stored('one', 'kept'));
  const first = port;
  writer.begin(first);
  expect(await first.next()).toEqual({ type: 'mail.list' });
  port = new HandPort();
  writer.begin(port);
  expect(await port.next()).toEqual({ type: 'mail.list' });
  first.answer({ type: 'mail.listed', letters: [] });
  expect(await port.quiet()).toEqual([]);
  expect(letterOf('a')?.state).toBe('kept');
  answer({ type: 'mail.listed', letters: [{ letter: 'one', state: 'taken' }] });
  await port.quiet();
  expect(letterOf('a')?.state).toBe('taken');
});

test('what is sealed when the relay is gone already is not noted as on its way', async () => {
  record('a');
  writer.begin(port);
  await list();
  sealing = () => writer.end();
  await port.quiet();
  expect([letterOf('a'), port.sent, failures]).toEqual([null, [], []]);
});

test('a full mailbox ends the attempt; what is too large keeps back only what is behind it in its session', async () => {
  record('large');
  record('behind');
  record('other', 'prompt', 'other');
  record('unlucky', 'prompt', 'third');
  record('after unlucky', 'prompt', 'fourth');
  writer.begin(port);
  await list();
  expect(await keep()).toBe('other after null');
  const put = await port.next();
  if (put.type === 'mail.put') answer({ type: 'mail.refused', letter: put.letter, reason: 'full' });
  expect(await port.quiet()).toEqual([]);
  expect(refusals).toEqual([
    ['large', 'too-large'],
    ['behind', 'behind'],
    ['unlucky', 'full'],
  ]);
  expect([letterOf('unlucky'), letterOf('after unlucky')]).toEqual([null, null]);
});

test('a prompt that was taken back is taken out and forgotten; what stood behind it is sealed again; the host is told', async () => {
  record('a', 'prompt', 's', stored('one', 'kept'));
  record('b', 'prompt', 's', stored('two', 'kept', 'a'));
  record('wa', 'prompt.withdraw');
  writer.begin(port);
  await list([
    { letter: 'one', state: 'kept' },
    { letter: 'two', state: 'kept' },
  ]);
  expect(await port.next()).toEqual({ type: 'mail.cancel', letter: 'one' });
  answer({ type: 'mail.cancelled', letter: 'one', was: 'kept' });
  expect(await port.next()).toEqual({ type: 'mail.cancel', letter: 'two' });
  expect(records.map(({ id }) => id)).toEqual(['b', 'wa']);
  answer({ type: 'mail.cancelled', letter: 'two', was: 'kept' });
  expect([await keep(), await keep()]).toEqual(['b after null', 'wa after null']);
});

test('a prompt that the host collected meanwhile is not forgotten', async () => {
  record('a', 'prompt', 's', stored('one', 'kept'));
  record('wa', 'prompt.withdraw');
  writer.begin(port);
  await list([{ letter: 'one', state: 'kept' }]);
  expect(await port.next()).toEqual({ type: 'mail.cancel', letter: 'one' });
  answer({ type: 'mail.cancelled', letter: 'one', was: 'handed' });
  expect(await keep()).toBe('wa after null');
  await port.quiet();
  expect([records.map(({ id }) => id), letterOf('a')?.state]).toEqual([['a', 'wa'], 'handed']);
});

test('a prompt that was taken back before it was left is not left', async () => {
  record('a');
  record('wa', 'prompt.withdraw');
  writer.begin(port);
  await list();
  expect(await keep()).toBe('wa after null');
  expect(await port.quiet()).toEqual([]);
});

test('a command that another tab takes back at the last moment does not leave', async () => {
  record('a');
  record('b');
  vanishing = 'a';
  writer.begin(port);
  await list();
  expect(await keep()).toMatch(/^b after/);
  expect(await port.quiet()).toEqual([]);
});

test('one letter can be taken out on request, with words when the relay is not there', async () => {
  record('a', 'session.new', 's', stored('one', 'kept'));
  await expect(writer.takeOut('a')).rejects.toThrow('The relay, where it was left, does not answer now.');
  writer.begin(port);
  await list([{ letter: 'one', state: 'kept' }]);
  const gone = writer.takeOut('a');
  expect(await port.next()).toEqual({ type: 'mail.cancel', letter: 'one' });
  answer({ type: 'mail.cancelled', letter: 'one', was: 'kept' });
  expect([await gone, letterOf('a')]).toEqual(['gone', null]);
});
