/**
 * Leaves commands at the relay while the host is away: sealed, one letter each, in the order in which they were made. It compares what
 * should be there with what the relay says is there, and mends the difference; it may be cut off at any point and begins again.
 * A command stays in the outbox whatever becomes of its letter.
 */
import { unawaited } from '#lib/unawaited.ts';
import type { Bytes } from '#protocol/bytes.ts';
import type { CommandBody, CommandKind } from '#protocol/commands.ts';
import { createLetterId } from '#protocol/letter.ts';
import { LETTER_PIECE_BYTES } from '#protocol/limits.ts';
import type { MailRefusal } from '#protocol/relay-messages.ts';
import { targetOf } from '#ui/client/outbox-rules.ts';
import type { MailboxPort, MailFromRelay, MailToRelay } from '../link/mailbox-port.ts';
import type { StoredLetter } from '../store/database.ts';
import type { LetterRefusal } from './outbox-entry.ts';

/** A command of which the host has said nothing yet. */
export interface UnansweredCommand {
  readonly id: string;
  readonly session: string;
  readonly kind: CommandKind;
  readonly body: CommandBody;
  /** When the person made it. */
  readonly at: number;
  readonly letter: StoredLetter | null;
}

/** The outbox, as `MailboxWriter` needs it. What is written is on disk when the promise resolves. */
export interface LetterOutbox {
  now(): number;
  /** Reads again what other tabs may have changed. */
  refresh(): Promise<void>;
  /** In the order in which they were made. */
  records(): readonly UnansweredCommand[];
  /** Whether this command is in the outbox at all, finished or not. */
  has(command: string): boolean;
  /** False if the command is not there any more: it was taken back meanwhile. */
  setLetter(command: string, letter: StoredLetter | null): Promise<boolean>;
  /** Why the last attempt to leave this one failed. */
  noteRefusal(command: string, reason: LetterRefusal): void;
  /** It was taken out before the host saw it: forgets the command, unless it has also gone another way. */
  takenOut(command: string): Promise<void>;
  /** Null if it is too large for a letter. */
  seal(record: UnansweredCommand, after: string | null): Promise<Bytes | null>;
}

/** The relay is gone, or the host is there: whatever was asked is not answered any more. */
class PortLost extends Error {
  override name = 'PortLost';
}

export class MailboxWriter {
  readonly #outbox: LetterOutbox;
  readonly #onFailure: (error: unknown) => void;
  #port: MailboxPort | null = null;
  /** Questions that the relay has not answered, oldest first, and what they are about. */
  #asked: { about: string; resolve(answer: MailFromRelay): void; reject(error: Error): void }[] = [];
  #isListed = false;
  #isRunning = false;
  #isTouched = false;

  constructor(outbox: LetterOutbox, onFailure: (error: unknown) => void) {
    this.#outbox = outbox;
    this.#onFailure = onFailure;
  }

