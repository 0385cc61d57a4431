/**
 * ACP's newline-delimited JSON over an agent's stdio, made safe against what agents really print (lines that are no JSON, lines
 * without end, answers to nothing, questions nobody waits for) and made to outlive the host:
 *
 * - What changes a session (`session/update`, questions, the end of a turn) is handed out here, at once and in the order of the
 *   bytes, so that it is always known up to which byte of the output all is told. It does not go through the SDK, which drops
 *   updates that its schema does not know and may handle one after the response that follows it. The SDK does the rest.
 * - Ids of requests are those of one life of the host, so that an answer to a previous one is never taken for an answer to this
 *   one. A prompt has an id of its own command: its answer ends the turn in whichever life it comes.
 */
import { randomBytes } from 'node:crypto';
import type { AnyMessage, Stream } from '@agentclientprotocol/sdk';
import type { AgentProcess } from '#main/process/agent-process.ts';
import { type Line, LineSplitter } from './line-splitter.ts';

/** Longest line an agent may send. Real ones carry whole files and images. */
export const LINE_MAX_BYTES = 16 * 1024 * 1024;
/** Requests of an agent that may be unanswered at once. */
export const OPEN_REQUESTS_MAX = 256;
/** Of a line that is no JSON-RPC, this much is logged. */
const GARBAGE_SHOWN_CHARS = 200;
const PROMPT_ID = 'prompt:';
const METHOD_NOT_FOUND = -32601;
/** Ids that some life of a host has given to requests of the SDK. */
const OWN_ID = /^[0-9a-f]{8}:\d+$/;

export type RequestId = string | number | null;
export type ByteRange = Pick<Line, 'start' | 'end'>;
export type RpcAnswer = { result: unknown } | { error: { code: number; message: string; data?: unknown } };

/** The agent broke the protocol in a way that cannot be lived with. */
export class AcpStreamError extends Error {
  override name = 'AcpStreamError';
}

export interface AcpWireHandlers {
  /** Everything that one piece of output brings is told inside of `take`. */
  onOutput(take: () => void): void;
  /** The unparsed params of a `session/update`. */
  onUpdate(params: unknown, place: ByteRange): void;
  /** The unparsed params of a `session/request_permission`. */
  onQuestion(id: RequestId, params: unknown, place: ByteRange): void;
  /** The agent takes back its request with this id. */
  onWithdrawn(id: RequestId): void;
  /** The answer to the prompt of this command. */
  onPromptAnswer(command: string, answer: RpcAnswer): void;
  /** A line that is no JSON-RPC message, or an answer nobody waits for; cut to a loggable length. */
  onGarbage(line: string): void;
}

type Fields = Readonly<Record<string, unknown>>;

export class AcpWire {
  /** What is left for the SDK. */
  readonly stream: Stream;
  /** Settles when the output has ended, or is not read any more. */
  readonly done: Promise<void>;
  readonly #agent: Pick<AgentProcess, 'write' | 'stdout'>;
  readonly #handlers: AcpWireHandlers;
  readonly #lines: LineSplitter;
  readonly #life = randomBytes(4).toString('hex');
  /** Ids of the SDK's requests that have no response yet. */
  readonly #asked = new Set<string>();
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #begun = Promise.withResolvers<void>();
  readonly #encoder = new TextEncoder();
  readonly #decoder = new TextDecoder();
  #toSdk: ReadableStreamDefaultController<AnyMessage> | null = null;
  /** Requests of the agent that we have not answered; counted, because an agent may use an id again. */
  #unanswered = 0;
  /** Requests that are refused, until the agent has that in writing. */
  readonly #refused = new Set<RequestId>();
  #position: number;

