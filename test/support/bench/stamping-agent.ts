/**
 * An agent that says what time it is: `t17=1764000000000.25` is its 17th word and when it was said, in milliseconds since 1970.
 *   stamp N GAP   N words in one message, about GAP milliseconds apart
 *   drip N GAP    N finished tool calls, each an event of the log
 *   anything      one short answer
 * Each prompt is noted in BATON_BENCH_JOURNAL, as a JSON line {text, at}, the moment it comes.
 */
import { appendFileSync } from 'node:fs';
import { Readable, Writable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import { type AgentContext, agent, ndJsonStream, type SessionUpdate } from '@agentclientprotocol/sdk';

/** A paragraph ends now and then, as in prose. */
const WORDS_PER_PARAGRAPH = 12;

const journal = process.env.BATON_BENCH_JOURNAL;
const now = () => performance.timeOrigin + performance.now();
const stamp = (number: number) => `t${number}=${now().toFixed(2)}`;
let isCancelled = false;
let last = 0;

/** Uneven, so that it does not fall into step with a screen's frames. */
const uneven = (milliseconds: number) => milliseconds * (0.6 + 0.8 * Math.random());

async function perform(text: string, say: (update: SessionUpdate) => Promise<void>): Promise<void> {
  const [, kind, count, gap] = /^(stamp|drip) (\d+) (\d+)$/.exec(text) ?? [];
  if (kind === undefined) {
    await say({ sessionUpdate: 'agent_message_chunk', content: { type: 'text', text: `I have it: ${text}` } });
    return;
  }
  for (let done = 0; done < Number(count) && !isCancelled; done += 1) {
    await wait(uneven(Number(gap)));
    last += 1;
    if (kind === 'stamp') {
      const end = (done + 1) % WORDS_PER_PARAGRAPH === 0 ? '\n\n' : ' ';
      await say({ sessionUpdate: 'agent_message_chunk', content: { type: 'text', text: `${stamp(last)}${end}` } });
    } else {
      await say({
        sessionUpdate: 'tool_call',
        toolCallId: `tool-${last}`,
        title: stamp(last),
        kind: 'read',
        status: 'completed',
      });
    }
  }
}

async function prompt(session: string, text: string, client: AgentContext): Promise<void> {
  if (journal) appendFileSync(journal, `${JSON.stringify({ text, at: now() })}\n`);
  isCancelled = false;
  await perform(text, (update) => client.notify('session/update', { sessionId: session, update }));
}

const connection = agent({ name: 'stamping-agent' })
  .onRequest('initialize', () => ({
    protocolVersion: 1,
    agentInfo: { name: 'stamping-agent', title: 'Stamping agent', version: '1.0.0' },
    agentCapabilities: { sessionCapabilities: { resume: {} } },
    authMethods: [],
  }))
  .onRequest('session/new', () => ({ sessionId: crypto.randomUUID() }))
  .onRequest('session/resume', () => ({}))
  .onRequest('session/prompt', async ({ params, client }) => {
    const text = params.prompt.map((block) => (block.type === 'text' ? block.text : '')).join('');
    await prompt(params.sessionId, text, client);
    return { stopReason: isCancelled ? ('cancelled' as const) : ('end_turn' as const) };
  })
  .onNotification('session/cancel', () => {
    isCancelled = true;
  })
  .connect(
    ndJsonStream(
      Writable.toWeb(process.stdout) as WritableStream<Uint8Array>,
      Readable.toWeb(process.stdin) as ReadableStream<Uint8Array>,
    ),
  );

await connection.closed;
process.exit(0);