  /** The host is away and the relay keeps letters for it. */
  begin(port: MailboxPort): void {
    this.end();
    this.#port = port;
    // An answer to what was asked on another port is no answer to what is asked on this one.
    port.listen((message) => this.#port === port && this.#handle(message));
    this.touch();
  }

  /** Letters can neither be left nor taken out now. */
  end(): void {
    this.#port = null;
    this.#isListed = false;
    for (const { reject } of this.#asked.splice(0)) reject(new PortLost());
  }

  /** The outbox has changed. */
  touch(): void {
    this.#isTouched = true;
    if (!this.#isRunning && this.#port) unawaited(this.#run(), 'leave letters at the relay');
  }

  /** Takes a letter out. `handed`: the host may have it. Rejects with words if the relay cannot be asked now. */
  async takeOut(command: string): Promise<'gone' | 'handed'> {
    const record = this.#outbox.records().find(({ id }) => id === command);
    if (!record?.letter) return 'handed';
    try {
      return (await this.#cancel(record, record.letter)) ? 'gone' : 'handed';
    } catch (error) {
      if (!(error instanceof PortLost)) throw error;
      throw new Error('The relay, where it was left, does not answer now. Try again when it does.', { cause: error });
    }
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    try {
      while (this.#port && this.#isTouched) {
        const port = this.#port;
        this.#isTouched = false;
        await this.#outbox.refresh();
        if (!this.#isListed) await this.#compare(port);
        await this.#takeBack(port);
        await this.#leave(port);
      }
    } catch (error) {
      if (!(error instanceof PortLost)) this.#onFailure(error);
    } finally {
      this.#isRunning = false;
    }
    // A port that came while the last one was being left behind.
    if (this.#port && this.#isTouched) unawaited(this.#run(), 'leave letters at the relay');
  }

  /** Brings what is stored in line with what the relay has, and takes out what nobody needs any more. */
  async #compare(port: MailboxPort): Promise<void> {
    const answer = await this.#ask('list', { type: 'mail.list' });
    if (answer.type !== 'mail.listed') return;
    const states = new Map(answer.letters.map(({ letter, state }) => [letter, state]));
    for (const { id, letter } of this.#outbox.records()) {
      if (!letter) continue;
      const state = states.get(letter.id);
      states.delete(letter.id);
      if (state !== letter.state) await this.#outbox.setLetter(id, state ? { ...letter, state } : null);
      this.#requirePort(port);
    }
    for (const [letter, state] of states) {
      if (state === 'kept') await this.#ask(letter, { type: 'mail.cancel', letter });
    }
    this.#isListed = true;
  }

  /** Takes out the letters of prompts that the person took back. */
  async #takeBack(port: MailboxPort): Promise<void> {
    this.#requirePort(port);
    const withdrawn = this.#withdrawn();
    for (const record of this.#outbox.records()) {
      const { letter } = record;
      if (!letter || !withdrawn.has(record.id) || letter.state === 'handed' || letter.state === 'taken') continue;
      if (await this.#cancel(record, letter)) await this.#outbox.takenOut(record.id);
      this.#requirePort(port);
    }
  }

  async #leave(port: MailboxPort): Promise<void> {
    this.#requirePort(port);
    const withdrawn = this.#withdrawn();
    /** The last command of each session, and the sessions of which one could not be left: those behind it wait as well. */
    const last = new Map<string, string>();
    const blocked = new Set<string>();
    for (const record of this.#outbox.records()) {
      this.#requirePort(port);
      const { id, session, kind } = record;
      if (withdrawn.has(id)) continue;
      // Taking back overtakes: the host does it whether or not it has the prompt.
      const after = kind === 'prompt.withdraw' ? null : (last.get(session) ?? null);
      if (kind !== 'prompt.withdraw') last.set(session, id);
      if (record.letter && !(await this.#isStale(record, record.letter))) continue;
      if (blocked.has(session)) {
        this.#outbox.noteRefusal(id, 'behind');
        continue;
      }
      const refusal = await this.#put(port, record, after);
      if (refusal === null) continue;
      this.#outbox.noteRefusal(id, refusal);
      if (refusal !== 'too-large') return;
      blocked.add(session);
    }
  }

  async #put(port: MailboxPort, record: UnansweredCommand, after: string | null): Promise<MailRefusal | null> {
    const sealed = await this.#outbox.seal(record, after);
    this.#requirePort(port);
    if (!sealed) return 'too-large';
    const letter = createLetterId();
    // On disk before the first byte leaves: from now on the host may get to know it.
    const stored = { id: letter, after, at: this.#outbox.now() };
    if (!(await this.#outbox.setLetter(record.id, { ...stored, state: 'leaving' }))) return null;
    const answer = await this.#ask(letter, { type: 'mail.put', letter, bytes: sealed.length }, sealed);
    const isKept = answer.type === 'mail.kept';
    await this.#outbox.setLetter(record.id, isKept ? { ...stored, state: 'kept' } : null);
    return answer.type === 'mail.refused' ? answer.reason : null;
  }

  /** Whether its letter waits for a command that will never come: then it was taken out, to be sealed again. */
  async #isStale(record: UnansweredCommand, letter: StoredLetter): Promise<boolean> {
    const isWaiting = letter.state === 'kept' || letter.state === 'leaving';
    if (!isWaiting || letter.after === null || this.#outbox.has(letter.after)) return false;
    return await this.#cancel(record, letter);
  }

  /** True if the letter is not at the relay any more and the host never got it. */
  async #cancel(record: UnansweredCommand, letter: StoredLetter): Promise<boolean> {
    const answer = await this.#ask(letter.id, { type: 'mail.cancel', letter: letter.id });
    const was = answer.type === 'mail.cancelled' ? answer.was : 'handed';
    const isGone = was === 'kept' || was === null;
    await this.#outbox.setLetter(record.id, isGone ? null : { ...letter, state: was });
    return isGone;
  }

  /** What was begun on one port does not go on without it: what is there is compared again. */
  #requirePort(port: MailboxPort): void {
    if (this.#port !== port) throw new PortLost();
  }

  /** Prompts that the person took back. */
  #withdrawn(): ReadonlySet<string> {
    return new Set(
      this.#outbox.records().flatMap(({ kind, body }) => (kind === 'prompt.withdraw' ? [targetOf(body)] : [])),
    );
  }

  #handle(message: MailFromRelay): void {
    const about = message.type === 'mail.listed' ? 'list' : message.letter;
    const at = this.#asked.findIndex((question) => question.about === about);
    if (at !== -1) this.#asked.splice(at, 1)[0]?.resolve(message);
  }

  #ask(about: string, message: MailToRelay, bytes?: Bytes): Promise<MailFromRelay> {
    const port = this.#port;
    if (!port) return Promise.reject(new PortLost());
    const { promise, resolve, reject } = Promise.withResolvers<MailFromRelay>();
    this.#asked.push({ about, resolve, reject });
    port.send(message);
    for (let at = 0; bytes && at < bytes.length; at += LETTER_PIECE_BYTES) {
      port.sendFrame(bytes.slice(at, at + LETTER_PIECE_BYTES));
    }
    return promise;
  }
}
