import { CloseCode } from '#protocol/close-codes.ts';
import type { ClientSocket } from './client-socket.ts';
import type { Clock } from './clock.ts';
import { CHANNEL_BYTES, type RelayLimits } from './limits.ts';
import type { Counters } from './metrics.ts';
import type { PairingRendezvous } from './pairing-rendezvous.ts';
import { RateLimit } from './rate-limit.ts';

/** With more than this waiting, the next frame will wait too. */
const COPY_ABOVE_BYTES = 16 * 1024;
const CHANNEL_NUMBER_MAX = 0xffff_ffff;

/** A connected device, or somebody with a pairing code. */
interface Seat {
  readonly session: ClientSocket;
  readonly role: 'device' | 'pairing';
  readonly id: string;
  readonly room: Room;
  /** 0: none. */
  channel: number;
}

/** A host and its devices, whichever of them are connected. */
interface Room {
  readonly hostId: string;
  host: ClientSocket | null;
  /** When the host came or went, as wall time; null if it has not since the relay started. */
  since: number | null;
  readonly seats: Set<Seat>;
  /** The open channels, by number. Numbers are never used twice while the room exists. */
  readonly channels: Map<number, Seat>;
  lastChannel: number;
  /** Seats that are not read from until the host has caught up. */
  readonly paused: Set<Seat>;
}

/**
 * Joins the sockets of hosts and devices by channels, and hands frames from one to the other without looking at them.
 * On a host's socket a frame is preceded by the number of its channel (u32, big-endian); on a device's there is one channel.
 */
export class Bridge {
  readonly #limits: RelayLimits;
  readonly #clock: Clock;
  readonly #counters: Counters;
  readonly #pairings: PairingRendezvous;
  readonly #takesLetters: (hostId: string) => boolean;
  readonly #reopenRate: RateLimit;
  readonly #rooms = new Map<string, Room>();
  /** `since` of hosts without a room, oldest first. */
  readonly #goneSince = new Map<string, number>();
  readonly #seats = new Map<ClientSocket, Seat>();

  constructor(options: {
    limits: RelayLimits;
    clock: Clock;
    counters: Counters;
    pairings: PairingRendezvous;
    takesLetters: (hostId: string) => boolean;
  }) {
    this.#limits = options.limits;
    this.#clock = options.clock;
    this.#counters = options.counters;
    this.#pairings = options.pairings;
    this.#takesLetters = options.takesLetters;
    this.#reopenRate = new RateLimit(options.limits.reopensPerDevice);
  }

  /** Takes a host's socket in and tells it so. One that was there is replaced; every device gets a fresh channel. */
  seatHost(session: ClientSocket, hostId: string): void {
    const room = this.#room(hostId);
    const before = room.host;
    room.since = this.#clock.wallNow();
    if (before) {
      this.#loseHost(room);
      before.close(CloseCode.replaced, 'A newer connection of this computer took this place.');
    }
    room.host = session;
    session.send({ type: 'ready', mailbox: true, pings: true });
    session.onFrame = (frame) => this.#fromHost(room, session, frame);
    session.onDrain = () => {
      if (room.paused.size > 0) this.#resumeDevices(room, session);
    };
    for (const seat of [...room.seats]) this.#openChannel(seat);
  }

