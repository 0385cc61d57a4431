/**
 * Leaves commands at the relay while the host is away: sealed, one letter each, in the order in which they were made. It compares what
 * should be there with what the relay says is there, and mends the difference; it may be cut off at any point and begins again.
 * A command stays in the outbox whatever becomes of its letter.
 */
import type { Bytes } from '#protocol/bytes.ts';
import type { CommandBody, CommandKind } from '#protocol/commands.ts';
import { createLetterId } from '#protocol/letter.ts';
import { LETTER_PIECE_BYTES } from '#protocol/limits.ts';
import type { DeviceToRelay, LetterState, MailRefusal, RelayToDevice } from '#protocol/relay-messages.ts';
import { targetOf } from '#ui/client/outbox-rules.ts';

export type MailToRelay = Extract<DeviceToRelay, { type: 'mail.put' | 'mail.list' | 'mail.cancel' }>;
export type MailFromRelay = Extract<
  RelayToDevice,
  { type: 'mail.kept' | 'mail.refused' | 'mail.listed' | 'mail.cancelled' }
>;

/** The relay, while it answers and the host is not connected to it. */
export interface MailPort {
  say(message: MailToRelay): void;
  sendFrame(bytes: Bytes): void;
}

export interface StoredLetter {
  readonly id: string;
  /** The command before which this one must not happen, as it stands in the letter. */
  readonly after: string | null;
  /** `leaving`: it may be at the relay or not. Then as the relay says. */
  readonly state: 'leaving' | LetterState;
  /** When it was sealed. */
  readonly at: number;
}

/** A command of which the host has said nothing yet. */
export interface CourierRecord {
  readonly id: string;
  readonly session: string;
  readonly kind: CommandKind;
  readonly body: CommandBody;
  /** When the person made it. */
  readonly at: number;
  readonly letter: StoredLetter | null;
}

/** The outbox, as the courier needs it. What is written is on disk when the promise resolves. */
export interface CourierDesk {
  now(): number;
  /** Reads again what other tabs may have changed. */
  refresh(): Promise<void>;
  /** In the order in which they were made. */
  records(): readonly CourierRecord[];
  /** Whether this command is in the outbox at all, finished or not. */
  has(command: string): boolean;
  /** False if the command is not there any more: it was taken back meanwhile. */
  setLetter(command: string, letter: StoredLetter | null): Promise<boolean>;
  /** Why the last attempt to leave this one failed. */
  noteRefusal(command: string, reason: MailRefusal | 'behind'): void;
  /** It was taken out before the host saw it: forgets the command, unless it has also gone another way. */
  takenOut(command: string): Promise<void>;
  /** Null if it is too large for a letter. */
  seal(record: CourierRecord, after: string | null): Promise<Bytes | null>;
}

/** The relay is gone, or the host is there: whatever was asked is not answered any more. */
class PortLost extends Error {
  override name = 'PortLost';
}

export class MailCourier {
  readonly #desk: CourierDesk;
  readonly #onFailure: (error: unknown) => void;
  #port: MailPort | null = null;
  /** Questions that the relay has not answered, oldest first, and what they are about. */
  #asked: { about: string; resolve(answer: MailFromRelay): void; reject(error: Error): void }[] = [];
  #isListed = false;
  #isRunning = false;
  #isTouched = false;

  constructor(desk: CourierDesk, onFailure: (error: unknown) => void) {
    this.#desk = desk;
    this.#onFailure = onFailure;
  }

