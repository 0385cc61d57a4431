/** A model on loopback for real agents to talk to: scripted answers in the two APIs that agents speak. */
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseMessagesRequest, speakMessages } from './anthropic.ts';
import { parseChatRequest, parseResponsesRequest, speakChat, speakResponses } from './openai.ts';
import { isSideWork, type ModelReply, type ModelRequest, nextReply } from './script.ts';
import { HungUp, Speaker } from './speaker.ts';

const BODY_MAX_BYTES = 64 * 1024 * 1024;

/** A request the model has answered, or begun to. */
export interface ModelCall {
  readonly request: ModelRequest;
  readonly reply: ModelReply;
  /** How it ended so far: still speaking, done, or the agent hung up in the middle. */
  state: 'speaking' | 'done' | 'hung-up';
}

export interface ModelServer {
  /** Origin without a slash at the end. Anthropic's API is under it as it is, OpenAI's under `/v1`. */
  readonly url: string;
  /** An agent's turns, without its side work. */
  readonly calls: readonly ModelCall[];
  /** Requests to paths the server does not have, as `METHOD path`. */
  readonly unknown: readonly string[];
  close(): Promise<void>;
}

type Api = {
  parse: (body: unknown) => ModelRequest;
  speak: (request: ModelRequest, reply: ModelReply, speaker: Speaker) => Promise<void>;
};

const APIS: Readonly<Record<string, Api>> = {
  '/v1/messages': { parse: parseMessagesRequest, speak: speakMessages },
  '/v1/chat/completions': { parse: parseChatRequest, speak: speakChat },
  '/v1/responses': { parse: parseResponsesRequest, speak: speakResponses },
};

/** Starts the server on a free port of loopback. */
export async function startModelServer(): Promise<ModelServer> {
  const calls: ModelCall[] = [];
  const unknown: string[] = [];
  const server = createServer((incoming, response) => {
    const speaker = new Speaker(response);
    answer(incoming, speaker).catch((error: unknown) => {
      if (error instanceof HungUp) return;
      const message = error instanceof Error ? error.message : String(error);
      if (response.headersSent) response.destroy();
      else speaker.json(500, { type: 'error', error: { type: 'api_error', message } });
    });
  });

  const answer = async (incoming: IncomingMessage, speaker: Speaker): Promise<void> => {
    const { pathname } = new URL(incoming.url ?? '/', 'http://model.invalid');
    const api = incoming.method === 'POST' ? APIS[pathname] : undefined;
    if (pathname === '/v1/messages/count_tokens') return speaker.json(200, { input_tokens: 10 });
    if (api === undefined) {
      unknown.push(`${incoming.method} ${pathname}`);
      return speaker.json(404, {
        type: 'error',
        error: { type: 'not_found_error', message: `There is no ${pathname} here.` },
      });
    }
    const request = api.parse(JSON.parse(await readBody(incoming)));
    const reply = nextReply(request);
    const call: ModelCall = { request, reply, state: 'speaking' };
    if (!isSideWork(request)) calls.push(call);
    try {
      await api.speak(request, reply, speaker);
      call.state = 'done';
    } catch (error) {
      call.state = 'hung-up';
      throw error;
    }
  };

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    unknown,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function readBody(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.byteLength;
    if (size > BODY_MAX_BYTES) throw new Error('The request is too large.');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