  /** Takes a device in and tells it so. One with the same id is replaced. False if the host has as many as it can. */
  seatDevice(session: ClientSocket, role: 'device' | 'pairing', hostId: string, id: string): boolean {
    for (const other of [...(this.#rooms.get(hostId)?.seats ?? [])]) {
      if (role === 'device' && other.role === 'device' && other.id === id) {
        other.session.close(CloseCode.replaced, 'A newer connection of this device took this place.');
      }
    }
    const room = this.#room(hostId);
    if (room.seats.size >= this.#limits.channelsPerHostMax) return false;
    const seat: Seat = { session, role, id, room, channel: 0 };
    room.seats.add(seat);
    this.#seats.set(session, seat);
    session.onFrame = (frame) => this.#fromDevice(seat, frame);
    const mailbox = role === 'device' && this.#takesLetters(hostId);
    session.send({
      type: 'ready',
      host: room.host ? 'online' : 'offline',
      since: room.since,
      ...(mailbox && { mailbox }),
      pings: true,
    });
    this.#openChannel(seat);
    return true;
  }

  /** The socket is leaving: forget it, and tell the other side. */
  leave(session: ClientSocket): void {
    const seat = this.#seats.get(session);
    if (seat) {
      this.#seats.delete(session);
      seat.room.seats.delete(seat);
      seat.room.paused.delete(seat);
      if (seat.role === 'pairing') this.#pairings.release(seat.room.hostId, seat.id);
      this.#closeChannel(seat, { tellHost: true });
      this.#tidy(seat.room);
      return;
    }
    const room = session.identity?.role === 'host' ? this.#rooms.get(session.identity.hostId) : undefined;
    if (room?.host !== session) return;
    room.since = this.#clock.wallNow();
    this.#loseHost(room);
    this.#tidy(room);
  }

  /** A device wants a new channel instead of the one it has. False if it asks too often. */
  reopen(session: ClientSocket): boolean {
    const seat = this.#seats.get(session);
    if (!seat) return true;
    if (!this.#reopenRate.take(`${seat.room.hostId}.${seat.id}`, this.#clock.now())) return false;
    this.#closeChannel(seat, { tellHost: true });
    if (seat.room.host) this.#openChannel(seat);
    else this.#sendHostGone(seat);
    return true;
  }

  /** The host closes one channel. Its device stays connected; a pairing code has had its one channel and goes. */
  closeByHost(hostId: string, channel: number, code: number, reason: string): void {
    const seat = this.#rooms.get(hostId)?.channels.get(channel);
    if (!seat) return;
    this.#closeChannel(seat, { tellHost: false });
    seat.session.send({ type: 'closed', code, reason, at: this.#clock.wallNow() });
    if (seat.role === 'pairing') seat.session.close(code, clipReason(reason));
  }

  /** Closes the devices that the host no longer admits. */
  keepOnly(hostId: string, devices: ReadonlySet<string>): void {
    for (const seat of [...(this.#rooms.get(hostId)?.seats ?? [])]) {
      if (seat.role === 'device' && !devices.has(seat.id)) {
        seat.session.close(CloseCode.revoked, 'The computer revoked this device.');
      }
    }
  }

  /** For how long nothing came from the host's socket; null if it has none. Asks that for a life sign. */
  probeHost(hostId: string): number | null {
    const host = this.#rooms.get(hostId)?.host ?? null;
    if (host === null) return null;
    const now = this.#clock.now();
    host.probe(now);
    return host.silentMs(now);
  }

  isHostOnline(hostId: string): boolean {
    return (this.#rooms.get(hostId)?.host ?? null) !== null;
  }

  get channelCount(): number {
    let count = 0;
    for (const room of this.#rooms.values()) count += room.channels.size;
    return count;
  }

  sweep(now: number): void {
    this.#reopenRate.sweep(now);
  }

  #fromHost(room: Room, session: ClientSocket, data: Buffer): void {
    if (data.length <= CHANNEL_BYTES) {
      session.close(CloseCode.malformed, 'A frame needs a channel number and content.');
      return;
    }
    const seat = room.channels.get(data.readUInt32BE(0));
    if (!seat) {
      this.#counters.framesDropped += 1;
      return;
    }
    const device = seat.session;
    const waiting = device.bufferedBytes;
    if (waiting > this.#limits.deviceBufferMaxBytes || device.queuedMessages > this.#limits.queuedMessagesMax) {
      this.#counters.slowDevices += 1;
      device.close(CloseCode.tooSlow, 'This device did not read fast enough.');
      return;
    }
    const length = data.length - CHANNEL_BYTES;
    this.#counters.framesToDevice += 1;
    this.#counters.bytesToDevice += length;
    // A frame is a view of what was read in one go, up to 64 KiB. One that has to wait is copied, so as not to keep all of that.
    device.sendFrame(
      waiting > COPY_ABOVE_BYTES ? Buffer.from(data.subarray(CHANNEL_BYTES)) : data.subarray(CHANNEL_BYTES),
    );
  }

  #fromDevice(seat: Seat, frame: Buffer): void {
    const { host } = seat.room;
    if (seat.channel === 0 || !host) {
      this.#counters.framesDropped += 1;
      return;
    }
    if (frame.length === 0 || frame.length > this.#limits.deviceFrameMaxBytes) {
      const code = frame.length === 0 ? CloseCode.malformed : CloseCode.tooLarge;
      seat.session.close(code, frame.length === 0 ? 'A frame needs content.' : 'This frame is too large.');
      return;
    }
    const bridged = Buffer.allocUnsafe(CHANNEL_BYTES + frame.length);
    bridged.writeUInt32BE(seat.channel, 0);
    bridged.set(frame, CHANNEL_BYTES);
    this.#counters.framesToHost += 1;
    this.#counters.bytesToHost += frame.length;
    host.sendFrame(bridged);
    const waiting = host.bufferedBytes;
    if (waiting > this.#limits.hostBufferMaxBytes) {
      this.#counters.frozenHosts += 1;
      host.terminate();
    } else if (waiting > this.#limits.hostBufferPauseBytes || host.queuedMessages > this.#limits.queuedMessagesMax) {
      this.#pauseDevice(seat);
    }
  }

  #pauseDevice(seat: Seat): void {
    if (seat.room.paused.has(seat)) return;
    this.#counters.devicePauses += 1;
    seat.room.paused.add(seat);
    seat.session.pause();
  }

  #resumeDevices(room: Room, host: ClientSocket): void {
    const isCaughtUp =
      host.bufferedBytes <= this.#limits.hostBufferPauseBytes / 2 &&
      host.queuedMessages <= this.#limits.queuedMessagesMax / 2;
    if (isCaughtUp) this.#resumeAll(room);
  }

  #resumeAll(room: Room): void {
    const paused = [...room.paused];
    room.paused.clear();
    for (const seat of paused) seat.session.resume();
  }

  #openChannel(seat: Seat): void {
    const { room } = seat;
    if (!room.host) return;
    if (room.lastChannel >= CHANNEL_NUMBER_MAX) {
      // Four billion channels: begin again with a new link rather than use a number twice.
      room.host.close(CloseCode.full, 'Channel numbers are used up.');
      room.lastChannel = 0;
      return;
    }
    room.lastChannel += 1;
    seat.channel = room.lastChannel;
    room.channels.set(seat.channel, seat);
    if (seat.role === 'pairing') this.#pairings.consume(room.hostId, seat.id);
    room.host.send({ type: 'channel.open', channel: seat.channel, role: seat.role, id: seat.id });
    seat.session.send({ type: 'open' });
  }

  #closeChannel(seat: Seat, options: { tellHost: boolean }): void {
    if (seat.channel === 0) return;
    const { channel, room } = seat;
    seat.channel = 0;
    room.channels.delete(channel);
    if (options.tellHost) room.host?.send({ type: 'channel.closed', channel });
  }

  /** The link is gone: every channel is. Devices stay and wait; a pairing code has had its one channel. */
  #loseHost(room: Room): void {
    room.host = null;
    this.#resumeAll(room);
    for (const seat of [...room.seats]) {
      if (seat.channel === 0) continue;
      this.#closeChannel(seat, { tellHost: false });
      this.#sendHostGone(seat);
      if (seat.role === 'pairing') seat.session.close(CloseCode.hostGone, 'The computer is no longer connected.');
    }
  }

  #sendHostGone(seat: Seat): void {
    const at = seat.room.since ?? this.#clock.wallNow();
    seat.session.send({ type: 'closed', code: CloseCode.hostGone, reason: 'The computer is not connected.', at });
  }

  #room(hostId: string): Room {
    let room = this.#rooms.get(hostId);
    if (!room) {
      const since = this.#goneSince.get(hostId) ?? null;
      room = { hostId, host: null, since, seats: new Set(), channels: new Map(), lastChannel: 0, paused: new Set() };
      this.#rooms.set(hostId, room);
    }
    return room;
  }

  /** Of an empty room only `since` is kept, and only so many of those. */
  #tidy(room: Room): void {
    if (room.host || room.seats.size > 0) return;
    this.#rooms.delete(room.hostId);
    if (room.since === null) return;
    this.#goneSince.delete(room.hostId);
    this.#goneSince.set(room.hostId, room.since);
    if (this.#goneSince.size <= this.#limits.idleHostsMax) return;
    for (const oldest of this.#goneSince.keys()) {
      this.#goneSince.delete(oldest);
      return;
    }
  }
}

/** RFC 6455: a close reason is at most 123 bytes of UTF-8. */
function clipReason(reason: string): string {
  return Buffer.byteLength(reason) <= 123 ? reason : '';
}
