/** Tool calls as ACP tells them, folded to the whole tool calls that the log and the screens hold. Pure. */
import { textHead, textTail } from '#lib/text-head.ts';
import type { ToolCall, ToolContent, ToolState } from '#protocol/events.ts';
import type { AcpContentBlock, AcpToolCall, AcpToolContent } from './acp-schemas.ts';

/** Longest text, or side of a diff, of a tool call that is kept; the middle of a longer one is left out, and says so. */
export const TOOL_TEXT_MAX_CHARS = 2 * 1024 * 1024;
export const TOOL_TITLE_MAX_CHARS = 300;
export const TOOL_PATHS_MAX = 1_000;
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

/** What is told of a tool call: that it begins, that a person is asked about it, or how it goes on. */
export type Telling = 'announcement' | 'question' | 'update';

/** The tool calls of one conversation. */
export class ToolCalls {
  readonly #newId: () => string;
  readonly #calls = new Map<string, ToolCall>();
  /** Of ids that the agent has used more than once: that of the latest call in the log. */
  readonly #names = new Map<string, string>();
  /** Ids of calls of turns before this one. */
  #earlier = new Set<string>();
  readonly #saved = new WeakMap<ToolCall, string>();
  #chars = 0;
  #finishedChars = 0;

  /** `newId` makes ids that are used nowhere else. */
  constructor(newId: () => string) {
    this.#newId = newId;
  }

  get(id: string): ToolCall | undefined {
    return this.#calls.get(this.#nameOf(id));
  }

  /** A call that is announced from now on is another one, whatever its id. */
  beginTurn(): void {
    this.#earlier = new Set(this.#calls.keys());
  }

  /**
   * Adds what is told of a tool call. Absent fields stay as they were. What is over is never changed by another call that has the same
   * id: that gets one of its own. `null` if nothing changes that is shown.
   */
  fold(told: AcpToolCall, telling: Telling = 'update'): { tool: ToolCall; isFinal: boolean } | null {
    const known = this.#sameCall(this.get(told.toolCallId), telling);
    const id = known?.id ?? this.#idForNew(told.toolCallId);
    const tool = merge(id, known, told);
    this.#remember(known, tool);
    if (known === undefined) return { tool, isFinal: true };
    const isOver = isFinished(tool);
    return JSON.stringify(known) === JSON.stringify(tool) ? null : { tool, isFinal: isOver };
  }

