/** The demo agent's repertoire: what it does for which prompt. */
import { randomUUID } from 'node:crypto';
import { RequestError } from '@agentclientprotocol/sdk';
import type { DemoSession } from './session-store.ts';
import { runTour } from './tour.ts';
import type { TurnWriter } from './turn-writer.ts';

export const LONG_PIECES = 200;
export const FLOOD_MAX_KIB = 256 * 1024;
export const OUTPUT_MAX_KIB = 12 * 1024;
export const APPROVALS_MAX = 50;
export const STEPS_MAX = 2_000;
const FLOOD_PIECE = 'x'.repeat(1023).concat('\n');
const CRASH_EXIT_CODE = 70;

export interface PromptContext {
  readonly writer: TurnWriter;
  readonly session: DemoSession;
  readonly folder: string;
}

interface Trick {
  readonly usage: string;
  readonly pattern: RegExp;
  run(context: PromptContext, argument: string): Promise<void>;
}

const TRICKS: readonly Trick[] = [
  {
    usage: 'echo: TEXT – answers TEXT in one message',
    pattern: /^echo:\s?(.+)$/is,
    run: ({ writer }, text) => writer.sayAtOnce(text),
  },
  {
    usage: `long [N] – streams N pieces of text (${LONG_PIECES})`,
    pattern: /^long(?:\s+(\d+))?$/i,
    run: async ({ writer }, pieces) => {
      const count = Number(pieces || LONG_PIECES);
      for (let piece = 1; piece <= count; piece++) await writer.say(piece % 10 === 0 ? `${piece}.\n` : `${piece} `);
    },
  },
  {
    usage: 'slow N – works for N seconds, with a word each second',
    pattern: /^slow\s+(\d+)$/i,
    run: async ({ writer }, seconds) => {
      for (let second = 1; second <= Number(seconds); second++) {
        await writer.sayAtOnce(`Second ${second} of ${seconds}. `);
        await writer.pause(1_000);
      }
      await writer.sayAtOnce('Done.');
    },
  },
  {
    usage: 'flood N – sends N KiB of text as fast as it can',
    pattern: /^flood\s+(\d+)$/i,
    run: async ({ writer }, kibibytes) => {
      const count = Math.min(Number(kibibytes), FLOOD_MAX_KIB);
      for (let piece = 0; piece < count; piece++) await writer.sayAtOnce(FLOOD_PIECE);
    },
  },
  { usage: 'output N – runs a tool with N KiB of output', pattern: /^output\s+(\d+)$/i, run: runOutput },
  { usage: 'steps N – runs N small tools, one after the other', pattern: /^steps\s+(\d+)\b/i, run: runSteps },
  { usage: 'many approvals N – asks N questions at once', pattern: /^many approvals\s+(\d+)$/i, run: runManyApprovals },
  {
    usage: 'fail [TEXT] – answers the prompt with an error',
    pattern: /^fail\b\s*(.*)$/is,
    run: (_context, text) =>
      Promise.reject(RequestError.internalError({ details: text || 'The demo agent failed as it was told to.' })),
  },
  {
    usage: 'crash – ends its own process in the middle of the turn',
    pattern: /^crash\b/i,
    run: async ({ writer }) => {
      await writer.say('I am about to crash, ');
      process.stderr.write('The demo agent crashed, as it was told to.\n');
      process.exit(CRASH_EXIT_CODE);
    },
  },
  {
    usage: 'help – this list',
    pattern: /^help\b/i,
    run: ({ writer }) => writer.sayAtOnce(helpText()),
  },
];

/** Does what the prompt asks for; anything that is no trick gets the tour. */
export async function runPrompt(text: string, context: PromptContext): Promise<void> {
  const trimmed = text.trim();
  for (const trick of TRICKS) {
    const match = trick.pattern.exec(trimmed);
    if (match) return trick.run(context, match[1] ?? '');
  }
  await runTour(trimmed, context);
}

function helpText(): string {
  const list = TRICKS.map(({ usage }) => `- \`${usage.replace(' – ', '` – ')}`).join('\n');
  return `I am Baton's demo agent: a script, not a model. Anything you write gets the tour, except:\n\n${list}\n`;
}

async function runOutput({ writer }: PromptContext, argument: string): Promise<void> {
  const kibibytes = Math.min(Number(argument), OUTPUT_MAX_KIB);
  const toolCallId = randomUUID();
  const command = `demo-output ${kibibytes}`;
  await writer.update({
    sessionUpdate: 'tool_call',
    toolCallId,
    title: `Print ${kibibytes} KiB`,
    kind: 'execute',
    status: 'in_progress',
    rawInput: { command },
  });
  await writer.update({
    sessionUpdate: 'tool_call_update',
    toolCallId,
    status: 'completed',
    content: [{ type: 'content', content: { type: 'text', text: numberedText(kibibytes * 1024) } }],
  });
  await writer.say(`The tool printed ${kibibytes} KiB.`);
}

async function runSteps({ writer }: PromptContext, argument: string): Promise<void> {
  const count = Math.min(Number(argument), STEPS_MAX);
  for (let number = 1; number <= count; number++) {
    const title = `Small step ${number} of ${count}`;
    await writer.update({
      sessionUpdate: 'tool_call',
      toolCallId: randomUUID(),
      title,
      kind: 'other',
      status: 'completed',
    });
  }
  await writer.say(`${count} small steps were made.`);
}

/** Exactly this many characters, in numbered lines, so that a missing part is seen. */
function numberedText(length: number): string {
  const lines: string[] = [];
  for (let size = 0, number = 1; size < length; number++) {
    const line = `${String(number).padStart(7, '0')} ${'.'.repeat(55)}\n`;
    lines.push(line);
    size += line.length;
  }
  return lines.join('').slice(0, length);
}

async function runManyApprovals({ writer }: PromptContext, argument: string): Promise<void> {
  const count = Math.min(Number(argument), APPROVALS_MAX);
  const numbers = Array.from({ length: count }, (_value, index) => index + 1);
  const decisions = await Promise.all(
    numbers.map(async (number) => {
      const toolCallId = randomUUID();
      const title = `Pretend step ${number} of ${count}`;
      await writer.update({ sessionUpdate: 'tool_call', toolCallId, title, kind: 'execute', status: 'pending' });
      const decision = await writer.ask({ toolCallId, title, kind: 'execute' });
      const status = decision === 'rejected' ? 'failed' : 'completed';
      await writer.update({ sessionUpdate: 'tool_call_update', toolCallId, status });
      return decision;
    }),
  );
  const rejected = decisions.filter((decision) => decision === 'rejected').length;
  await writer.say(
    `${count - rejected} allowed, ${rejected} denied. Nothing was really done: these steps were pretended.`,
  );
}
