/** An agent that does what a test says, and the questions that it asks. */
import type {
  AgentConversation,
  AgentStarter,
  AgentUpdate,
  OpenConversation,
  PermissionRequest,
  TurnEnd,
  TurnListener,
} from '#main/host/agents/agent.ts';
import type { AgentStartError } from '#main/process/agent-process.ts';
import type { ApprovalOption, ToolCall } from '#protocol/events.ts';

export const OPTIONS: ApprovalOption[] = [
  { id: 'yes', name: 'Allow', kind: 'allow_once' },
  { id: 'no', name: 'Reject', kind: 'reject_once' },
];

export function toolCall(change: Partial<ToolCall> = {}): ToolCall {
  return {
    id: 'tool-1',
    title: 'Edit a.txt',
    kind: 'edit',
    state: 'pending',
    content: [],
    paths: ['a.txt'],
    ...change,
  };
}

/** An agent's question, and what became of it. */
export class ScriptedQuestion implements PermissionRequest {
  readonly title: string;
  readonly tool: ToolCall | null;
  readonly options = OPTIONS;
  readonly reference = 'scripted';
  readonly answers: string[] = [];
  cancelled = 0;
  /** An answer is on its way until this is called; at once if null. */
  holdAnswer: Promise<void> | null = null;
  readonly #closed = Promise.withResolvers<'withdrawn' | 'expired'>();

  constructor(title: string, tool: ToolCall | null) {
    this.title = title;
    this.tool = tool;
  }

  get closed(): Promise<'withdrawn' | 'expired'> {
    return this.#closed.promise;
  }

  async answer(option: ApprovalOption): Promise<void> {
    if (this.holdAnswer) await this.holdAnswer;
    this.answers.push(option.id);
  }

  async cancel(): Promise<void> {
    this.cancelled += 1;
  }

  close(how: 'withdrawn' | 'expired'): void {
    this.#closed.resolve(how);
  }
}

interface RunningTurn {
  readonly text: string;
  acknowledge(): void;
  end(end: TurnEnd): void;
}

/** An agent that does what the test says. Stands in for a process; typed against the real interface. */
export class ScriptedAgent implements AgentConversation {
  readonly pid: number;
  readonly startTime = 'then';
  readonly agentSession: string;
  readonly how: 'new' | 'resumed';
  readonly agentVersion = '1.0.0';
  readonly canResume: boolean;
  readonly options: OpenConversation;
  /** It ends with the host: what outlives one is tested with real processes. */
  readonly position = null;
  readonly notice = null;
  readonly prompts: string[] = [];
  readonly modes: string[] = [];
  turn: RunningTurn | null = null;
  /** What it said before its owner began to listen; null from then on. */
  #held: (() => void)[] | null = [];
  cancels = 0;
  stops = 0;
  isGone = false;
  /** Ends cancelled turns by itself. */
  obeysCancel = true;
  refusesModes: string | null = null;
  /** Something of it is left until this resolves. */
  holdStop: Promise<void> | null = null;
  /** Called with each prompt; by default the turn waits for the test. */
  onPrompt: ((turn: RunningTurn) => void) | null = null;

  constructor(number: number, options: OpenConversation, canResume: boolean) {
    this.pid = 10_000 + number;
    this.options = options;
    this.canResume = canResume;
    this.agentSession = options.agentSession ?? `conversation-${number}`;
    this.how = options.agentSession === undefined ? 'new' : 'resumed';
  }

  prompt({ text }: { text: string }, listener: TurnListener): void {
    if (this.turn) throw new Error('A second prompt was sent in the middle of a turn.');
    if (this.isGone) {
      listener.onEnd({ stop: 'interrupted' });
      return;
    }
    this.prompts.push(text);
    const turn: RunningTurn = {
      text,
      acknowledge: () => listener.onAcknowledged(),
      end: (end) => {
        if (this.turn !== turn) return;
        this.turn = null;
        listener.onEnd(end);
      },
    };
    this.turn = turn;
    this.onPrompt?.(turn);
  }

  begin(): void {
    const held = this.#held;
    if (held === null) throw new Error('A conversation was begun twice.');
    this.#held = null;
    for (const event of held) event();
  }

  #tell(event: () => void): void {
    if (this.#held === null) event();
    else this.#held.push(event);
  }

  acknowledge(): void {}
  forget(): void {}
  detach(): void {}

  async cancel(): Promise<void> {
    this.cancels += 1;
    if (this.obeysCancel) this.turn?.end({ stop: 'cancelled' });
  }

  async setMode(mode: string): Promise<void> {
    if (this.refusesModes !== null) throw new Error(this.refusesModes);
    this.modes.push(mode);
  }

  async stop(): Promise<void> {
    this.stops += 1;
    this.die({ code: null, signal: 'SIGTERM' });
    if (this.holdStop) await this.holdStop;
  }

  say(update: AgentUpdate): void {
    this.#tell(() => this.options.events.onUpdate(update));
  }

  message(text: string, id = `message-${text}`): void {
    this.say({ kind: 'text', role: 'message', id, text });
  }

  ask(title = 'May I?', tool: ToolCall | null = null): ScriptedQuestion {
    const question = new ScriptedQuestion(title, tool);
    this.#tell(() => this.options.events.onPermission(question));
    return question;
  }

  /** The process is gone, as if killed. */
  die(exit: { code: number | null; signal: string | null } = { code: null, signal: 'SIGKILL' }, stderrTail = ''): void {
    if (this.isGone) return;
    this.isGone = true;
    this.turn?.end({ stop: 'interrupted' });
    this.#tell(() => this.options.events.onExit({ ...exit, stderrTail }));
  }
}

export class ScriptedStarter implements AgentStarter {
  readonly agents: ScriptedAgent[] = [];
  readonly failures: AgentStartError[] = [];
  canResume = true;
  /** Starts wait for this. */
  hold: Promise<void> | null = null;
  onStart: ((agent: ScriptedAgent) => void) | null = null;

  async open(options: OpenConversation): Promise<AgentConversation> {
    if (this.hold) await this.hold;
    const failure = this.failures.shift();
    if (failure) throw failure;
    const agent = new ScriptedAgent(this.agents.length + 1, options, this.canResume);
    this.agents.push(agent);
    this.onStart?.(agent);
    return agent;
  }

  get last(): ScriptedAgent {
    const agent = this.agents.at(-1);
    if (!agent) throw new Error('No agent was started.');
    return agent;
  }
}
