/**
 * The demo agent: a script that speaks the Agent Client Protocol over stdio, so that anyone can try Baton without an account.
 * It is no model, and says so. What it does to files is real, inside the session's folder and only after approval.
 *
 * Prompts (`help` answers this list; everything else runs the tour: think, plan, read a file, edit it behind an approval):
 *   echo: TEXT         answers TEXT in one message
 *   long [N]           streams N pieces of text (200)
 *   slow N             works for N seconds, with a word each second
 *   flood N            sends N KiB of text as fast as it can
 *   output N           runs a tool with N KiB of output
 *   steps N            runs N small tools, one after the other
 *   many approvals N   asks N questions at once
 *   fail [TEXT]        answers the prompt with an error
 *   crash              ends its own process in the middle of the turn
 *
 * Environment:
 *   BATON_DEMO_PACE_MS   pause between two pieces of text, in milliseconds (30)
 *   BATON_DEMO_STATE     folder for its sessions (baton-demo in the temporary folder)
 *   BATON_DEMO_RESUME    `both`, `load`, `resume` or `none`: which ways to continue a session it offers (both)
 *   BATON_DEMO_JOURNAL   file to which it appends one JSON line {session, text, at} for each prompt it executes
 */
import { appendFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { agent, ndJsonStream, RequestError } from '@agentclientprotocol/sdk';
import { DemoAgent } from './demo-agent.ts';
import { SessionStore } from './session-store.ts';

const DEFAULT_PACE_MS = 30;
const VERSION = '1.0.0';

const resume = process.env.BATON_DEMO_RESUME ?? 'both';
const journal = process.env.BATON_DEMO_JOURNAL;
const store = new SessionStore(
  process.env.BATON_DEMO_STATE ?? join(tmpdir(), `baton-demo-${process.getuid?.() ?? 'user'}`),
);
const demo = new DemoAgent({
  store,
  paceMs: Number(process.env.BATON_DEMO_PACE_MS ?? DEFAULT_PACE_MS),
  onPrompt: (session, text) => {
    if (journal) appendFileSync(journal, `${JSON.stringify({ session, text, at: Date.now() })}\n`);
  },
});

const connection = agent({ name: 'baton-demo-agent' })
  .onRequest('initialize', () => ({
    protocolVersion: 1,
    agentInfo: { name: 'baton-demo-agent', title: 'Demo agent', version: VERSION },
    agentCapabilities: {
      loadSession: resume === 'both' || resume === 'load',
      sessionCapabilities: resume === 'both' || resume === 'resume' ? { resume: {} } : {},
    },
    authMethods: [],
  }))
  .onRequest('session/new', ({ params }) => demo.newSession(params.cwd))
  .onRequest('session/load', ({ params, client }) => demo.loadSession(params.sessionId, params.cwd, client))
  .onRequest('session/resume', ({ params }) => demo.resumeSession(params.sessionId, params.cwd))
  .onRequest('session/set_mode', ({ params, client }) => demo.setMode(params.sessionId, params.modeId, client))
  .onRequest('session/prompt', ({ params, client }) => {
    const text = params.prompt.map((block) => (block.type === 'text' ? block.text : `[${block.type}]`)).join('\n');
    if (text.trim() === '') throw RequestError.invalidParams(undefined, 'the prompt is empty');
    return demo.prompt(params.sessionId, text, client);
  })
  .onNotification('session/cancel', ({ params }) => demo.cancel(params.sessionId))
  .connect(
    ndJsonStream(
      Writable.toWeb(process.stdout) as WritableStream<Uint8Array>,
      Readable.toWeb(process.stdin) as ReadableStream<Uint8Array>,
    ),
  );

await connection.closed;
process.exit(0);
