/**
 * Takes the letters that devices left at the relay while this computer was away, opens them, and has their commands carried out:
 * once, whichever way a command comes first, and in the order in which its device made them. A letter is confirmed to the relay only
 * when its command is on disk, or when nothing can ever come of it; until then it comes again.
 */

import type { Clock } from '#lib/clock.ts';
import type { Disposer } from '#lib/disposer.ts';
import type { Log } from '#lib/log.ts';
import { unawaited } from '#lib/unawaited.ts';
import { type Bytes, concat } from '#protocol/bytes.ts';
import type { Receipt, WireCommand } from '#protocol/commands.ts';
import { encodePrologue } from '#protocol/keys.ts';
import { type Letter, openLetter } from '#protocol/letter.ts';
import {
  DEVICES_MAX,
  LETTER_BATCH_MAX,
  LETTER_BATCH_MAX_BYTES,
  LETTER_CLOCK_SLACK_MS,
  LETTER_LIFETIME_MS,
  LETTERS_PER_DEVICE_MAX,
} from '#protocol/limits.ts';
import { isLetterProven } from '#protocol/proof.ts';
import type { HostToRelay, RelayToHost } from '#protocol/relay-messages.ts';
import { isPaired } from '../access.ts';
import type { Device, DeviceStore } from '../history/device-store.ts';
import type { HostKeys } from '../host-keys.ts';

/** A relay that has more than an honest one may keep is not asked for the rest. */
export const LETTERS_PER_ROUND_MAX = DEVICES_MAX * LETTERS_PER_DEVICE_MAX;
/**
 * Letters are asked for again after this: those whose time had not come, such as those that a full disk could not take here, and those that a
 * relay with a full disk could not hand over, of which it says nothing.
 */
export const LOOK_FOR_LETTERS_EVERY_MS = 5 * 60_000;
/** Commands that were refused and could not be stored, of which so many are remembered. */
const REFUSED_REMEMBERED_MAX = 1_000;
/** Of letters that cannot be opened, so many of one round get a line of their own in the log. */
const UNREADABLE_LOGGED_MAX = 10;

export interface MailboxReaderOptions {
  readonly keys: HostKeys;
  readonly devices: DeviceStore;
  readonly clock: Clock;
  readonly log: Log;
  send(message: HostToRelay): void;
  /** Carries the command out at most once, as if it had come through the device's channel. */
  handleCommand(device: Device, command: WireCommand): Receipt;
  /** Whether the receipt of this command is on disk. */
  isStored(command: string): boolean;
  /** Whether there was such a session, which is deleted with the receipts of its commands. */
  isDeleted(session: string): boolean;
}

/** What was done with the letters since the host started. */
export interface MailCounts {
  /** Confirmed with their command on disk. */
  readonly delivered: number;
  /** Confirmed away: forged, damaged, too old, or of a device that is not paired any more. */
  readonly refused: number;
}

interface Incoming {
  readonly id: string;
  readonly device: string;
  readonly bytes: number;
  readonly pieces: Uint8Array[];
  received: number;
}

/** One passage through all letters, while one connection lasts. */
interface Round {
  incoming: Incoming | null;
  /** Complete letters of the batch that is coming. */
  batch: { readonly id: string; readonly device: string; readonly sealed: Bytes }[];
  /** Opened, and waiting for the command before them. */
  early: { readonly id: string; readonly device: Device; readonly letter: Letter }[];
  /** Letters of this round whose command could not be stored. */
  left: number;
  seen: number;
  /** The letters of a batch are being opened. */
  isBusy: boolean;
  unreadable: number;
}

export class MailboxReader {
  readonly #options: MailboxReaderOptions;
  /** Oldest first. */
  readonly #refusedLive = new Set<string>();
  #round: Round | null = null;
  #delivered = 0;
  #refused = 0;
  #cancelRetry: Disposer = () => {};

  constructor(options: MailboxReaderOptions) {
    this.#options = options;
  }