  constructor(
    agent: Pick<AgentProcess, 'write' | 'stdout' | 'kept'>,
    handlers: AcpWireHandlers,
    lineMaxBytes: number = LINE_MAX_BYTES,
  ) {
    this.#agent = agent;
    this.#handlers = handlers;
    this.#position = agent.kept?.offset ?? 0;
    this.#reader = agent.stdout.getReader();
    this.#lines = new LineSplitter(
      this.#position,
      lineMaxBytes,
      () => new AcpStreamError(`The agent has sent a line of more than ${Math.round(lineMaxBytes / 1024 / 1024)} MiB.`),
    );
    this.stream = {
      readable: new ReadableStream<AnyMessage>({
        start: (controller) => {
          this.#toSdk = controller;
        },
        cancel: () => this.close(),
      }),
      writable: new WritableStream<AnyMessage>({ write: (message) => this.#writeForSdk(message as unknown as Fields) }),
    };
    this.done = this.#begun.promise.then(() => this.#read());
  }

  /** Where in the agent's output everything before was told. */
  get position(): number {
    return this.#position;
  }

  /** Requests that were refused and of which it is not known that the agent was told. */
  get refused(): readonly RequestId[] {
    return [...this.#refused];
  }

  /** Nothing is read before. */
  begin(): void {
    this.#begun.resolve();
  }

  /** Resolves when it is written. The answer comes to `onPromptAnswer`, in this life or another. */
  prompt(command: string, params: object): Promise<void> {
    const id = PROMPT_ID + command;
    return this.#write({ jsonrpc: '2.0', id, method: 'session/prompt', params }, id);
  }

  /** In the order of the calls with `prompt` and `answer`; what goes by the SDK is written later than those. */
  notify(method: string, params: object): Promise<void> {
    return this.#write({ jsonrpc: '2.0', method, params });
  }

  /** Resolves when it is written. */
  async answer(id: RequestId, answer: RpcAnswer, mark?: string): Promise<void> {
    await this.#write({ jsonrpc: '2.0', id, ...answer }, mark);
    this.#unanswered -= 1;
  }

  /** Says that Baton does not do that. */
  refuse(id: RequestId, code = METHOD_NOT_FOUND, message = 'Method not found'): void {
    this.#refused.add(id);
    this.answer(id, { error: { code, message } }).then(
      () => this.#refused.delete(id),
      () => undefined, // It is gone, or will be asked again.
    );
  }

  /** Reads no more. */
  close(): void {
    this.#reader.cancel().catch(() => undefined);
    try {
      this.#toSdk?.close();
    } catch {} // It was cancelled, or has failed.
    this.#toSdk = null;
  }

  async #read(): Promise<void> {
    try {
      for (;;) {
        const { value, done } = await this.#reader.read();
        this.#handlers.onOutput(() => {
          for (const line of done ? [this.#lines.rest()] : this.#lines.push(value)) {
            this.#take(line);
            this.#position = line.end;
          }
        });
        if (done) break;
      }
      this.close();
    } catch (error) {
      this.#toSdk?.error(error);
      this.#toSdk = null;
      this.#reader.cancel().catch(() => undefined);
    }
  }

  #take(line: Line): void {
    const text = this.#decoder.decode(line.bytes).trim();
    if (text === '') return;
    const message = parseMessage(text);
    try {
      if (message !== null && this.#dealWith(message, line)) return;
    } catch (error) {
      if (error instanceof AcpStreamError) throw error;
      throw new AcpStreamError('Baton failed to take what the agent said.', { cause: error });
    }
    this.#handlers.onGarbage(text.slice(0, GARBAGE_SHOWN_CHARS));
  }

  /** False if nobody waits for such a message. */
  #dealWith(message: Fields, line: Line): boolean {
    const { method } = message;
    if (method === undefined) return this.#takeAnswer(message);
    if ('id' in message) {
      this.#takeRequest(message.id as RequestId, String(method), message.params, line);
      return true;
    }
    if (method === 'session/update') this.#handlers.onUpdate(message.params, line);
    else if (method === '$/cancel_request') {
      this.#handlers.onWithdrawn(((message.params as Fields | undefined)?.requestId ?? null) as RequestId);
    }
    // Any other notification is of no concern here.
    return true;
  }

  #takeAnswer(message: Fields): boolean {
    const { id } = message;
    if (typeof id !== 'string') return false;
    if (id.startsWith(PROMPT_ID)) {
      this.#handlers.onPromptAnswer(id.slice(PROMPT_ID.length), message as unknown as RpcAnswer);
      return true;
    }
    // To a previous life, or after its deadline: nothing to tell a person.
    if (!this.#asked.delete(id)) return OWN_ID.test(id);
    const forSdk = { ...message, id: Number(id.slice(this.#life.length + 1)) };
    this.#toSdk?.enqueue(forSdk as unknown as AnyMessage);
    return true;
  }

  #takeRequest(id: RequestId, method: string, params: unknown, line: Line): void {
    this.#unanswered += 1;
    if (this.#unanswered > OPEN_REQUESTS_MAX) {
      throw new AcpStreamError(
        `The agent has asked more than ${OPEN_REQUESTS_MAX} questions without waiting for an answer.`,
      );
    }
    if (method === 'session/request_permission') this.#handlers.onQuestion(id, params, line);
    else this.refuse(id);
  }

  #writeForSdk(message: Fields): Promise<void> {
    const own = (id: unknown) => `${this.#life}:${String(id)}`;
    if ('method' in message && 'id' in message) {
      const id = own(message.id);
      this.#asked.add(id);
      return this.#write({ ...message, id });
    }
    if (message.method !== '$/cancel_request') return this.#write(message);
    const params = message.params as Fields;
    return this.#write({ ...message, params: { ...params, requestId: own(params.requestId) } });
  }

  #write(message: Fields, mark?: string): Promise<void> {
    return this.#agent.write(this.#encoder.encode(`${JSON.stringify(message)}\n`), mark);
  }
}

/** A JSON-RPC 2.0 message, as far as its envelope goes; null for anything else. */
function parseMessage(text: string): Fields | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  const fields = value as Fields;
  if (fields.jsonrpc !== '2.0') return null;
  const hasId = 'id' in fields;
  if (hasId && !['string', 'number'].includes(typeof fields.id) && fields.id !== null) return null;
  if ('method' in fields) return typeof fields.method === 'string' ? fields : null;
  return hasId && 'result' in fields !== 'error' in fields ? fields : null;
}
