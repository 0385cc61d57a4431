/**
 * What the supervisor knows of an agent, whatever it is made of: a byte stream, an exit, and a conversation on top.
 * `agents/` turns the Agent Client Protocol into this; `sessions/` never sees ACP.
 */
import type { AgentMode, ApprovalOption, ApprovalOutcome, PlanEntry, StopReason, ToolCall } from '#protocol/events.ts';

/** How to start an agent. Built by the registry from a profile and the login shell's environment. */
export interface AgentCommand {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
}

/** What an agent has that runs under the keeper, and so outlives the host. */
export interface KeptSide {
  /** Its name with the keeper. */
  readonly id: string;
  /** How many bytes it had printed before the first one of `stdout`. */
  readonly offset: number;
  /** Marks of writes that the keeper took for it from previous hosts. */
  readonly marks: ReadonlySet<string>;
  /** What it printed before this offset is stored, and will not be asked for again. */
  acknowledge(offset: number): void;
  /** Its end is stored. One that still runs is ended. */
  forget(): void;
  /** Nothing more is heard of it here; it runs on. */
  detach(): void;
}

/** A running agent as the rest of Baton needs it: bytes in, bytes out, an end. */
export interface AgentProcess {
  readonly pid: number;
  /** Kernel start time of `pid`, so that a reused pid is never taken for it (clock ticks since boot on Linux; null if unknown). */
  readonly startTime: string | null;
  /** Null: it is a child of the host, and ends with it. */
  readonly kept: KeptSide | null;
  readonly stdout: ReadableStream<Uint8Array>;
  /**
   * To its stdin, in order. Resolves when the kernel has taken it; rejects if that cannot be any more. With `mark`, the next host
   * can know whether it was taken.
   */
  write(bytes: Uint8Array, mark?: string): Promise<void>;
  /** The last 8 KiB of stderr, for words about a failure. Under the keeper known only when it has exited. */
  stderrTail(): string;
  /** Settles once, when the process is gone. Never rejects. */
  readonly exited: Promise<AgentExit>;
  /** Close stdin, then SIGTERM, then SIGKILL to the whole process group, each with a deadline. Resolves when all are gone. */
  stop(): Promise<void>;
}

export interface AgentExit {
  readonly code: number | null;
  readonly signal: string | null;
  /** If more is known than that: why it ended, as a sentence. */
  readonly why?: string;
  /** It was ended on purpose while no host ran: nobody wants it back before a person says so. */
  readonly isMeant?: boolean;
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
  /** With this, a later host can still answer it; see `AdoptedConversation.reopen`. */
  readonly reference: string;
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

/** What becomes of a turn. Called in the order in which the agent says it. */
export interface TurnListener {
  /** Once, when the agent first shows that it has the prompt. */
  onAcknowledged(): void;
  /** Once. A refusal, a protocol error or the agent's death is an end, too. */
  onEnd(end: TurnEnd): void;
}

export interface AgentEvents {
  /** The process runs: called before anything is said to it, so that a host that dies now can still find and end it. */
  onProcess?(identity: { readonly pid: number; readonly startTime: string | null }): void;
  /** Everything that one piece of output brings is told inside of `take`, so that it can be stored as one, with `position`. */
  onOutput?(take: () => void): void;
  onUpdate(update: AgentUpdate): void;
  onPermission(request: PermissionRequest): void;
  /** The agent's process is gone, however that came about. Called once. */
  onExit(exit: AgentExit & { stderrTail: string }): void;
}

/** How far an agent's output is told, and all that a later host needs besides the log to go on from there. */
export interface AgentPosition {
  /** The agent's name with the keeper. */
  readonly agent: string;
  /** Read on from here: earlier than `seen` if a text is still being written. */
  readonly readFrom: number;
  /** Everything before this was told, but for the end of that text. */
  readonly seen: number;
  readonly state: string;
}

/** A conversation with one running agent process. One session per process. Nothing is told before `begin`. */
export interface AgentConversation {
  readonly pid: number;
  readonly startTime: string | null;
  /** The agent's own id of the conversation, kept for resuming it. */
  readonly agentSession: string;
  readonly how: 'new' | 'loaded' | 'resumed';
  readonly agentVersion: string | undefined;
  /** Whether the agent can pick the conversation up again after its process died. */
  readonly canResume: boolean;
  /** What a person must know of how it runs, in words; null if all is as it should be. */
  readonly notice: string | null;
  /** Null if it cannot be left to another host: it does not run under the keeper, or is not all in its owner's hands yet. */
  readonly position: AgentPosition | null;
  /** Its owner has it in hand: what was said meanwhile is told now, and everything from then on at once. Called once. */
  begin(): void;
  /** One turn; never begun while another runs. `command` names it, for this host and later ones. */
  prompt(prompt: { readonly command: string; readonly text: string }, listener: TurnListener): void;
  /** Ask the running turn to stop; open permissions are answered `cancelled`. */
  cancel(): Promise<void>;
  setMode(mode: string): Promise<void>;
  /** End the process as `AgentProcess.stop` does. */
  stop(): Promise<void>;
  /** This position is stored: what was printed before is not needed again. */
  acknowledge(position: AgentPosition): void;
  /** The end of the agent is stored. */
  forget(): void;
  /** Nothing is heard of the agent any more, and it works on for a later host. */
  detach(): void;
}

/**
 * A conversation that a previous host has begun, and what that has left open. Questions that are not reopened before the conversation's
 * `begin` are answered `cancelled` then.
 */
export interface AdoptedConversation {
  readonly conversation: AgentConversation;
  /** Whether the prompt of this command was taken for the agent's stdin. */
  hasPrompt(command: string): boolean;
  /** The turn that a previous host has begun goes on: as `prompt`, but nothing is said to the agent. */
  continueTurn(command: string, listener: TurnListener): void;
  /**
   * A question by its `reference`; `isChosen`: a person has answered it. `answered`: that answer was taken for the agent's stdin by a
   * previous host. `closed`: the agent does not wait for one any more.
   */
  reopen(
    question: Pick<PermissionRequest, 'reference' | 'title' | 'tool' | 'options'>,
    isChosen: boolean,
  ): PermissionRequest | 'answered' | 'closed';
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

/** A conversation to take over from a previous host. */
export interface AdoptConversation {
  readonly agentName: string;
  readonly agentSession: string;
  readonly canResume: boolean;
  readonly position: AgentPosition;
  readonly events: AgentEvents;
}

/** Starts conversations. The one thing `sessions/` needs of `agents/`. */
export interface AgentStarter {
  /** Whether an agent of this name runs, or ended, under the keeper and nobody has taken it over yet. */
  canAdopt?(agent: string): boolean;
  /** Null if it is not there. */
  adopt?(options: AdoptConversation): AdoptedConversation | null;
  /** Why what agents say cannot be kept now, so that they stand still, in words; null if it can. */
  trouble?(): string | null;
  /** Rejects with `AgentStartError`. */
  open(options: OpenConversation): Promise<AgentConversation>;
}
