/** Folds an agent's `session/update` notifications to what the log and the screens hold. Pure. */
import { textHead } from '#lib/text-head.ts';
import type { AgentMode, ToolCall } from '#protocol/events.ts';
import { TITLE_MAX_CHARS } from '#protocol/limits.ts';
import type { AgentUpdate } from '../agent.ts';
import {
  type AcpConfigOption,
  type AcpContentBlock,
  type AcpSessionResult,
  type AcpToolCall,
  acpUpdate,
} from './acp-schemas.ts';
import { blockText, type Telling, ToolCalls } from './acp-tools.ts';

/** A text that grows beyond this is finished, and goes on as another one: no memory grows without end, and nothing is lost. */
export const TEXT_PART_MAX_CHARS = 256 * 1024;

type Role = 'message' | 'thought';

interface OpenText {
  readonly role: Role;
  readonly id: string;
  readonly messageId: string | undefined;
  readonly begin: TextBegin;
  text: string;
  /** False as long as it is blank: then nobody has heard of it. */
  isTold: boolean;
}

/** Where the text that is being written begins: the offset of its first update, and how much of that belongs to a text before. */
export interface TextBegin {
  readonly at: number;
  readonly skip: number;
}

/** Where a mode is set: through modes proper, or through the option that newer agents have instead. */
export interface ModeState {
  readonly current: string;
  readonly available: AgentMode[];
  readonly configOption?: string;
}

/** What `save` writes; `names` is absent from earlier versions. */
export interface SavedFold {
  readonly tools: readonly ToolCall[];
  readonly names?: readonly (readonly [string, string])[];
  readonly modes: ModeState | null;
  readonly title: string | null;
}

export interface Folded {
  readonly updates: AgentUpdate[];
  /** Whether the update shows that the agent works on a prompt, and does not merely describe the session. */
  readonly isWork: boolean;
}

const SETTINGS: ReadonlySet<string> = new Set(['current_mode_update', 'config_option_update', 'session_info_update']);
const CHUNKS: Readonly<Record<string, Role>> = { agent_message_chunk: 'message', agent_thought_chunk: 'thought' };
const NOTHING: Folded = { updates: [], isWork: false };

export class UpdateReducer {
  readonly #newId: () => string;
  readonly #tools: ToolCalls;
  #text: OpenText | null = null;
  #modes: ModeState | null = null;
  #areModesSettled = false;
  #describedModes: string | null = null;
  #title: string | null = null;

  constructor(newId: () => string) {
    this.#newId = newId;
    this.#tools = new ToolCalls(newId);
  }

  get tools(): ToolCalls {
    return this.#tools;
  }

  get modes(): ModeState | null {
    return this.#modes;
  }

  /** Null if no text is being written. */
  get openText(): TextBegin | null {
    return this.#text?.begin ?? null;
  }

  /** All but the text that is being written, as JSON, for `restore` in another life of the host. */
  save(): string {
    return `{"tools":${this.#tools.save()},"names":${this.#tools.saveNames()},"modes":${JSON.stringify(this.#modes)},"title":${JSON.stringify(this.#title)}}`;
  }

  restore(saved: SavedFold): void {
    this.#tools.restore(saved.tools, saved.names ?? []);
    this.#modes = saved.modes;
    this.#title = saved.title;
    this.#areModesSettled = true;
    this.#describedModes = saved.modes && JSON.stringify([saved.modes.current, saved.modes.available]);
  }

  /** As `fold`, for an update that was folded by a previous host: only the text that it left unfinished is of interest. */
  foldAgain(raw: unknown, at: number, skip: number): AgentUpdate[] {
    const parsed = acpUpdate.safeParse(raw);
    const role = parsed.success ? CHUNKS[parsed.data.sessionUpdate] : undefined;
    if (!parsed.success || role === undefined || !('content' in parsed.data)) return [];
    const { content, messageId } = parsed.data as { content: AcpContentBlock; messageId: string | undefined };
    return this.#foldText(role, blockText(content).slice(skip), messageId, at, skip);
  }

