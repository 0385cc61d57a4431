/** Tool calls as ACP tells them, folded to the whole tool calls that the log and the screens hold. Pure. */
import type { ToolCall, ToolContent, ToolState } from '#protocol/events.ts';
import type { AcpContentBlock, AcpToolCall, AcpToolContent } from './acp-schemas.ts';

/** Longest text, or side of a diff, of a tool call that is kept; the middle of a longer one is left out, and says so. */
export const TOOL_TEXT_MAX_CHARS = 2 * 1024 * 1024;
export const TOOL_TITLE_MAX_CHARS = 300;
export const TOOL_INPUT_MAX_CHARS = 16 * 1024;
export const TOOL_PATHS_MAX = 100;
/** Tool calls a conversation remembers, so that an update can be added to what is known of its call. */
export const TOOLS_REMEMBERED_MAX = 500;
export const TOOLS_REMEMBERED_CHARS = 32 * 1024 * 1024;
/** Of these, so much of calls that are over: an update that comes late is rare, and sessions live long. */
export const FINISHED_REMEMBERED_CHARS = 256 * 1024;
/** Of calls that are over, so much is remembered beyond the host's life; of those that are not, all. */
export const FINISHED_SAVED_CHARS = 64 * 1024;
/** Ids in the log are at most this long. */
const ID_MAX_CHARS = 200;

const STATES: Record<NonNullable<AcpToolCall['status']>, ToolState> = {
  pending: 'pending',
  in_progress: 'running',
  completed: 'done',
  failed: 'failed',
};

/** The tool calls of one conversation. */
export class ToolCalls {
  readonly #calls = new Map<string, ToolCall>();
  readonly #saved = new WeakMap<ToolCall, string>();
  #chars = 0;
  #finishedChars = 0;

  get(id: string): ToolCall | undefined {
    return this.#calls.get(shortId(id));
  }

  /**
   * Adds what an announcement, an update or a question says of a tool call. Absent fields stay as they were.
   * `null` if that changes nothing that is shown.
   */
  fold(told: AcpToolCall): { tool: ToolCall; isFinal: boolean } | null {
    const id = shortId(told.toolCallId);
    const known = this.#calls.get(id);
    const tool = merge(id, known, told);
    this.#remember(known, tool);
    if (known === undefined) return { tool, isFinal: true };
    const isOver = isFinished(tool);
    return JSON.stringify(known) === JSON.stringify(tool) ? null : { tool, isFinal: isOver };
  }

  /** What another life of the host needs to go on, as JSON: a list, oldest first. */
  save(): string {
    const saved: string[] = [];
    let finishedChars = 0;
    for (const tool of [...this.#calls.values()].reverse()) {
      const isOver = isFinished(tool);
      if (isOver && finishedChars + charsOf(tool) > FINISHED_SAVED_CHARS) continue;
      if (isOver) finishedChars += charsOf(tool) + TOOL_TITLE_MAX_CHARS;
      const text = this.#saved.get(tool) ?? JSON.stringify(tool);
      this.#saved.set(tool, text);
      saved.push(text);
    }
    return `[${saved.reverse().join(',')}]`;
  }

  restore(tools: readonly ToolCall[]): void {
    for (const tool of tools) this.#remember(undefined, tool);
  }

  #remember(known: ToolCall | undefined, tool: ToolCall): void {
    if (known) this.#forget(known);
    this.#calls.set(tool.id, tool);
    this.#count(tool, 1);
    for (const oldest of this.#calls.values()) {
      if (oldest.id === tool.id) return;
      const fits = this.#calls.size <= TOOLS_REMEMBERED_MAX && this.#chars <= TOOLS_REMEMBERED_CHARS;
      if (!fits || (this.#finishedChars > FINISHED_REMEMBERED_CHARS && isFinished(oldest))) this.#forget(oldest);
    }
  }

  #forget(tool: ToolCall): void {
    this.#calls.delete(tool.id);
    this.#count(tool, -1);
  }

  #count(tool: ToolCall, sign: 1 | -1): void {
    const chars = sign * charsOf(tool);
    this.#chars += chars;
    if (isFinished(tool)) this.#finishedChars += chars;
  }
}

function isFinished({ state }: ToolCall): boolean {
  return state === 'done' || state === 'failed';
}

function merge(id: string, known: ToolCall | undefined, told: AcpToolCall): ToolCall {
  const state = told.status ? STATES[told.status] : (known?.state ?? 'pending');
  const isOver = state === 'done' || state === 'failed';
  const content = mergeContent(known?.content ?? [], told.content?.map(toToolContent), isOver);
  const output = isOver && content.length === 0 ? describeOutput(told.rawOutput) : undefined;
  const input = describeInput(told.rawInput) ?? known?.input;
  return {
    id,
    title: oneLine(told.title) ?? known?.title ?? oneLine(input) ?? 'Tool call',
    kind: told.kind ?? known?.kind ?? 'other',
    state,
    content: output === undefined ? content : [{ kind: 'text', text: limited(output) }],
    paths: told.locations ? pathsOf(told.locations) : (known?.paths ?? []),
    ...(input === undefined ? {} : { input }),
  };
}

