import { CloseCode } from '#protocol/close-codes.ts';
import { LETTER_MAX_BYTES, LETTER_PIECE_BYTES } from '#protocol/limits.ts';
import {
  type DeviceToRelay,
  encodeBridgeFrame,
  type HostToRelay,
  type LetterState,
  MAIL_CHANNEL,
  type MailRefusal,
} from '#protocol/relay-messages.ts';
import type { Admission } from './admission.ts';
import type { ClientSocket, Identity } from './client-socket.ts';
import type { Clock } from './clock.ts';
import type { HandedLetter, LetterStore } from './letter-store.ts';
import type { RelayLimits } from './limits.ts';
import type { Log } from './log.ts';
import type { Counters } from './metrics.ts';
import { RateLimit } from './rate-limit.ts';
import { errorCode } from './start-error.ts';

/** What the disk had no room for is tried again after this. */
export const STORE_AGAIN_AFTER_MS = 5_000;

type FromDevice = Extract<DeviceToRelay, { type: 'mail.put' | 'mail.list' | 'mail.cancel' }>;
type FromHost = Extract<HostToRelay, { type: 'mail.take' }>;

/** A letter whose bytes are still coming. Those of one that is refused are read and thrown away. */
interface Upload {
  readonly letter: string;
  readonly bytes: number;
  readonly beganAt: number;
  readonly refusal: MailRefusal | null;
  readonly pieces: Buffer[];
  received: number;
}

/** Takes letters from devices whose host is away, and hands them to the host when it asks. Reads none of them. */
export class Mailbox {
  readonly #limits: RelayLimits;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #counters: Counters;
  readonly #admission: Admission;
  readonly #letters: LetterStore;
  readonly #isHostOnline: (hostId: string) => boolean;
  readonly #onBug: (session: ClientSocket, error: unknown) => void;
  readonly #putRate: RateLimit;
  readonly #uploads = new Map<ClientSocket, Upload>();
  /** Hosts that asked for letters while the disk was full: they ask once, and are answered when there is room. */
  readonly #late = new Map<ClientSocket, { readonly hostId: string; readonly message: FromHost; againAt: number }>();
  /** Lists of hosts whose strangers could not be forgotten on a full disk. */
  readonly #leftovers = new Map<string, { readonly devices: ReadonlySet<string>; againAt: number }>();
  #uploadBytes = 0;

  constructor(options: {
    limits: RelayLimits;
    clock: Clock;
    log: Log;
    counters: Counters;
    admission: Admission;
    letters: LetterStore;
    isHostOnline: (hostId: string) => boolean;
    onBug: (session: ClientSocket, error: unknown) => void;
  }) {
    this.#limits = options.limits;
    this.#clock = options.clock;
    this.#log = options.log;
    this.#counters = options.counters;
    this.#admission = options.admission;
    this.#letters = options.letters;
    this.#isHostOnline = options.isHostOnline;
    this.#onBug = options.onBug;
    this.#putRate = new RateLimit(options.limits.letterPutsPerDevice);
  }

  handleDevice(session: ClientSocket, identity: Identity, message: FromDevice): void {
    const { hostId, id } = identity;
    switch (message.type) {
      case 'mail.put':
        this.#beginUpload(session, identity, message.letter, message.bytes);
        return;
      case 'mail.list': {
        const letters = identity.role === 'device' ? this.#letters.list(hostId, id, this.#clock.wallNow()) : [];
        session.send({ type: 'mail.listed', letters });
        return;
      }
      case 'mail.cancel': {
        const was = identity.role === 'device' ? this.#cancel(hostId, id, message.letter) : null;
        if (was === 'kept') this.#counters.lettersCancelled += 1;
        session.send({ type: 'mail.cancelled', letter: message.letter, was });
        return;
      }
    }
  }

  handleHost(session: ClientSocket, hostId: string, message: FromHost): void {
    const isRetry = this.#late.delete(session);
    const letters = this.#exchange(hostId, message, isRetry);
    if (letters === null) {
      this.#late.set(session, { hostId, message, againAt: this.#clock.now() + STORE_AGAIN_AFTER_MS });
      return;
    }
    if (isRetry) this.#log('info', 'Letters can be handed over again');
    for (const { id, device, body } of letters) {
      session.send({ type: 'mail.letter', letter: id, device, bytes: body.length });
      for (let at = 0; at < body.length; at += LETTER_PIECE_BYTES) {
        const piece = encodeBridgeFrame(MAIL_CHANNEL, body.subarray(at, at + LETTER_PIECE_BYTES));
        session.sendFrame(Buffer.from(piece.buffer));
      }
    }
    this.#counters.lettersHanded += letters.length;
    session.send({ type: 'mail.batch', last: letters.at(-1)?.place ?? message.after, isEmpty: letters.length === 0 });
  }

  /** Null on a full disk: nothing is handed over, what was confirmed is not noted, and the host keeps its connection. */
  #exchange(hostId: string, { after, taken }: FromHost, isRetry: boolean): HandedLetter[] | null {
    const wallNow = this.#clock.wallNow();
    try {
      if (this.#admission.isKnown(hostId)) this.#letters.noteTaker(hostId);
      this.#counters.lettersTaken += this.#letters.take(hostId, taken, wallNow);
      return this.#letters.hand(hostId, after, wallNow);
    } catch (error) {
      this.#logStorage('Failed to hand letters over; trying again until it works', error, isRetry);
      return null;
    }
  }

