/** The tour: think, plan, read a real file, change it behind an approval, say what was done. */
import { randomUUID } from 'node:crypto';
import { lstat, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DemoSession } from './session-store.ts';
import type { TurnWriter } from './turn-writer.ts';

export const TOUR_FILE = 'baton-demo.md';
const QUOTED_MAX_CHARS = 120;
const FILE_MAX_BYTES = 256 * 1024;
const FIRST_LINES = '# Notes of the demo agent\n\n';
const STEPS = [`Read ${TOUR_FILE}`, 'Propose a change', 'Write it, if you allow it'];

export async function runTour(
  prompt: string,
  { writer, session, folder }: { writer: TurnWriter; session: DemoSession; folder: string },
): Promise<void> {
  const path = join(folder, TOUR_FILE);
  await writer.think(
    'I am a script, so I do not really think. A model would now weigh what you wrote and decide what to do first.',
  );
  await writer.plan(STEPS, 0);
  await writer.say(
    `I am **Baton's demo agent**: a script, not a model. For "${quoted(prompt)}" I will add a line to \`${TOUR_FILE}\` in this folder, and I ask you first.\n`,
  );

  const before = await readFileAsTool(writer, path);
  if (before === 'unusable') {
    await writer.say(`\`${TOUR_FILE}\` is no ordinary small file, so I leave it alone.`);
    return;
  }

  await writer.plan(STEPS, 1);
  const after = `${before ?? FIRST_LINES}- ${quoted(prompt)}\n`;
  const isWritten = await editFileAsTool(writer, session, { path, before, after });
  await writer.plan(STEPS, STEPS.length);
  await writer.say(
    isWritten
      ? `Done: \`${TOUR_FILE}\` has a new line.\n\nTry \`help\` to see what else I can do.`
      : `You said no, so I left \`${TOUR_FILE}\` as it was. Nothing has been written.`,
  );
}

/** The file's text; null if there is none yet. */
async function readFileAsTool(writer: TurnWriter, path: string): Promise<string | null | 'unusable'> {
  const toolCallId = randomUUID();
  const call = { toolCallId, title: `Read ${TOUR_FILE}`, kind: 'read' as const, locations: [{ path }] };
  await writer.update({ sessionUpdate: 'tool_call', ...call, status: 'in_progress' });
  const found = await lstat(path).catch(() => null);
  const isUsable = found === null || (found.isFile() && found.size <= FILE_MAX_BYTES);
  const text = found !== null && isUsable ? await readFile(path, 'utf8') : null;
  await writer.update({
    sessionUpdate: 'tool_call_update',
    toolCallId,
    status: isUsable ? 'completed' : 'failed',
    content: [{ type: 'content', content: { type: 'text', text: text ?? '(there is no such file yet)' } }],
  });
  return isUsable ? text : 'unusable';
}

/** Shows the change, asks unless that is not needed, and writes. Resolves to whether it was written. */
async function editFileAsTool(
  writer: TurnWriter,
  session: DemoSession,
  change: { path: string; before: string | null; after: string },
): Promise<boolean> {
  const { path, before, after } = change;
  const call = {
    toolCallId: randomUUID(),
    title: `Edit ${TOUR_FILE}`,
    kind: 'edit' as const,
    locations: [{ path }],
    content: [{ type: 'diff' as const, path, oldText: before, newText: after }],
  };
  await writer.update({ sessionUpdate: 'tool_call', ...call, status: 'pending' });
  const mayWrite = session.mode === 'auto' || session.areEditsAllowed;
  const decision = mayWrite ? 'allowed' : await writer.ask({ ...call, status: 'pending' });
  if (decision === 'rejected') {
    await writer.update({ sessionUpdate: 'tool_call_update', toolCallId: call.toolCallId, status: 'failed' });
    return false;
  }
  if (decision === 'always-allowed') session.areEditsAllowed = true;
  await writer.plan(STEPS, 2);
  await writer.update({ sessionUpdate: 'tool_call_update', toolCallId: call.toolCallId, status: 'in_progress' });
  await writeFile(path, after);
  await writer.update({ sessionUpdate: 'tool_call_update', toolCallId: call.toolCallId, status: 'completed' });
  return true;
}

function quoted(prompt: string): string {
  const line = prompt.replace(/\s+/g, ' ').trim();
  return line.length <= QUOTED_MAX_CHARS ? line : `${line.slice(0, QUOTED_MAX_CHARS - 1)}…`;
}
