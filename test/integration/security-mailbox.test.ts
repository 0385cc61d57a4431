/** A relay that forges, changes, repeats, reorders and withholds letters: nothing acts twice, and nothing acts that no device asked for. */
import { uuidv7 } from 'uuidv7';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { LETTERS_PER_ROUND_MAX } from '#main/host/remote/mailbox-reader.ts';
import type { Bytes } from '#protocol/bytes.ts';
import type { CommandBody, CommandKind } from '#protocol/commands.ts';
import { encodePrologue, generateAuthKeys } from '#protocol/keys.ts';
import { createLetterId, sealLetter } from '#protocol/letter.ts';
import { LETTER_BATCH_MAX, LETTER_CLOCK_SLACK_MS, LETTER_LIFETIME_MS, LETTER_SIZES } from '#protocol/limits.ts';
import { proveLetter } from '#protocol/proof.ts';
import { type ForgedHost, startForgedHost } from '../support/chaos/forged-host.ts';
import type { RawIdentity } from '../support/chaos/raw-device.ts';

const MINUTE_MS = 60_000;

interface Sealed {
  readonly id: string;
  readonly device: string;
  readonly command: string;
  readonly bytes: Bytes;
}

let forged: ForgedHost;
/** Idle, with the demo agent. */
let session: string;
/** A device with all rights, new for each test. */
let one: RawIdentity;

beforeAll(async () => {
  forged = await startForgedHost();
  session = await forged.baton.startSession();
});
afterAll(() => forged.stop());
beforeEach(async () => {
  one = await forged.addDevice('One');
});

async function seal<K extends CommandKind = 'prompt'>(
  as: RawIdentity,
  text: string,
  other: {
    after?: string | null;
    sealedAt?: number;
    kind?: K;
    body?: CommandBody<K>;
    id?: string;
    session?: string;
    purpose?: 'mailbox' | 'device';
  } = {},
): Promise<Sealed> {
  const { after = null, sealedAt = forged.clock.now(), kind = 'prompt', body = { text: `echo: ${text}` } } = other;
  const command = { id: other.id ?? uuidv7(), session: other.session ?? session, kind, body, at: sealedAt };
  const { prove, hostId, id: deviceId } = as;
  const bytes = await sealLetter(
    { sealedAt, after, command },
    {
      keys: as.keys,
      remoteKey: as.hostKey,
      psk: as.psk,
      prologue: encodePrologue(other.purpose ?? 'mailbox', as.hostId, as.id),
    },
    prove && ((text) => proveLetter(prove, { hostId, deviceId, text })),
  );
  if (!bytes) throw new Error('Too large for a letter.');
  return { id: createLetterId(), device: as.id, command: command.id, bytes };
}

/** Has the host ask again, hands it these in one batch, and answers what it confirmed. */
async function hand(...letters: readonly Omit<Sealed, 'command'>[]): Promise<string[]> {
  const { relay } = forged;
  const [connections, before] = [relay.connections, relay.confirmed.length];
  let asked = relay.asked;
  relay.cut();
  await relay.untilHost(connections);
  await relay.watched.until('the host to ask for letters', () => relay.asked > asked);
  asked = relay.asked;
  for (const letter of letters) relay.handLetter(letter);
  relay.say({ type: 'mail.batch', last: letters.length, isEmpty: false });
  await relay.watched.until('the host to confirm', () => relay.asked > asked);
  relay.say({ type: 'mail.batch', last: letters.length, isEmpty: true });
  return relay.confirmed.slice(before);
}

/** The prompts of this test that stand in the log, in order. */
function prompts(): string[] {
  const events = forged.baton.host.history.events.after(session, 0, 5000);
  return events
    .filter(({ kind, body }) => kind === 'prompt' && (body as { by: { device: string } }).by.device === one.id)
    .map(({ body }) => (body as { text: string }).text.replace('echo: ', ''));
}

const receiptOf = (command: string) => forged.baton.host.history.commands.get(command);

