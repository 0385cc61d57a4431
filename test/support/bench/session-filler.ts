/** Histories as agents leave them: prompts, thoughts, tools with output and changes, answers in Markdown. */
import { uuidv7 } from 'uuidv7';
import { silentLog } from '#lib/log.ts';
import { openHistory } from '#main/host/history/history.ts';
import type { NewEvent, ToolCall } from '#protocol/events.ts';
import { createSentences } from './sentences.ts';

export interface FilledSession {
  readonly id: string;
  readonly title: string;
  readonly events: number;
  /** Words of its last message, found nowhere else. */
  readonly lastWords: string;
}

const TOOLS_PER_TURN = 3;
const BY = { device: null, name: 'This computer' };

/** Writes sessions with exactly so many events into the history of a host that is not running. */
export function fillHistory(folder: string, plan: readonly { title: string; events: number }[]): FilledSession[] {
  const opened = openHistory({ folder, now: Date.now, log: silentLog });
  if (opened.kind === 'refused') throw new Error(opened.text);
  const { history } = opened;
  try {
    return plan.map(({ title, events }, index) => {
      const id = uuidv7();
      const lastWords = `these are the last words of ${title}`;
      history.sessions.add({
        id,
        agent: 'demo',
        agentName: 'Demo agent',
        folder: '/home/ada/project',
        title,
        titleFrom: 'person',
        // As after a restart: nothing runs, so the host changes nothing when it starts.
        state: 'interrupted',
      });
      history.database.transaction(() => history.events.append(id, makeEvents(events, index + 1, lastWords)));
      return { id, title, events, lastWords };
    });
  } finally {
    history.close();
  }
}

/** Turn after turn, cut to exactly `count` events, of which the last is a message. */
export function makeEvents(count: number, seed: number, lastWords: string): NewEvent[] {
  const sentence = createSentences(seed);
  const events: NewEvent[] = [];
  for (let turn = 0; events.length < count - 1; turn += 1) events.push(...makeTurn(turn, sentence));
  return [...events.slice(0, count - 1), { kind: 'message', body: { id: 'last', text: lastWords } }];
}

function makeTurn(turn: number, sentence: (words: number) => string): NewEvent[] {
  const command = uuidv7();
  const tools = Array.from({ length: TOOLS_PER_TURN }, (_, index) =>
    makeTool(`tool-${turn}-${index}`, index, sentence),
  );
  return [
    { kind: 'prompt', body: { command, text: sentence(14), by: BY } },
    { kind: 'turn.started', body: { command } },
    { kind: 'turn.acknowledged', body: { command } },
    { kind: 'thought', body: { id: `thought-${turn}`, text: sentence(40) } },
    ...tools.flatMap((tool): NewEvent[] => [
      { kind: 'tool', body: { ...tool, state: 'running', content: [] } },
      { kind: 'tool', body: tool },
    ]),
    { kind: 'message', body: { id: `message-${turn}`, text: makeAnswer(turn, sentence) } },
    { kind: 'turn.ended', body: { command, stop: 'end_turn' } },
  ];
}

function makeTool(id: string, index: number, sentence: (words: number) => string): ToolCall {
  const path = `/home/ada/project/${sentence(1)}.ts`;
  const call = { id, title: `Look at ${path}`, state: 'done' as const, paths: [path] };
  if (index === 1) {
    const before = `const ${sentence(1)} = '${sentence(3)}';\n`.repeat(6);
    return { ...call, kind: 'edit', content: [{ kind: 'diff', path, before, after: `${before}export {};\n` }] };
  }
  return { ...call, kind: 'read', content: [{ kind: 'text', text: `${sentence(10)}\n`.repeat(8) }] };
}

function makeAnswer(turn: number, sentence: (words: number) => string): string {
  return [
    `## Step ${turn + 1}`,
    `${sentence(30)} **${sentence(2)}** ${sentence(20)} \`${sentence(1)}\`.`,
    ...Array.from({ length: 3 }, () => `- ${sentence(9)}`),
    '```ts',
    `export function ${sentence(1)}() {\n  return '${sentence(4)}';\n}`,
    '```',
    sentence(24),
  ].join('\n\n');
}