  get counts(): MailCounts {
    return { delivered: this.#delivered, refused: this.#refused };
  }

  /**
   * Its device was told through the channel that this command is refused, and that is not on disk: a letter with it must not act later,
   * when there is room on the disk again and the person has long sent it again.
   */
  noteRefused(command: string): void {
    this.#refusedLive.add(command);
    if (this.#refusedLive.size <= REFUSED_REMEMBERED_MAX) return;
    for (const oldest of this.#refusedLive) {
      this.#refusedLive.delete(oldest);
      return;
    }
  }

  /** The link is gone: what was not confirmed comes again with the next one. */
  handleDisconnect(): void {
    this.#cancelRetry();
    this.#round = null;
  }

  handleRelay(message: RelayToHost): void {
    switch (message.type) {
      case 'ready':
        if (message.mailbox) this.#begin();
        return;
      case 'mail.letter':
        this.#expectLetter(message.letter, message.device, message.bytes);
        return;
      case 'mail.batch':
        unawaited(this.#takeBatch(message.last, message.isEmpty), 'read letters', this.#options.log);
        return;
      default:
    }
  }

  /** A piece of the letter that was announced. One that belongs to none is dropped. */
  handlePiece(piece: Uint8Array): void {
    const round = this.#round;
    const incoming = round?.incoming;
    if (!round || !incoming) return;
    // Copied: the carrier may use its buffer again.
    incoming.pieces.push(piece.slice());
    incoming.received += piece.length;
    if (incoming.received < incoming.bytes) return;
    round.incoming = null;
    round.batch.push({ id: incoming.id, device: incoming.device, sealed: concat(...incoming.pieces) });
  }

  #begin(): void {
    this.#cancelRetry();
    this.#round = { incoming: null, batch: [], early: [], left: 0, seen: 0, isBusy: false, unreadable: 0 };
    this.#options.send({ type: 'mail.take', after: 0, taken: [] });
  }

  #expectLetter(id: string, device: string, bytes: number): void {
    const round = this.#round;
    if (!round || round.seen >= LETTERS_PER_ROUND_MAX) return;
    round.incoming = null;
    // What a relay hands over beyond a batch is not held in memory.
    const held = round.batch.reduce((sum, { sealed }) => sum + sealed.length, 0);
    if (round.batch.length >= LETTER_BATCH_MAX || held > LETTER_BATCH_MAX_BYTES) return;
    round.seen += 1;
    round.incoming = { id, device, bytes, pieces: [], received: 0 };
  }

  async #takeBatch(last: number, isEmpty: boolean): Promise<void> {
    const round = this.#round;
    if (!round || round.isBusy) return;
    round.isBusy = true;
    const batch = round.batch.splice(0);
    const taken: string[] = [];
    try {
      for (const { id, device, sealed } of batch) {
        const opened = await this.#open(round, device, sealed);
        if (round !== this.#round) return;
        if (opened === null) {
          this.#refused += 1;
          taken.push(id);
        } else if (!round.early.some(({ letter }) => letter.command.id === opened.letter.command.id)) {
          round.early.push({ id, ...opened });
          taken.push(...this.#deliver(round));
        }
      }
    } catch (error) {
      // A bug, or a disk that cannot be read: the letters stay where they are.
      this.#options.log.error('Failed to take letters', { error });
      this.#end(round);
      return;
    }
    if (round.seen >= LETTERS_PER_ROUND_MAX) {
      this.#options.log.warn('The relay hands over more letters than it may keep', { limit: LETTERS_PER_ROUND_MAX });
    } else if (!isEmpty) {
      round.isBusy = false;
      this.#options.send({ type: 'mail.take', after: last, taken });
      return;
    }
    if (taken.length > 0) this.#options.send({ type: 'mail.take', after: Number.MAX_SAFE_INTEGER, taken });
    this.#end(round);
  }

  #end(round: Round): void {
    const { log, clock } = this.#options;
    const waiting = round.left + round.early.length;
    if (round.seen > 0) {
      log.info('Took the letters that waited at the relay', {
        letters: round.seen,
        unreadable: round.unreadable,
        leftThere: waiting,
      });
    }
    this.#round = null;
    this.#cancelRetry = clock.after(LOOK_FOR_LETTERS_EVERY_MS, () => this.#begin());
  }

  /** Carries out the letters whose turn has come; says which of them the relay may forget. */
  #deliver(round: Round): string[] {
    const { handleCommand, isStored, isDeleted } = this.#options;
    const isNext = ({ after, command }: Letter) =>
      after === null || isStored(after) || this.#refusedLive.has(after) || isDeleted(command.session);
    const taken: string[] = [];
    for (;;) {
      const next = round.early.findIndex(({ letter }) => isNext(letter));
      const [found] = next === -1 ? [] : round.early.splice(next, 1);
      if (!found) return taken;
      if (this.#refusedLive.has(found.letter.command.id)) {
        this.#refused += 1;
        taken.push(found.id);
        continue;
      }
      handleCommand(found.device, found.letter.command);
      if (isStored(found.letter.command.id)) {
        this.#delivered += 1;
        taken.push(found.id);
      } else round.left += 1;
    }
  }

  /** Null if nothing can ever come of it. */
  async #open(round: Round, deviceId: string, sealed: Bytes): Promise<{ device: Device; letter: Letter } | null> {
    const { devices, keys } = this.#options;
    const device = devices.get(deviceId);
    if (!isPaired(device)) return this.#refuse(round, 'its device is not paired, or was revoked');
    try {
      const { content: letter, signed } = await openLetter(sealed, {
        keys: keys.noise,
        remoteKey: device.noiseKey,
        psk: device.psk,
        prologue: encodePrologue('mailbox', keys.hostId, device.id),
      });
      const { hostId } = keys;
      if (signed && !(await isLetterProven(device.authKey, signed.proof, { hostId, deviceId, text: signed.text })))
        return this.#refuse(round, 'its signature is not that of its device');
      // One of a page of before comes again through the channel, signed, as long as its device is there.
      if (!signed && device.isSigning) return this.#refuse(round, 'it is not signed, and its device signs');
      const age = this.#options.clock.now() - letter.sealedAt;
      if (age > LETTER_LIFETIME_MS + LETTER_CLOCK_SLACK_MS) return this.#refuse(round, 'it is too old');
      if (age < -LETTER_CLOCK_SLACK_MS) return this.#refuse(round, 'it is dated ahead of this computer’s clock');
      return { device, letter };
    } catch (error) {
      return this.#refuse(round, error instanceof Error ? error.message : String(error));
    }
  }

  #refuse(round: Round, reason: string): null {
    round.unreadable += 1;
    if (round.unreadable <= UNREADABLE_LOGGED_MAX) this.#options.log.warn('A letter was put aside', { reason });
    return null;
  }
}