test('a letter that is handed over again and again, in one connection and in later ones, acts once', async () => {
  const letter = await seal(one, 'once');
  const again = [letter, letter, { ...letter, id: createLetterId() }];
  expect(await hand(...again)).toEqual(again.map(({ id }) => id));
  expect(await hand(letter)).toEqual([letter.id]);
  expect(prompts()).toEqual(['once']);
});

test('letters in another order act in the order in which their device made them', async () => {
  const first = await seal(one, 'first');
  const second = await seal(one, 'second', { after: first.command });
  const third = await seal(one, 'third', { after: second.command });
  expect(await hand(third, second, first)).toEqual([first.id, second.id, third.id]);
  expect(prompts()).toEqual(['first', 'second', 'third']);
});

test('behind a letter that is withheld nothing acts, and nothing is confirmed, until it comes', async () => {
  const first = await seal(one, 'kept back');
  const second = await seal(one, 'behind it', { after: first.command });
  expect(await hand(second)).toEqual([]);
  expect(prompts()).toEqual([]);
  expect(await hand(second, first)).toEqual([first.id, second.id]);
  expect(prompts()).toEqual(['kept back', 'behind it']);
});

test('a letter that is changed, cut, relabelled or made of nothing is put aside and touches nothing', async () => {
  const { baton } = forged;
  const two = await forged.addDevice('Two');
  const [letter, other] = [await seal(one, 'changed'), await seal(two, 'of the other')];
  const flip = (at: number) => {
    const bytes = letter.bytes.slice();
    bytes[at] = (bytes[at] as number) ^ 1;
    return { id: createLetterId(), device: one.id, bytes };
  };
  const bad = [
    flip(0),
    flip(40),
    flip(letter.bytes.length - 1),
    { ...letter, bytes: letter.bytes.slice(0, 512) },
    { ...other, device: one.id },
    { id: createLetterId(), device: 'x'.repeat(43), bytes: letter.bytes },
    ...LETTER_SIZES.map((size) => ({ id: createLetterId(), device: one.id, bytes: new Uint8Array(size) })),
    await seal(one, 'for another purpose', { purpose: 'device' }),
    await seal(one, '', { kind: 'prompt', body: { text: 'x' }, id: 'not an id' }),
  ];
  // Not all events: the agent may still be answering what was asked before.
  const asked = () => baton.host.history.events.after(session, 0, 5000).filter(({ kind }) => kind === 'prompt').length;
  const before = { counts: baton.host.remote.mail, asked: asked() };
  expect(await hand(...bad)).toEqual(bad.map(({ id }) => id));
  expect(baton.host.remote.mail).toEqual({ ...before.counts, refused: before.counts.refused + bad.length });
  expect(asked()).toBe(before.asked);
  // And the good one, in the middle of bad ones, is done.
  expect(await hand(flip(5), letter, flip(6))).toHaveLength(3);
  expect(prompts()).toEqual(['changed']);
});

test('the letters of a revoked device, and of one that is not paired, are put aside', async () => {
  const letter = await seal(one, 'too late');
  expect(forged.baton.host.remote.revoke(one.id)).toBe(true);
  expect(await hand(letter)).toEqual([letter.id]);
  expect([prompts(), receiptOf(letter.command)]).toEqual([[], null]);
});

test('a letter that was kept back for longer than a relay may, or is dated ahead, never acts', async () => {
  const { clock } = forged;
  const limit = LETTER_LIFETIME_MS + LETTER_CLOCK_SLACK_MS;
  const old = await seal(one, 'old', { sealedAt: clock.now() - limit - MINUTE_MS });
  const fresh = await seal(one, 'nearly old', { sealedAt: clock.now() - limit + MINUTE_MS });
  const early = await seal(one, 'of next week', { sealedAt: clock.now() + LETTER_CLOCK_SLACK_MS + MINUTE_MS });
  expect(await hand(old, fresh, early)).toEqual([old.id, fresh.id, early.id]);
  expect(prompts()).toEqual(['nearly old']);
  // No receipt: if its device ever brings it itself, it counts.
  expect([receiptOf(old.command), receiptOf(early.command)]).toEqual([null, null]);
});