/** New content replaces the old; but at the end some agents put a sentence in place of the change they made. */
function mergeContent(known: readonly ToolContent[], told: ToolContent[] | undefined, isOver: boolean): ToolContent[] {
  if (told === undefined) return [...known];
  const isDiffLost = isOver && !told.some(({ kind }) => kind === 'diff');
  return isDiffLost ? [...known.filter(({ kind }) => kind === 'diff'), ...told] : told;
}

function pathsOf(locations: readonly { path: string }[]): string[] {
  return [...new Set(locations.map((location) => location.path))].slice(0, TOOL_PATHS_MAX);
}

/** A piece of a tool call's output. */
export function toToolContent(content: AcpToolContent): ToolContent {
  switch (content.type) {
    case 'content':
      return { kind: 'text', text: limited(blockText(content.content)) };
    case 'diff':
      return {
        kind: 'diff',
        path: content.path,
        before: content.oldText === undefined ? null : limited(content.oldText),
        after: limited(content.newText),
      };
    case 'terminal':
      return { kind: 'text', text: `[terminal ${content.terminalId}]` };
  }
}

/** A content block as text; what is no text becomes a short word in brackets. */
export function blockText(block: AcpContentBlock): string {
  switch (block.type) {
    case 'text':
      return block.text ?? '';
    case 'resource_link':
      return `[${block.name ?? block.uri ?? 'link'}]${block.uri && block.name ? `(${block.uri})` : ''}`;
    case 'resource':
      return block.resource?.text ?? `[${block.resource?.uri ?? 'resource'}]`;
    default:
      return `[${block.type}${block.mimeType ? ` ${block.mimeType}` : ''}]`;
  }
}

/** What a tool was asked to do, as one readable line or block. */
export function describeInput(raw: unknown): string | undefined {
  if (raw === undefined || raw === null) return undefined;
  if (typeof raw !== 'object') return cut(String(raw), TOOL_INPUT_MAX_CHARS);
  const fields = raw as Readonly<Record<string, unknown>>;
  const { command } = fields;
  if (typeof command === 'string') return cut(command, TOOL_INPUT_MAX_CHARS);
  if (Array.isArray(command)) return cut(command.join(' '), TOOL_INPUT_MAX_CHARS);
  const names = Object.keys(fields);
  if (names.length === 0) return undefined;
  const only = names.length === 1 ? fields[names[0] ?? ''] : undefined;
  return cut(typeof only === 'string' ? only : JSON.stringify(raw, null, 2), TOOL_INPUT_MAX_CHARS);
}

function describeOutput(raw: unknown): string | undefined {
  if (raw === undefined || raw === null || raw === '') return undefined;
  if (typeof raw === 'string') return raw;
  const fields = raw as Readonly<Record<string, unknown>>;
  for (const name of ['output', 'formatted_output', 'aggregated_output', 'stdout', 'content', 'error', 'message']) {
    const value = fields[name];
    if (typeof value === 'string' && value !== '') return value;
  }
  const text = JSON.stringify(raw, null, 2);
  return text === '{}' || text === '[]' ? undefined : text;
}

function charsOf(tool: ToolCall): number {
  let chars = 0;
  for (const piece of tool.content) {
    if (piece.kind === 'text') chars += piece.text.length;
    else if (piece.kind === 'diff') chars += (piece.before?.length ?? 0) + piece.after.length;
  }
  return chars;
}

function oneLine(text: string | undefined): string | undefined {
  const line = text?.replace(/\s+/g, ' ').trim();
  return line ? cut(line, TOOL_TITLE_MAX_CHARS) : undefined;
}

function cut(text: string, maximum: number): string {
  return text.length <= maximum ? text : `${text.slice(0, maximum - 1)}…`;
}

function limited(text: string): string {
  if (text.length <= TOOL_TEXT_MAX_CHARS) return text;
  const half = TOOL_TEXT_MAX_CHARS / 2;
  const left = text.length - TOOL_TEXT_MAX_CHARS;
  return `${text.slice(0, half)}\n[… ${left} characters left out by Baton …]\n${text.slice(-half)}`;
}

/** The agent's id, or one made of it if the log could not hold it. */
function shortId(id: string): string {
  if (id === '') return 'unnamed';
  return id.length <= ID_MAX_CHARS ? id : `${id.slice(0, ID_MAX_CHARS / 2)}…${id.slice(1 - ID_MAX_CHARS / 2)}`;
}
