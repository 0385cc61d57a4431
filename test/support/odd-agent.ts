/**
 * An agent that does exactly what a test tells it, odd things above all: a program that reads ACP messages on stdin and, for
 * each method, takes the steps given as JSON in its argument. `initialize` and `session/new` are answered decently unless
 * the test says otherwise.
 */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { AgentCommand } from '#main/process/agent-process.ts';

export type Step =
  /** Write this JSON-RPC message. */
  | { send: object }
  /** A `session/update` with this update, in the session `s1` unless another is named. */
  | { update: object; session?: string }
  /** Answer the message that brought these steps. */
  | { respond: object }
  | { fail: { code: number; message: string; data?: unknown } }
  /** Write this line as it is. */
  | { line: string }
  /** A message with this many characters. */
  | { say: number }
  /** Write this many bytes with no newline. */
  | { bytes: number }
  | { stderr: string }
  /** Say, as a message, what came in: the last message with this method, or the response with this id. */
  | { tell: string }
  | { repeat: number; steps: Step[] }
  /** Leave a process in the group that ignores SIGTERM, and tell its pid as a message. */
  | { leaveChild: true }
  | { exit: number }
  /** No more reading: stdin fills up. */
  | { stopReading: true };

/** Steps by method, or by `response:ID` for an answer to the agent's own request. */
export type OddScript = Record<string, Step[]>;

export const DECENT: OddScript = {
  initialize: [{ respond: { protocolVersion: 1, agentInfo: { name: 'odd', version: '9' }, agentCapabilities: {} } }],
  'session/new': [{ respond: { sessionId: 's1' } }],
};

/** The command that runs the script in `cwd`. */
export function oddAgent(script: OddScript, cwd: string): AgentCommand {
  return {
    file: process.execPath,
    args: [fileURLToPath(import.meta.url), JSON.stringify({ ...DECENT, ...script })],
    env: { PATH: process.env.PATH ?? '' },
    cwd,
  };
}

interface Message {
  id?: string | number;
  method?: string;
}

function runOddAgent(script: OddScript): void {
  const seen = new Map<string, Message>();
  const write = (text: string) => process.stdout.write(text);
  const send = (message: object) => write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
  const update = (fields: object, sessionId = 's1') =>
    send({ method: 'session/update', params: { sessionId, update: fields } });
  const say = (text: string) => update({ sessionUpdate: 'agent_message_chunk', content: { type: 'text', text } });
  const lines = createInterface({ input: process.stdin });

  const take = (step: Step, message: Message): void => {
    if ('send' in step) send(step.send);
    else if ('update' in step) update(step.update, step.session);
    else if ('respond' in step) send({ id: message.id, result: step.respond });
    else if ('fail' in step) send({ id: message.id, error: step.fail });
    else if ('line' in step) write(`${step.line}\n`);
    else if ('say' in step) say('x'.repeat(step.say));
    else if ('bytes' in step) write('x'.repeat(step.bytes));
    else if ('stderr' in step) process.stderr.write(step.stderr);
    else if ('tell' in step) say(JSON.stringify(seen.get(step.tell) ?? null));
    else if ('repeat' in step)
      for (let turn = 0; turn < step.repeat; turn++) for (const inner of step.steps) take(inner, message);
    else if ('leaveChild' in step) {
      const ignoreTerm = "process.on('SIGTERM',()=>{});process.send('ready');setInterval(()=>{},1000)";
      const child = spawn(process.execPath, ['-e', ignoreTerm], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
      child.once('message', () => {
        say(`child ${child.pid}`);
        child.disconnect();
        child.unref();
      });
    } else if ('stopReading' in step) {
      process.stdin.removeAllListeners('data');
      process.stdin.pause();
    } else if ('exit' in step) process.stdout.write('', () => process.exit(step.exit));
  };

  lines.on('line', (line) => {
    const message = JSON.parse(line) as Message;
    const key = message.method ?? `response:${message.id}`;
    seen.set(key, message);
    for (const step of script[key] ?? []) take(step, message);
  });
  lines.on('close', () => process.exit(0));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) runOddAgent(JSON.parse(process.argv[2] ?? '{}') as OddScript);
