/** What a session view shows, one row each. Made from events by `transcript-fold.ts`; nothing here knows of a screen. */
import type {
  Actor,
  AgentMode,
  ApprovalOption,
  ApprovalOutcome,
  PlanEntry,
  StopReason,
  ToolCall,
} from '#protocol/events.ts';
import type { OutboxState } from '../core/contract.ts';

interface RowBase {
  /** Unique and stable: the same thing keeps its key while it grows, is replaced, or stops streaming. */
  readonly key: string;
  readonly at: number;
}

export interface PromptRow extends RowBase {
  readonly kind: 'prompt';
  readonly command: string;
  readonly text: string;
  readonly by: Actor | null;
  /** The prompt carries the reason given with a denied approval. */
  readonly isNote: boolean;
  readonly receipt: OutboxState;
  /** Why it was refused or is uncertain; null otherwise. */
  readonly reason: string | null;
  /** Taken back before the agent got it. */
  readonly isWithdrawn: boolean;
  /** What was decided about it while it was uncertain, and by whom; null otherwise. */
  readonly decision: { readonly kind: 'run-again' | 'dismiss'; readonly by: Actor } | null;
}

export interface TextRow extends RowBase {
  readonly kind: 'message' | 'thought';
  readonly id: string;
  /** Empty while streaming: a streaming row reads its text itself, so that growing text changes no list. */
  readonly text: string;
  readonly isStreaming: boolean;
}

export interface ToolRow extends RowBase {
  readonly kind: 'tool';
  readonly call: ToolCall;
  /** The turn it belongs to is over, so it will not change any more, whatever its state says. */
  readonly isOver: boolean;
}

export interface PlanRow extends RowBase {
  readonly kind: 'plan';
  readonly entries: readonly PlanEntry[];
}

export interface ApprovalRow extends RowBase {
  readonly kind: 'approval';
  readonly approval: string;
  readonly title: string;
  readonly tool: ToolCall | null;
  readonly options: readonly ApprovalOption[];
  readonly answer: {
    readonly option: ApprovalOption;
    readonly by: Actor;
    readonly note: string | null;
    at: number;
  } | null;
  readonly outcome: ApprovalOutcome | null;
  readonly text: string | null;
}

export interface TurnEndRow extends RowBase {
  readonly kind: 'turn-end';
  readonly stop: Exclude<StopReason, 'end_turn'>;
  readonly error: string | null;
}

/** One sentence in the log: Baton's own notices and what became of the session. */
export interface LineRow extends RowBase {
  readonly kind: 'line';
  readonly tone: 'info' | 'warning' | 'error';
  readonly text: string;
  readonly hint: string | null;
}

export type Row = PromptRow | TextRow | ToolRow | PlanRow | ApprovalRow | TurnEndRow | LineRow;

export interface Plan {
  readonly entries: readonly PlanEntry[];
  readonly at: number;
}

/** A transcript at one moment. */
export interface Transcript {
  readonly rows: readonly Row[];
  /** Prompts the computer has stored and not yet begun, in order. They are shown below everything else. */
  readonly queued: readonly PromptRow[];
  /** The plan of the turn that is running; null between turns. */
  readonly plan: Plan | null;
  readonly isTurnRunning: boolean;
  readonly modes: { readonly current: string; readonly available: readonly AgentMode[] } | null;
  /** The commands of all prompts the log knows, so that an outbox does not show them twice. */
  readonly knownCommands: ReadonlySet<string>;
}