  /** The host is away and the relay keeps letters for it. */
  begin(port: MailPort): void {
    this.end();
    this.#port = port;
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
    if (!this.#isRunning && this.#port) void this.#run();
  }

  handle(message: MailFromRelay): void {
    const about = message.type === 'mail.listed' ? 'list' : message.letter;
    const at = this.#asked.findIndex((question) => question.about === about);
    if (at !== -1) this.#asked.splice(at, 1)[0]?.resolve(message);
  }

  /** Takes a letter out. `handed`: the host may have it. Rejects with words if the relay cannot be asked now. */
  async takeOut(command: string): Promise<'gone' | 'handed'> {
    const record = this.#desk.records().find(({ id }) => id === command);
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
        await this.#desk.refresh();
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
    if (this.#port && this.#isTouched) void this.#run();
  }

  /** Brings what is stored in line with what the relay has, and takes out what nobody needs any more. */
  async #compare(port: MailPort): Promise<void> {
    const answer = await this.#ask('list', { type: 'mail.list' });
    if (answer.type !== 'mail.listed') return;
    const states = new Map(answer.letters.map(({ letter, state }) => [letter, state]));
    for (const { id, letter } of this.#desk.records()) {
      if (!letter) continue;
      const state = states.get(letter.id);
      states.delete(letter.id);
      if (state !== letter.state) await this.#desk.setLetter(id, state ? { ...letter, state } : null);
      this.#requirePort(port);
    }
    for (const [letter, state] of states) {
      if (state === 'kept') await this.#ask(letter, { type: 'mail.cancel', letter });
    }
    this.#isListed = true;
  }

  /** Takes out the letters of prompts that the person took back. */
  async #takeBack(port: MailPort): Promise<void> {
    this.#requirePort(port);
    const withdrawn = this.#withdrawn();
    for (const record of this.#desk.records()) {
      const { letter } = record;
      if (!letter || !withdrawn.has(record.id) || letter.state === 'handed' || letter.state === 'taken') continue;
      if (await this.#cancel(record, letter)) await this.#desk.takenOut(record.id);
      this.#requirePort(port);
    }
  }

  async #leave(port: MailPort): Promise<void> {
    this.#requirePort(port);
    const withdrawn = this.#withdrawn();
    /** The last command of each session, and the sessions of which one could not be left: those behind it wait as well. */
    const last = new Map<string, string>();
    const blocked = new Set<string>();
    for (const record of this.#desk.records()) {
      this.#requirePort(port);
      const { id, session, kind } = record;
      if (withdrawn.has(id)) continue;
      // Taking back overtakes: the host does it whether or not it has the prompt.
      const after = kind === 'prompt.withdraw' ? null : (last.get(session) ?? null);
      if (kind !== 'prompt.withdraw') last.set(session, id);
      if (record.letter && !(await this.#isStale(record, record.letter))) continue;
      if (blocked.has(session)) {
        this.#desk.noteRefusal(id, 'behind');
        continue;
      }
      const refusal = await this.#put(port, record, after);
      if (refusal === null) continue;
      this.#desk.noteRefusal(id, refusal);
      if (refusal !== 'too-large') return;
      blocked.add(session);
    }
  }

  async #put(port: MailPort, record: CourierRecord, after: string | null): Promise<MailRefusal | null> {
    const sealed = await this.#desk.seal(record, after);
    this.#requirePort(port);
    if (!sealed) return 'too-large';
    const letter = createLetterId();
    // On disk before the first byte leaves: from now on the host may get to know it.
    const stored = { id: letter, after, at: this.#desk.now() };
    if (!(await this.#desk.setLetter(record.id, { ...stored, state: 'leaving' }))) return null;
    const answer = await this.#ask(letter, { type: 'mail.put', letter, bytes: sealed.length }, sealed);
    const isKept = answer.type === 'mail.kept';
    await this.#desk.setLetter(record.id, isKept ? { ...stored, state: 'kept' } : null);
    return answer.type === 'mail.refused' ? answer.reason : null;
  }

  /** Whether its letter waits for a command that will never come: then it was taken out, to be sealed again. */
  async #isStale(record: CourierRecord, letter: StoredLetter): Promise<boolean> {
    const isWaiting = letter.state === 'kept' || letter.state === 'leaving';
    if (!isWaiting || letter.after === null || this.#desk.has(letter.after)) return false;
    return await this.#cancel(record, letter);
  }

  /** True if the letter is not at the relay any more and the host never got it. */
  async #cancel(record: CourierRecord, letter: StoredLetter): Promise<boolean> {
    const answer = await this.#ask(letter.id, { type: 'mail.cancel', letter: letter.id });
    const was = answer.type === 'mail.cancelled' ? answer.was : 'handed';
    const isGone = was === 'kept' || was === null;
    await this.#desk.setLetter(record.id, isGone ? null : { ...letter, state: was });
    return isGone;
  }

  /** What was begun on one port does not go on without it: what is there is compared again. */
  #requirePort(port: MailPort): void {
    if (this.#port !== port) throw new PortLost();
  }

  /** Prompts that the person took back. */
  #withdrawn(): ReadonlySet<string> {
    return new Set(
      this.#desk.records().flatMap(({ kind, body }) => (kind === 'prompt.withdraw' ? [targetOf(body)] : [])),
    );
  }

  #ask(about: string, message: MailToRelay, bytes?: Bytes): Promise<MailFromRelay> {
    const port = this.#port;
    if (!port) return Promise.reject(new PortLost());
    const { promise, resolve, reject } = Promise.withResolvers<MailFromRelay>();
    this.#asked.push({ about, resolve, reject });
    port.say(message);
    for (let at = 0; bytes && at < bytes.length; at += LETTER_PIECE_BYTES) {
      port.sendFrame(bytes.slice(at, at + LETTER_PIECE_BYTES));
    }
    return promise;
  }
}