  #nameOf(agentId: string): string {
    const id = shortId(agentId);
    return this.#names.get(id) ?? id;
  }

  /** The call that this is told of; undefined if it is another one. */
  #sameCall(known: ToolCall | undefined, telling: Telling): ToolCall | undefined {
    if (known === undefined || telling === 'update') return known;
    const isOver = isFinished(known) || (telling === 'announcement' && this.#earlier.has(known.id));
    return isOver ? undefined : known;
  }

  #idForNew(agentId: string): string {
    const id = shortId(agentId);
    if (!this.#calls.has(this.#nameOf(agentId))) return this.#nameOf(agentId);
    const own = `${textHead(id, ID_MAX_CHARS / 2)}~${this.#newId()}`;
    this.#names.set(id, own);
    return own;
  }

  /** What another life of the host needs besides the calls: pairs, as JSON. */
  saveNames(): string {
    return JSON.stringify([...this.#names].filter(([, id]) => this.#calls.has(id)));
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

  restore(tools: readonly ToolCall[], names: readonly (readonly [string, string])[]): void {
    for (const [id, own] of names) this.#names.set(id, own);
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
  const limit = new TextLimit();
  const state = told.status ? STATES[told.status] : (known?.state ?? 'pending');
  const isOver = state === 'done' || state === 'failed';
  const content = mergeContent(
    known?.content ?? [],
    told.content?.map((piece) => toToolContent(piece, limit)),
    isOver,
  );
  const output = isOver && content.length === 0 ? describeOutput(told.rawOutput) : undefined;
  const asked = askedOf(told, known, limit);
  const { input } = asked;
  const paths = told.locations ? pathsOf(told.locations, limit) : (known?.paths ?? []);
  return {
    id,
    title: oneLine(told.title) ?? known?.title ?? oneLine(input) ?? 'Tool call',
    kind: told.kind ?? known?.kind ?? 'other',
    state,
    content: output === undefined ? content : [{ kind: 'text', text: limit.apply(output) }],
    paths,
    ...(input !== undefined && { input }),
    ...(asked.arguments !== undefined && { arguments: asked.arguments }),
    ...((limit.isHit || known?.isCut) && { isCut: true }),
  };
}

/** What the tool gets: as told now, else as it was; where nobody says it, the whole of a title that had to be shortened. */
function askedOf(told: AcpToolCall, known: ToolCall | undefined, limit: TextLimit): AskedInput {
  const { input, arguments: others } = describeInput(told.rawInput);
  if (input === undefined && others === undefined) {
    const isKnown = known?.input !== undefined || known?.arguments !== undefined;
    if (isKnown || told.title === undefined || told.title === oneLine(told.title)) {
      return { input: known?.input, arguments: known?.arguments };
    }
    return { input: limit.apply(told.title) };
  }
  return {
    ...(input !== undefined && { input: limit.apply(input) }),
    ...(others !== undefined && { arguments: limit.apply(others) }),
  };
}

/** New content replaces the old; but at the end some agents put a sentence in place of the change they made. */
function mergeContent(known: readonly ToolContent[], told: ToolContent[] | undefined, isOver: boolean): ToolContent[] {
  if (told === undefined) return [...known];
  const isDiffLost = isOver && !told.some(({ kind }) => kind === 'diff');
  return isDiffLost ? [...known.filter(({ kind }) => kind === 'diff'), ...told] : told;
}

function pathsOf(locations: readonly { path: string }[], limit: TextLimit): string[] {
  return limit.take([...new Set(locations.map((location) => location.path))], TOOL_PATHS_MAX);
}

/** A piece of a tool call's output. */
export function toToolContent(content: AcpToolContent, limit = new TextLimit()): ToolContent {
  switch (content.type) {
    case 'content':
      return { kind: 'text', text: limit.apply(blockText(content.content)) };
    case 'diff':
      return {
        kind: 'diff',
        path: content.path,
        before: content.oldText === undefined ? null : limit.apply(content.oldText),
        after: limit.apply(content.newText),
      };
    case 'terminal':
      return { kind: 'text', text: `[terminal ${content.terminalId}]` };
    case 'unknown':
      return { kind: 'text', text: limit.apply(JSON.stringify(content.raw, null, 2)) };
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

/** What a tool is asked to do: `input` for reading, `arguments` all the rest as JSON. */
interface AskedInput {
  readonly input?: string | undefined;
  readonly arguments?: string | undefined;
}

/** What a tool is asked to do. Nothing of `raw` is left out; both are absent if it says nothing. */
export function describeInput(raw: unknown): AskedInput {
  if (raw === undefined || raw === null) return {};
  if (typeof raw !== 'object') return { input: String(raw) };
  if (Array.isArray(raw)) return { input: JSON.stringify(raw, null, 2) };
  const { command, ...others } = raw as Readonly<Record<string, unknown>>;
  const line = commandLine(command);
  if (line !== null) {
    return { input: line, ...(Object.keys(others).length > 0 && { arguments: JSON.stringify(others, null, 2) }) };
  }
  const names = Object.keys(raw);
  const [name] = names;
  if (name === undefined) return {};
  const only = (raw as Readonly<Record<string, unknown>>)[name];
  return { input: names.length === 1 && typeof only === 'string' ? `${name}: ${only}` : JSON.stringify(raw, null, 2) };
}

/** A command as it would be typed; where words could be taken for others, as the list that it is. Null if it is no command. */
function commandLine(command: unknown): string | null {
  if (typeof command === 'string') return command;
  if (!Array.isArray(command) || command.length === 0) return null;
  const isPlain = command.every((word) => typeof word === 'string' && /^[^\s"'`\\$&|;<>(){}*?]+$/.test(word));
  return isPlain ? command.join(' ') : JSON.stringify(command);
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
  let chars = (tool.input?.length ?? 0) + (tool.arguments?.length ?? 0);
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
  return text.length <= maximum ? text : `${textHead(text, maximum - 1)}…`;
}

/** Keeps the texts of one tool call within TOOL_TEXT_MAX_CHARS each, and remembers whether it had to leave something out. */
class TextLimit {
  isHit = false;

  apply(text: string): string {
    if (text.length <= TOOL_TEXT_MAX_CHARS) return text;
    this.isHit = true;
    const [head, tail] = [textHead(text, TOOL_TEXT_MAX_CHARS / 2), textTail(text, TOOL_TEXT_MAX_CHARS / 2)];
    const left = text.length - head.length - tail.length;
    return `${head}\n[… ${left} characters left out by Baton …]\n${tail}`;
  }

  take<Item>(items: readonly Item[], maximum: number): Item[] {
    if (items.length > maximum) this.isHit = true;
    return items.slice(0, maximum);
  }
}

/** The agent's id, or one made of it if the log could not hold it. */
function shortId(id: string): string {
  if (id === '') return 'unnamed';
  return id.length <= ID_MAX_CHARS ? id : `${textHead(id, ID_MAX_CHARS / 2)}…${textTail(id, ID_MAX_CHARS / 2 - 1)}`;
}