  /**
   * Folds the `update` of a `session/update`. One that is not known, or is malformed, changes nothing. `at`: where in the agent's
   * output it stands.
   */
  fold(raw: unknown, at = 0): Folded {
    const parsed = acpUpdate.safeParse(raw);
    if (!parsed.success) return NOTHING;
    const update = parsed.data;
    switch (update.sessionUpdate) {
      case 'agent_message_chunk':
        return work(this.#foldText('message', blockText(update.content), update.messageId, at));
      case 'agent_thought_chunk':
        return work(this.#foldText('thought', blockText(update.content), update.messageId, at));
      case 'user_message_chunk':
        // The prompt itself, which the log has already.
        return { updates: [], isWork: true };
      case 'tool_call':
        return work(this.#foldTool(update, 'announcement'));
      case 'tool_call_update':
        return work(this.#foldTool(update, 'update'));
      case 'plan':
        return work([
          {
            kind: 'plan',
            entries: update.entries.map(({ content, priority, status }) => ({
              text: content,
              priority,
              state: status,
            })),
          },
        ]);
      case 'current_mode_update':
        this.setCurrentMode(update.currentModeId);
        return { updates: this.describeModes(), isWork: false };
      case 'config_option_update':
        this.#modes = modesOfOptions(update.configOptions) ?? this.#modes;
        return { updates: this.describeModes(), isWork: false };
      case 'session_info_update':
        return { updates: this.#foldTitle(update.title), isWork: false };
    }
  }

  /** As `fold`, for what describes the session itself: its modes and its title. All else of a replayed history is in the log. */
  foldSettings(raw: unknown): AgentUpdate[] {
    const kind = (raw as { sessionUpdate?: unknown } | null | undefined)?.sessionUpdate;
    return typeof kind === 'string' && SETTINGS.has(kind) ? this.fold(raw).updates : [];
  }

  /** Adds what a question tells of the tool call it is about; the call need not have been announced. */
  foldQuestion(told: AcpToolCall): AgentUpdate[] {
    return this.#foldTool(told, 'question');
  }

  /** The agent is about to get another prompt. */
  beginTurn(): void {
    this.#tools.beginTurn();
  }

  /** Only a call that is new ends the text before it: how another one goes on is no reason to tear it. */
  #foldTool(told: AcpToolCall, telling: Telling): AgentUpdate[] {
    const before = this.#tools.get(told.toolCallId)?.id;
    const folded = this.#tools.fold(told, telling);
    if (!folded) return [];
    return [...(folded.tool.id === before ? [] : this.flush()), { kind: 'tool', ...folded }];
  }

  /** Finishes the text that is being written, if there is one. */
  flush(): AgentUpdate[] {
    const open = this.#text;
    this.#text = null;
    return open?.isTold ? [{ kind: 'text', role: open.role, id: open.id, text: open.text }] : [];
  }

  /** Takes the modes from the answer to `session/new`, `session/load` or `session/resume`. */
  startModes(session: AcpSessionResult): void {
    this.#modes = modesOfSession(session) ?? modesOfOptions(session.configOptions) ?? this.#modes;
  }

  setCurrentMode(current: string): void {
    if (this.#modes) this.#modes = { ...this.#modes, current };
  }

  /** The mode to begin in is set: from now on the modes are told. */
  settleModes(): AgentUpdate[] {
    this.#areModesSettled = true;
    return this.describeModes();
  }

  /** The modes, if the agent has any and they are not what was told last. */
  describeModes(): AgentUpdate[] {
    if (this.#modes === null || !this.#areModesSettled) return [];
    const { current, available } = this.#modes;
    const described = JSON.stringify([current, available]);
    if (described === this.#describedModes) return [];
    this.#describedModes = described;
    return [{ kind: 'mode', current, available }];
  }

  #foldText(role: Role, text: string, messageId: string | undefined, at: number, skip = 0): AgentUpdate[] {
    const updates: AgentUpdate[] = [];
    if (this.#text?.role !== role || this.#text.messageId !== messageId) updates.push(...this.flush());
    let used = skip;
    for (const piece of pieces(text)) {
      const isFull = (this.#text?.text.length ?? 0) + piece.length > TEXT_PART_MAX_CHARS;
      // A part that goes on with a text is told however it begins.
      const isTold = skip > 0 || (isFull && this.#text?.isTold === true);
      if (isFull) updates.push(...this.flush());
      this.#text ??= { role, id: this.#newId(), messageId, begin: { at, skip: used }, text: '', isTold };
      this.#text.text += piece;
      used += piece.length;
      // Some agents begin with blank pieces, even when nothing follows.
      if (!this.#text.isTold && this.#text.text.trim() === '') continue;
      const fresh = this.#text.isTold ? piece : this.#text.text;
      this.#text.isTold = true;
      updates.push({ kind: 'delta', role, id: this.#text.id, text: fresh });
    }
    return updates;
  }

  #foldTitle(title: string | undefined): AgentUpdate[] {
    const short = textHead(title?.replace(/\s+/g, ' ').trim() ?? '', TITLE_MAX_CHARS);
    if (!short || short === this.#title) return [];
    this.#title = short;
    return [{ kind: 'title', title: short }];
  }
}

/** The text in parts that each fit into one message, never cut between the two halves of a character. */
function* pieces(text: string): Generator<string> {
  for (let start = 0; start < text.length; ) {
    let end = Math.min(text.length, start + TEXT_PART_MAX_CHARS);
    if (end < text.length && /[\uD800-\uDBFF]/.test(text.charAt(end - 1))) end -= 1;
    yield text.slice(start, end);
    start = end;
  }
}

function work(updates: AgentUpdate[]): Folded {
  return { updates, isWork: true };
}

function modesOfSession({ modes }: AcpSessionResult): ModeState | null {
  if (modes === undefined) return null;
  return { current: modes.currentModeId, available: modes.availableModes.map(toMode) };
}

function modesOfOptions(options: readonly AcpConfigOption[] | undefined): ModeState | null {
  const option = options?.find(
    ({ category, type }) => category === 'mode' && (type === undefined || type === 'select'),
  );
  if (typeof option?.currentValue !== 'string') return null;
  const values = option.options.flatMap((entry) => ('options' in entry ? entry.options : [entry]));
  return {
    current: option.currentValue,
    available: values.map(({ value, ...rest }) => toMode({ id: value, ...rest })),
    configOption: option.id,
  };
}

function toMode(mode: { id: string; name?: string | undefined; description?: string | undefined }): AgentMode {
  const { id, name, description } = mode;
  return { id, name: name ?? id, ...(description ? { description } : {}) };
}
