/** One connection to a keeper that has proven to be the one the state file speaks of. */
import { connect, type Socket } from 'node:net';
import {
  encodeFrame,
  FRAME_MAX_BYTES,
  type Frame,
  FrameReader,
  type FromKeeper,
  KEEPER_PROTOCOL,
  type KeptState,
  type ToKeeper,
} from '../wire/frames.ts';
import type { KeeperState } from '../wire/keeper-paths.ts';
import { createNonce, isProof, prove } from '../wire/proof.ts';

/** From dialling to the keeper's proof. One that is stopped, or so busy, is no use. */
export const KEEPER_GREETING_DEADLINE_MS = 5_000;

/** `other-protocol`: it cannot be talked to at all. Everything else may be better the next time. */
export class KeeperError extends Error {
  override name = 'KeeperError';
  readonly kind: 'unreachable' | 'impostor' | 'other-protocol';
  constructor(kind: KeeperError['kind'], message: string) {
    super(message);
    this.kind = kind;
  }
}

export interface KeeperListener {
  onMessage(message: FromKeeper, bytes: Buffer): void;
  /** The connection is gone, for whatever reason. Called once. */
  onLost(): void;
}

export class KeeperLink {
  readonly agents: readonly KeptState[];
  readonly #socket: Socket;
  /** Settles when the other side has closed, too. */
  readonly closed: Promise<void>;

  constructor(socket: Socket, agents: readonly KeptState[]) {
    this.#socket = socket;
    this.agents = agents;
    this.closed = new Promise((resolve) => socket.once('close', () => resolve()));
    // What keeps the host alive is the host; a quiet keeper must not.
    socket.unref();
  }

  /** What is sent after the connection was lost is void. */
  send(message: ToKeeper, bytes?: Uint8Array): void {
    if (!this.#socket.destroyed) this.#socket.write(encodeFrame(message, bytes));
  }

  /** Lets go at once. */
  destroy(): void {
    this.#socket.destroy();
  }
}

/** Rejects with `KeeperError`. Nothing but a random number and a proof is said before the keeper has proven itself. */
export async function connectKeeper(
  state: Pick<KeeperState, 'socket' | 'token'>,
  listener: KeeperListener,
  deadlineMs: number = KEEPER_GREETING_DEADLINE_MS,
): Promise<KeeperLink> {
  const socket = connect(state.socket);
  const greeted = Promise.withResolvers<KeeperLink>();
  const reader = new FrameReader();
  const ownNonce = createNonce();
  let keeperNonce: string | null = null;
  let link: KeeperLink | null = null;
  const fail = (kind: KeeperError['kind'], text: string) => {
    greeted.reject(new KeeperError(kind, text));
    socket.destroy();
  };

  const greet = ({ header }: Frame): void => {
    const message = header as unknown as FromKeeper;
    if (keeperNonce === null && message.type === 'hello' && typeof message.nonce === 'string') {
      if (message.protocol !== KEEPER_PROTOCOL) {
        fail(
          'other-protocol',
          `The keeper is that of another version of Baton (${String(message.version).slice(0, 40)}), with which this one cannot speak.`,
        );
        return;
      }
      keeperNonce = message.nonce;
      // It answers with all its agents.
      reader.maxBytes = FRAME_MAX_BYTES;
      const proof = prove(state.token, 'host', keeperNonce, ownNonce);
      socket.write(encodeFrame({ type: 'prove', nonce: ownNonce, proof }));
      return;
    }
    const isWelcome = keeperNonce !== null && message.type === 'welcome';
    if (isWelcome && isProof(message.proof, prove(state.token, 'keeper', keeperNonce ?? '', ownNonce))) {
      link = new KeeperLink(socket, message.agents);
      greeted.resolve(link);
    } else fail('impostor', 'What listens in the keeper’s place could not prove to be the keeper.');
  };

  socket.on('data', (chunk: Buffer) => {
    try {
      for (const frame of reader.push(chunk)) {
        if (socket.destroyed) return;
        if (link) listener.onMessage(frame.header as unknown as FromKeeper, frame.bytes);
        else greet(frame);
      }
    } catch {
      fail('impostor', 'What listens in the keeper’s place does not speak as the keeper does.');
    }
  });
  socket.on('error', (error) => fail('unreachable', `The keeper could not be reached: ${error.message}`));
  socket.on('close', () => {
    fail('unreachable', 'The keeper closed the connection.');
    if (link) listener.onLost();
  });
  const late = setTimeout(() => fail('unreachable', 'The keeper did not answer in time.'), deadlineMs);
  return greeted.promise.finally(() => clearTimeout(late));
}
