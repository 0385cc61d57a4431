import { textHead } from '#lib/text-head.ts';
import type { AgentExit } from '#main/process/agent-process.ts';
import type {
  AdoptConversation,
  AdoptedConversation,
  AgentConversation,
  AgentEvents,
  AgentPosition,
  AgentStarter,
  AgentUpdate,
  PermissionRequest,
  TurnEnd,
  TurnListener,
} from '../agents/agent.ts';
import { lastWords } from '../agents/stderr-words.ts';

/** What a run tells its session. Nothing is told any more once the run was left. */
export interface AgentRunDelegate {
  onProcess(identity: { pid: number; startTime: string | null }): void;
  /** Everything told inside of `take` came at once, and ends at `position`. */
  onOutput(take: () => void): void;
  onUpdate(update: AgentUpdate): void;
  onPermission(request: PermissionRequest): void;
  onAcknowledged(command: string): void;
  onTurnEnd(command: string, end: TurnEnd): void;
  onGone(exit: (AgentExit & { stderrTail: string }) | null): void;
}

/** How long after a turn that died the agent's exit is waited for, before the agent is taken for dead anyway. */
export const EXIT_GRACE_MS = 2_000;
const STDERR_LINE_MAX_CHARS = 200;

/**
 * One life of one agent, from the attempt to start it to its end. A session has at most one that counts; whatever an older one still
 * says is not heard.
 */
export class AgentRun {
  readonly #delegate: AgentRunDelegate;
  readonly #opening = new AbortController();
  #conversation: AgentConversation | null = null;
  #isReady = false;
  #isLeft = false;
  #turn: string | null = null;

  constructor(delegate: AgentRunDelegate) {
    this.#delegate = delegate;
  }

  get conversation(): AgentConversation | null {
    return this.#conversation;
  }

  /** Whether it can take a prompt now. */
  get isIdle(): boolean {
    return this.#isReady && !this.#isLeft && this.#turn === null;
  }

  /** The command whose turn runs. */
  get turn(): string | null {
    return this.#turn;
  }

  /** How far what the agent says was told; null as long as that is not all, or of an agent that ends with this host. */
  get position(): AgentPosition | null {
    return this.#isReady && !this.#isLeft ? (this.#conversation?.position ?? null) : null;
  }

  /** Takes over what a previous host has begun; null if it is not there. Nothing is told before `begin`. */
  adopt(starter: AgentStarter, options: Omit<AdoptConversation, 'events'>): AdoptedConversation | null {
    const adopted = starter.adopt?.({ ...options, events: this.#events() }) ?? null;
    this.#conversation = adopted?.conversation ?? null;
    this.#isReady = adopted !== null;
    return adopted;
  }

  /** Rejects as `AgentStarter.open` does. Null if the run was left in the meantime: then the agent is stopped already. */
  async open(
    starter: AgentStarter,
    options: { agent: string; folder: string; agentSession: string | null; mode: string | null },
  ): Promise<AgentConversation | null> {
    const { agent, folder, agentSession, mode } = options;
    const conversation = await starter.open({
      agent,
      folder,
      ...(agentSession !== null && { agentSession }),
      ...(mode !== null && { mode }),
      events: this.#events(),
      signal: this.#opening.signal,
    });
    this.#conversation = conversation;
    if (!this.#isLeft) return conversation;
    await conversation.stop();
    conversation.forget();
    return null;
  }

  /** From here on it is heard, beginning with what it said before. */
  begin(): void {
    this.#isReady = true;
    this.#conversation?.begin();
  }

  /** One turn. The session has written that it began. */
  prompt(command: string, text: string): void {
    const conversation = this.#conversation;
    if (!conversation || !this.isIdle) throw new Error('A prompt was begun while the agent was not idle.');
    this.#turn = command;
    conversation.prompt({ command, text }, this.#turnListener(command));
  }

  /** The turn that a previous host has begun. */
  continueTurn(adopted: AdoptedConversation, command: string): void {
    this.#turn = command;
    adopted.continueTurn(command, this.#turnListener(command));
  }

  /** From now on nothing it says is heard. The caller ends the process; one that is still being opened is given up. */
  leave(): void {
    this.#isLeft = true;
    this.#opening.abort();
  }

  #turnListener(command: string): TurnListener {
    return {
      onAcknowledged: () => {
        if (this.#turn === command) this.#tell(() => this.#delegate.onAcknowledged(command));
      },
      onEnd: (end) => this.#finish(command, end),
    };
  }

  #finish(command: string, end: TurnEnd): void {
    if (this.#turn !== command || this.#isLeft) return;
    // Told by its exit instead, so that no other prompt goes to an agent that is dead.
    if (end.stop !== 'interrupted') this.#turn = null;
    this.#delegate.onTurnEnd(command, end);
  }

  #tell(what: () => void): void {
    if (!this.#isLeft) what();
  }

  #events(): AgentEvents {
    return {
      onProcess: (identity) => {
        // Also when it was left: the process is there all the same.
        this.#delegate.onProcess(identity);
      },
      onOutput: (take) => {
        if (this.#isLeft) take();
        else this.#delegate.onOutput(take);
      },
      onUpdate: (update) => this.#tell(() => this.#delegate.onUpdate(update)),
      onPermission: (request) => {
        if (this.#isLeft) request.cancel().catch(() => {});
        else this.#delegate.onPermission(request);
      },
      onExit: (exit) => this.#tell(() => this.#delegate.onGone(exit)),
    };
  }
}

/** "The agent stopped with exit code 1: Out of memory", "The agent was killed (SIGKILL)." */
export function describeExit(exit: (AgentExit & { stderrTail: string }) | null): string {
  if (!exit) return 'The agent stopped in the middle of its turn.';
  if (exit.why !== undefined) return exit.why;
  // Anyone who kills a program gives it no time for words: what it wrote before is about something else.
  if (exit.signal !== null) return `The agent was killed (${exit.signal}).`;
  const how = exit.code === null ? '' : ` with exit code ${exit.code}`;
  const line = textHead(lastWords(exit.stderrTail, '').split('\n').at(-1)?.trim() ?? '', STDERR_LINE_MAX_CHARS);
  return `The agent stopped${how}${line === '' ? '.' : `: ${line}`}`;
}