test('what a device may not do it may not do by letter; the refusal is its receipt', async () => {
  const watcher = await forged.addDevice('Watcher', 'watch');
  const letter = await seal(watcher, 'not allowed');
  expect(await hand(letter)).toEqual([letter.id]);
  expect(receiptOf(letter.command)).toMatchObject({ state: 'rejected', reason: expect.stringContaining('only watch') });

  forged.baton.host.setRemoteControl(false);
  const off = await seal(one, 'switched off');
  expect(await hand(off)).toEqual([off.id]);
  forged.baton.host.setRemoteControl(true);
  expect(receiptOf(off.command)).toMatchObject({ state: 'rejected', reason: expect.stringContaining('switched off') });
  expect(prompts()).toEqual([]);
});

test('a prompt that was taken back does not run, although the relay kept its letter and brings it later', async () => {
  const prompt = await seal(one, 'taken back');
  const withdrawal = await seal(one, '', { kind: 'prompt.withdraw', body: { command: prompt.command } });
  const behind = await seal(one, 'goes on', { after: prompt.command });
  expect(await hand(behind, withdrawal)).toEqual([withdrawal.id, behind.id]);
  expect(await hand(prompt)).toEqual([prompt.id]);
  expect(prompts()).toEqual(['goes on']);
  expect(receiptOf(prompt.command)).toMatchObject({
    state: 'expired',
    reason: 'One took it back before it reached the agent.',
  });
});

test('a letter and the live channel bring the same command: it acts once, and the device sees its receipt', async () => {
  const letter = await seal(one, 'both ways');
  await hand(letter);
  const device = await forged.connect(one);
  await device.say({
    type: 'command',
    command: { id: letter.command, session, kind: 'prompt', body: { text: 'echo: both ways' }, at: 1 },
  });
  expect(await device.until('receipt')).toMatchObject({ command: letter.command });
  expect(prompts()).toEqual(['both ways']);
});

test('a command that cannot be stored is not confirmed, and is done when its letter comes again', async () => {
  const { connection } = forged.baton.host.history.database;
  const letter = await seal(one, 'after the disk was full');
  const pages = connection.pragma('page_count', { simple: true });
  connection.pragma('wal_checkpoint(TRUNCATE)');
  connection.pragma(`max_page_count = ${pages}`);
  const large = await seal(one, 'x'.repeat(200_000));
  expect(await hand(large)).toEqual([]);
  connection.pragma('max_page_count = 1073741823');
  expect(await hand(large, letter)).toEqual([large.id, letter.id]);
  expect(prompts().map((text) => text.slice(0, 5))).toEqual(['xxxxx', 'after']);
});

test('a command that was refused to its device for want of space does not act by its letter when there is space again', async () => {
  const { connection } = forged.baton.host.history.database;
  const text = 'y'.repeat(200_000);
  const letter = await seal(one, text);
  const behind = await seal(one, 'behind it', { after: letter.command });
  const device = await forged.connect(one);
  connection.pragma('wal_checkpoint(TRUNCATE)');
  connection.pragma(`max_page_count = ${connection.pragma('page_count', { simple: true })}`);
  await device.say({
    type: 'command',
    command: { id: letter.command, session, kind: 'prompt', body: { text: `echo: ${text}` }, at: 1 },
  });
  expect(await device.until('receipt')).toMatchObject({ command: letter.command, state: 'rejected' });
  connection.pragma('max_page_count = 1073741823');
  expect(await hand(letter, behind)).toEqual([letter.id, behind.id]);
  expect(prompts()).toEqual(['behind it']);
});

test('letters of a session that was deleted do not come again and again, and do not bring it back', async () => {
  const { host, command, startSession, untilState } = forged.baton;
  const gone = await startSession('Gone');
  const first = await seal(one, 'in time', { session: gone });
  await hand(first);
  await untilState(gone, 'idle');
  command('session.end', gone, {});
  await untilState(gone, 'ended');
  await forged.baton.until(
    'its agent to be gone',
    () => !host.history.sessions.running().some((one) => one.session === gone),
  );
  expect(await host.deleteHistory('ended')).toEqual({ sessions: 1 });
  const late = await seal(one, 'too late', { session: gone, after: first.command });
  const again = await seal(one, '', {
    session: gone,
    kind: 'session.new',
    body: { agent: 'demo', folder: forged.baton.project },
  });
  expect(await hand(late, again)).toEqual([late.id, again.id]);
  expect(await hand(first, late, again)).toEqual([first.id, late.id, again.id]);
  expect(host.supervisor.state().sessions.some(({ id }) => id === gone)).toBe(false);
  expect(receiptOf(again.command)).toMatchObject({ state: 'rejected', reason: expect.stringContaining('deleted') });
});