  /** These are all devices that the host admits: letters of others are forgotten. On a full disk that waits until there is room. */
  keepOnly(hostId: string, devices: ReadonlySet<string>): void {
    const isRetry = this.#leftovers.delete(hostId);
    try {
      this.#counters.lettersForgotten += this.#letters.keepOnly(hostId, devices);
    } catch (error) {
      this.#logStorage('Failed to forget letters; trying again until it works', error, isRetry);
      this.#leftovers.set(hostId, { devices, againAt: this.#clock.now() + STORE_AGAIN_AFTER_MS });
    }
  }

  /** Deletes the letters that are too old. On a full disk that waits for the next time. */
  expire(): void {
    try {
      const expired = this.#letters.expire(this.#clock.wallNow());
      this.#counters.lettersExpired += expired;
      if (expired > 0) this.#log('info', 'Deleted letters that nobody took', { letters: expired });
    } catch (error) {
      this.#logStorage('Failed to delete letters that are too old', error);
    }
  }

  /** The socket is leaving: what it had not sent in full is no letter. */
  leave(session: ClientSocket): void {
    this.#endUpload(session);
    this.#late.delete(session);
  }

  /** Closes sockets that began a letter and do not send it, and does what a full disk had left undone. */
  tick(now: number): void {
    this.#putRate.sweep(now);
    this.#letters.noteTakersAgain();
    for (const [session, { hostId, message, againAt }] of [...this.#late]) {
      if (now >= againAt) this.handleHost(session, hostId, message);
    }
    for (const [hostId, { devices, againAt }] of [...this.#leftovers]) {
      if (now >= againAt) this.keepOnly(hostId, devices);
    }
    for (const [session, upload] of [...this.#uploads]) {
      if (now - upload.beganAt >= this.#limits.letterUploadTimeoutMs) {
        session.close(CloseCode.malformed, 'A letter did not arrive in time.');
      }
    }
  }

  /** On a full disk it stays where it is, and may be handed over: its sender must not believe that it is gone. */
  #cancel(hostId: string, device: string, letter: string): LetterState | null {
    try {
      return this.#letters.cancel(hostId, device, letter);
    } catch (error) {
      this.#logStorage('Failed to take a letter out', error);
      return 'handed';
    }
  }

  #beginUpload(session: ClientSocket, identity: Identity, letter: string, bytes: number): void {
    const bridge = session.onFrame;
    if (this.#uploads.has(session) || !bridge) {
      session.close(CloseCode.malformed, 'One letter after the other.');
      return;
    }
    const refusal = this.#refusal(identity, bytes);
    const upload = { letter, bytes, beganAt: this.#clock.now(), refusal, pieces: [], received: 0 };
    this.#uploads.set(session, upload);
    if (refusal === null) this.#uploadBytes += bytes;
    session.onFrame = (piece) => {
      try {
        this.#takePiece(session, identity, upload, piece, bridge);
      } catch (error) {
        this.#onBug(session, error);
      }
    };
  }

  /** What is known before the letter is there. */
  #refusal(identity: Identity, bytes: number): MailRefusal | null {
    const { hostId, id, role } = identity;
    if (role !== 'device' || this.#admission.standing(hostId, id) !== 'admitted') return 'not-admitted';
    if (bytes > LETTER_MAX_BYTES) return 'too-large';
    if (this.#isHostOnline(hostId)) return 'host-online';
    if (!this.#letters.takesLetters(hostId)) return 'host-takes-none';
    if (this.#uploadBytes + bytes > this.#limits.letterUploadsMaxBytes) return 'no-room';
    return this.#putRate.take(`${hostId}.${id}`, this.#clock.now()) ? null : 'too-often';
  }

  #takePiece(
    session: ClientSocket,
    identity: Identity,
    upload: Upload,
    piece: Buffer,
    bridge: (frame: Buffer) => void,
  ) {
    upload.received += piece.length;
    if (piece.length === 0 || upload.received > upload.bytes) {
      session.close(CloseCode.malformed, 'A letter is not as long as was announced.');
      return;
    }
    // Copied: a piece is a view of what was read in one go.
    if (upload.refusal === null) upload.pieces.push(Buffer.from(piece));
    if (upload.received < upload.bytes) return;
    this.#endUpload(session);
    session.onFrame = bridge;
    const { letter } = upload;
    const refusal = upload.refusal ?? this.#keep(identity, letter, Buffer.concat(upload.pieces));
    if (refusal === null) {
      this.#counters.lettersKept += 1;
      session.send({ type: 'mail.kept', letter });
    } else {
      this.#counters.letterRefusals[refusal] += 1;
      session.send({ type: 'mail.refused', letter, reason: refusal });
    }
  }

  #keep({ hostId, id: device }: Identity, id: string, body: Buffer): MailRefusal | null {
    // Both may have changed while it came.
    if (this.#isHostOnline(hostId)) return 'host-online';
    if (this.#admission.standing(hostId, device) !== 'admitted') return 'not-admitted';
    try {
      // A letter belongs to a host that is stored; one for which there was no room is not waited for.
      if (this.#admission.unstoredCount > 0) this.#admission.storeAgain(this.#clock.wallNow());
      return this.#letters.put({ host: hostId, device, id, body }, this.#clock.wallNow());
    } catch (error) {
      this.#logStorage('Failed to keep a letter', error);
      return 'no-room';
    }
  }

  /** What is no failure of the database is a bug, and is thrown on. */
  #logStorage(message: string, error: unknown, isKnown = false): void {
    const code = errorCode(error);
    if (!code.startsWith('SQLITE_')) throw error;
    if (!isKnown) this.#log('error', message, { error: code });
  }

  #endUpload(session: ClientSocket): void {
    const upload = this.#uploads.get(session);
    if (!upload) return;
    this.#uploads.delete(session);
    if (upload.refusal === null) this.#uploadBytes -= upload.bytes;
  }
}
