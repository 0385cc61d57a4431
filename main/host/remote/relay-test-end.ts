/** One end of a test of a relay: a socket of which nothing that is said gets lost, and whose closing has words. */
import type { WebSocket } from 'ws';
import type { Bytes } from '#protocol/bytes.ts';
import { CloseCode } from '#protocol/close-codes.ts';
import type { HostToRelay } from '#protocol/relay-messages.ts';
import { StepFailure } from './step-failure.ts';

type Heard<Message> = { kind: 'message'; message: Message } | { kind: 'frame'; bytes: Uint8Array };
interface Schema<Message> {
  safeParse(value: unknown): { success: true; data: Message } | { success: false };
}

/** A socket whose messages wait until they are asked for. */
export class End<Message extends { type: string }> {
  readonly #socket: WebSocket;
  readonly #closed = Promise.withResolvers<number>();
  readonly #heard: Heard<Message>[] = [];
  #wake: () => void = () => {};
  #failure: StepFailure | null = null;

  /** `schema`: of what the relay may say at this end. */
  constructor(socket: WebSocket, schema: Schema<Message>) {
    this.#socket = socket;
    socket.on('message', (data, isBinary) => {
      const bytes = data as Buffer;
      const message = isBinary ? null : parse(schema, bytes.toString('utf8'));
      if (isBinary) this.#heard.push({ kind: 'frame', bytes });
      else if (message) this.#heard.push({ kind: 'message', message });
      else this.#failure ??= new StepFailure('A server answers there, but it is no Baton relay. Check the address.');
      this.#wake();
    });
    socket.on('error', () => {}); // A close always follows.
    socket.on('close', (code) => {
      this.#failure ??= new StepFailure(describeClosing(code));
      this.#closed.resolve(code);
      this.#wake();
    });
  }

  send(message: HostToRelay): void {
    this.#socket.send(JSON.stringify(message));
  }

  sendFrame(frame: Uint8Array): void {
    this.#socket.send(frame);
  }

  async expect<T extends Message['type']>(type: T): Promise<Extract<Message, { type: T }>> {
    const heard = await this.#next();
    if (heard.kind === 'message' && heard.message.type === type) return heard.message as Extract<Message, { type: T }>;
    throw new StepFailure('The relay does not do as relays of this version do. Update the relay, or Baton.');
  }

  async frame(): Promise<Bytes> {
    const heard = await this.#next();
    if (heard.kind === 'frame') return heard.bytes.slice() as Bytes;
    throw new StepFailure('The relay ended the connection between both ends. Try again, or restart the relay.');
  }

  /** Resolves with the code with which the connection ended. */
  get closed(): Promise<number> {
    return this.#closed.promise;
  }

  dispose(): void {
    this.#wake = () => {};
    this.#socket.terminate();
  }

  async #next(): Promise<Heard<Message>> {
    for (;;) {
      const heard = this.#heard.shift();
      if (heard) return heard;
      if (this.#failure) throw this.#failure;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

/** Why the relay ended a connection, for people. */
export function describeClosing(code: number): string {
  switch (code) {
    case CloseCode.notAuthentic:
      return 'The relay knows itself by another address than this one, and so accepts no signature for it. Start the relay with this address as its --public-url, or use the one that it was given.';
    case CloseCode.tooManyAttempts:
      return 'The relay asks to come less often. Try again in a few minutes.';
    case CloseCode.full:
      return 'The relay has as many connections as it can. Try again later, or use another relay.';
    case CloseCode.restarting:
      return 'The relay is being restarted. Try again in a minute.';
    default:
      return `The relay closed the connection (${code}). Check that the address leads to a Baton relay of this version.`;
  }
}

function parse<Message>(schema: Schema<Message>, json: string): Message | null {
  try {
    const parsed = schema.safeParse(JSON.parse(json));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}
