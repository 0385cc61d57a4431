/**
 * ACP's newline-delimited JSON over an agent's stdio, as a stream for the SDK, made safe against what agents really print:
 * lines that are no JSON, lines without end, answers to nothing, and questions nobody waits for.
 *
 * `session/update` notifications are handed out here, in the order of the bytes, and do not go through the SDK: it drops every
 * update that its schema does not know, and it may handle an update only after the response that follows it on the wire.
 */
import type { AnyMessage, Stream } from '@agentclientprotocol/sdk';
import type { AgentProcess } from './agent.ts';

/** Longest line an agent may send. Real ones carry whole files and images. */
export const LINE_MAX_BYTES = 16 * 1024 * 1024;
/** Requests of an agent that may be unanswered at once. */
export const OPEN_REQUESTS_MAX = 256;
/** Of a line that is no JSON-RPC, this much is logged. */
const GARBAGE_SHOWN_CHARS = 200;

const NEWLINE = 0x0a;

/** The agent broke the protocol in a way that cannot be lived with. */
export class AcpStreamError extends Error {
  override name = 'AcpStreamError';
}

export interface AcpStreamHandlers {
  /** The unparsed params of a `session/update`, and the length of its line. */
  onUpdate(params: unknown, bytes: number): void;
  /** A line that is no JSON-RPC message, cut to a loggable length. */
  onGarbage(line: string): void;
  /** A response to the agent's request with this id has been written to its stdin. */
  onResponseWritten(id: string | number | null): void;
}

type Fields = Readonly<Record<string, unknown>>;

/** The stream to hand to the SDK's `connect`. */
export function createAcpStream(
  agent: Pick<AgentProcess, 'stdin' | 'stdout'>,
  handlers: AcpStreamHandlers,
  lineMaxBytes: number = LINE_MAX_BYTES,
): Stream {
  /** Ids of our requests that have no response yet. */
  const asked = new Set<unknown>();
  /** Requests of the agent that we have not answered; counted, because an agent may use an id again. */
  let unanswered = 0;
  const writer = agent.stdin.getWriter();
  const encoder = new TextEncoder();
  const decoder = new TextDecoder();

  /** The message of a line if the SDK has to see it; anything else is dealt with here. */
  const take = (line: Uint8Array): AnyMessage | null => {
    const text = decoder.decode(line).trim();
    if (text === '') return null;
    const message = parseMessage(text);
    if (message?.method === 'session/update' && !('id' in message)) {
      try {
        handlers.onUpdate(message.params, line.byteLength);
      } catch (error) {
        throw new AcpStreamError('Baton failed to take what the agent said.', { cause: error });
      }
      return null;
    }
    // The SDK prints an answer to an unknown request to the console; a late one is nothing to tell a person.
    if (message === null || (!('method' in message) && !asked.delete(message.id))) {
      handlers.onGarbage(text.slice(0, GARBAGE_SHOWN_CHARS));
      return null;
    }
    if ('method' in message && 'id' in message) {
      unanswered += 1;
      if (unanswered > OPEN_REQUESTS_MAX) {
        throw new AcpStreamError(
          `The agent has asked more than ${OPEN_REQUESTS_MAX} questions without waiting for an answer.`,
        );
      }
    }
    return message as unknown as AnyMessage;
  };

  const reader = agent.stdout.getReader();
  const lines = new LineSplitter(lineMaxBytes);
  const readable = new ReadableStream<AnyMessage>({
    async pull(controller) {
      // A `pull` that enqueues nothing would never be called again.
      for (let isIdle = true; isIdle; ) {
        const { value, done } = await reader.read();
        for (const line of done ? [lines.rest()] : lines.push(value)) {
          const message = take(line);
          if (message === null) continue;
          controller.enqueue(message);
          isIdle = false;
        }
        if (done) return controller.close();
      }
    },
    cancel: (reason) => reader.cancel(reason),
  });

  const writable = new WritableStream<AnyMessage>({
    async write(message) {
      const fields = message as unknown as Fields;
      if ('method' in fields && 'id' in fields) asked.add(fields.id);
      await writer.write(encoder.encode(`${JSON.stringify(message)}\n`));
      if ('method' in fields) return;
      unanswered -= 1;
      handlers.onResponseWritten((fields.id ?? null) as string | number | null);
    },
  });
  return { readable, writable };
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

/** Splits bytes at newlines, keeping at most one unfinished line. */
class LineSplitter {
  readonly #maxBytes: number;
  #parts: Uint8Array[] = [];
  #length = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  *push(bytes: Uint8Array): Generator<Uint8Array> {
    let start = 0;
    for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, start)) {
      this.#keep(bytes.subarray(start, end));
      start = end + 1;
      yield this.rest();
    }
    this.#keep(bytes.subarray(start));
  }

  /** What has come since the last newline. */
  rest(): Uint8Array {
    const line = this.#parts.length === 1 && this.#parts[0] ? this.#parts[0] : Buffer.concat(this.#parts);
    this.#parts = [];
    this.#length = 0;
    return line;
  }

  #keep(part: Uint8Array): void {
    this.#length += part.byteLength;
    if (this.#length > this.#maxBytes) {
      this.#parts = [];
      throw new AcpStreamError(
        `The agent has sent a line of more than ${Math.round(this.#maxBytes / 1024 / 1024)} MiB.`,
      );
    }
    if (part.byteLength > 0) this.#parts.push(part);
  }
}
