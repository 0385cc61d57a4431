/**
 * What the supervisor knows of an agent, whatever it is made of: a byte stream, an exit, and a conversation on top.
 * `agents/` turns the Agent Client Protocol into this; `sessions/` never sees ACP.
 */
import type {
  AgentMode,
  ApprovalOption,
  ApprovalOutcome,
  PlanEntry,
  StopReason,
  ToolCall,
} from '../../../protocol/events.ts';

/** How to start an agent. Built by the registry from a profile and the login shell's environment. */
export interface AgentCommand {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
}

/** A running agent as the rest of Baton needs it: bytes in, bytes out, an end. Later the keeper stands behind it. */
export interface AgentProcess {
  readonly pid: number;
  /** Kernel start time of `pid`, so that a reused pid is never taken for it (clock ticks since boot on Linux; null if unknown). */
  readonly startTime: string | null;
  readonly stdin: WritableStream<Uint8Array>;
  readonly stdout: ReadableStream<Uint8Array>;
  /** The last 8 KiB of stderr, for words about a failure. */
  stderrTail(): string;
  /** Settles once, when the process is gone. Never rejects. */
  readonly exited: Promise<AgentExit>;
  /** Close stdin, then SIGTERM, then SIGKILL to the whole process group, each with a deadline. Resolves when all are gone. */
  stop(): Promise<void>;
}

export interface AgentExit {
  readonly code: number | null;
  readonly signal: string | null;
}

/** What an agent says, folded to what the log and the screens hold. */
export type AgentUpdate =
  /** A piece of text that is still being written; `id` is the id of the coming `text` update. */
  | { kind: 'delta'; role: 'message' | 'thought'; id: string; text: string }
  /** That text, whole and finished. */
  | { kind: 'text'; role: 'message' | 'thought'; id: string; text: string }
  /** The whole tool call. `isFinal`: announced, done or failed, so it belongs in the log; else only its progress changed. */
  | { kind: 'tool'; tool: ToolCall; isFinal: boolean }
  | { kind: 'plan'; entries: PlanEntry[] }
  | { kind: 'mode'; current: string; available: AgentMode[] }
  | { kind: 'title'; title: string };

/** An open question of the agent. Exactly one of `answer` and `cancel` takes effect, the first one. */
export interface PermissionRequest {
  readonly title: string;
  readonly tool: ToolCall | null;
  readonly options: readonly ApprovalOption[];
  /** Hand the choice to the agent; resolves when it was written to the agent's stdin, rejects if the agent is gone. */
  answer(option: ApprovalOption): Promise<void>;
  cancel(): Promise<void>;
  /** Settles if the agent withdraws the question, or dies, before it is answered. */
  readonly closed: Promise<Extract<ApprovalOutcome, 'withdrawn' | 'expired'>>;
}

export interface TurnEnd {
  readonly stop: StopReason;
  /** With `stop: 'error'`: what the agent said of it. */
  readonly error?: string;
}

export interface AgentEvents {
  /** The process runs: called before anything is said to it, so that a host that dies now can still find and end it. */
  onProcess?(identity: { readonly pid: number; readonly startTime: string | null }): void;
  onUpdate(update: AgentUpdate): void;
  onPermission(request: PermissionRequest): void;
  /** The agent's process is gone, however that came about. Called once. */
  onExit(exit: AgentExit & { stderrTail: string }): void;
}

/** A conversation with one running agent process. One session per process. */
export interface AgentConversation {
  readonly pid: number;
  readonly startTime: string | null;
  /** The agent's own id of the conversation, kept for resuming it. */
  readonly agentSession: string;
  readonly how: 'new' | 'loaded' | 'resumed';
  readonly agentVersion: string | undefined;
  /** Whether the agent can pick the conversation up again after its process died. */
  readonly canResume: boolean;
  /**
   * One turn. Never called while another runs. `onAcknowledged` fires once, when the agent first shows that it has the prompt.
   * Never rejects: a refusal, a protocol error or the agent's death is a `TurnEnd`.
   */
  prompt(text: string, onAcknowledged: () => void): Promise<TurnEnd>;
  /** Ask the running turn to stop; open permissions are answered `cancelled`. */
  cancel(): Promise<void>;
  setMode(mode: string): Promise<void>;
  /** End the process as `AgentProcess.stop` does. */
  stop(): Promise<void>;
}

export interface OpenConversation {
  readonly agent: string;
  readonly folder: string;
  /** Pick this conversation up again; absent: start a new one. */
  readonly agentSession?: string;
  /** The mode a person chose in this session; absent: the agent's asking one, or that of the settings. */
  readonly mode?: string;
  readonly events: AgentEvents;
  /** Aborted when nobody wants the conversation any more: opening it ends, and so does the agent. */
  readonly signal?: AbortSignal;
}

/** Why an agent could not be started, and what to do about it, in words for a person. */
export class AgentStartError extends Error {
  override name = 'AgentStartError';
  readonly hint: string | undefined;
  constructor(message: string, hint?: string, options?: ErrorOptions) {
    super(message, options);
    this.hint = hint;
  }
}

/** Starts conversations. The one thing `sessions/` needs of `agents/`. */
export interface AgentStarter {
  /** Rejects with `AgentStartError`. */
  open(options: OpenConversation): Promise<AgentConversation>;
}