test('a relay that hands over without end is not listened to without end', async () => {
  const { relay, baton } = forged;
  const connections = relay.connections;
  relay.cut();
  await relay.untilHost(connections);
  const before = baton.host.remote.mail.refused;
  let last = 0;
  let asked = relay.asked;
  await relay.watched.until('the host to ask', () => relay.asked >= asked);
  for (let given = 0; given < LETTERS_PER_ROUND_MAX; given += LETTER_BATCH_MAX) {
    asked = relay.asked;
    for (let count = 0; count < LETTER_BATCH_MAX; count += 1) {
      relay.handLetter({ id: createLetterId(), device: one.id, bytes: new Uint8Array(16) });
    }
    last += LETTER_BATCH_MAX;
    relay.say({ type: 'mail.batch', last, isEmpty: false });
    await relay.watched.until('the host to go on', () => relay.asked > asked);
  }
  asked = relay.asked;
  relay.handLetter({ id: createLetterId(), device: one.id, bytes: new Uint8Array(16) });
  relay.say({ type: 'mail.batch', last, isEmpty: false });
  // The end of the round is a confirmation; nothing more is asked for, and a live device is served as ever.
  const device = await forged.connect(one);
  await device.say({ type: 'ping', id: 1, lastRoundTripMs: null });
  await device.until('pong');
  expect([relay.asked, baton.host.remote.mail.refused - before]).toEqual([asked, LETTERS_PER_ROUND_MAX]);
});

test('what a relay hands over beyond a batch is not kept in memory, and comes again', async () => {
  const junk = Array.from({ length: LETTER_BATCH_MAX + 3 }, () => ({
    id: createLetterId(),
    device: one.id,
    bytes: new Uint8Array(16),
  }));
  expect(await hand(...junk)).toEqual(junk.slice(0, LETTER_BATCH_MAX).map(({ id }) => id));
  const large = Array.from({ length: 8 }, () => ({
    id: createLetterId(),
    device: one.id,
    bytes: new Uint8Array(262_144),
  }));
  expect(await hand(...large)).toHaveLength(5);
});

test('pieces without a letter, and more bytes than were announced, harm nobody', async () => {
  const letter = await seal(one, 'after noise');
  const connections = forged.relay.connections;
  forged.relay.sendBytes(new Uint8Array(100));
  forged.relay.sendBytes(new Uint8Array(70_000));
  const long = { id: createLetterId(), device: one.id, bytes: new Uint8Array(1024) };
  expect(await hand(long, letter)).toEqual([long.id, letter.id]);
  expect(forged.relay.connections).toBe(connections + 1);
  expect(prompts()).toEqual(['after noise']);
});

test('a letter under copied keys, but without the signature of its device, touches nothing', async () => {
  const { prove: _, ...copied } = one;
  const { privateKey } = await generateAuthKeys(false);
  const forgeries = [await seal(copied, 'not signed'), await seal({ ...one, prove: privateKey }, 'signed by another')];
  const letter = await seal(one, 'signed');
  const ids = [...forgeries, letter].map(({ id }) => id);
  expect(await hand(...forgeries, letter)).toEqual(ids);
  expect(prompts()).toEqual(['signed']);
});

test('a letter of a page that signs nothing acts as long as its device has never signed', async () => {
  const { prove: _, ...ofBefore } = one;
  const { connection } = forged.baton.host.history.database;
  connection.prepare('UPDATE device SET is_signing = 0 WHERE id = ?').run(one.id);
  await hand(await seal(ofBefore, 'before'));
  await forged.connect(one);
  await hand(await seal(ofBefore, 'after'));
  expect(prompts()).toEqual(['before']);
});
