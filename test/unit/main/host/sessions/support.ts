import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type Clock, systemClock } from '#lib/clock.ts';
import type { Disposer } from '#lib/disposer.ts';
import { type Log, silentLog } from '#lib/log.ts';
import type {
  AgentConversation,
  AgentStarter,
  AgentUpdate,
  OpenConversation,
  PermissionRequest,
  TurnEnd,
  TurnListener,
} from '#main/host/agents/agent.ts';
import { type History, openHistory } from '#main/host/history/history.ts';
import { createSupervisor, type Sender, type Supervisor } from '#main/host/sessions/supervisor.ts';
import { openSettings, type SettingsStore } from '#main/host/settings.ts';
import { AgentStartError } from '#main/process/agent-process.ts';
import type { CommandBody, CommandKind, Receipt, WireCommand } from '#protocol/commands.ts';
import { type ApprovalOption, parseEvent, type SessionEvent, type ToolCall } from '#protocol/events.ts';
import type { AgentInfo } from '#protocol/messages.ts';
import { temporaryFolder, testId } from '../history/support.ts';

const AGENTS: readonly AgentInfo[] = [
  { id: 'demo', name: 'Demo', isInstalled: true },
  { id: 'missing', name: 'Missing', isInstalled: false, install: 'npm install missing' },
];

/** Time that passes only when told. */
export class FakeClock implements Clock {
  #now = 1_700_000_000_000;
  #timers: { at: number; callback: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  after(ms: number, callback: () => void): Disposer {
    const timer = { at: this.#now + ms, callback };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  get pending(): number {
    return this.#timers.length;
  }

  advance(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      const next = this.#timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (!next) break;
      this.#timers = this.#timers.filter((timer) => timer !== next);
      this.#now = Math.max(this.#now, next.at);
      next.callback();
    }
    this.#now = end;
  }
}

/** Lets everything run that is ready to, until the condition holds. The test's own time-out is the limit. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

/** Lets everything run that is ready to. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

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
  readonly tool = null;
  readonly options = OPTIONS;
  readonly reference = 'scripted';
  readonly answers: string[] = [];
  cancelled = 0;
  /** An answer is on its way until this is called; at once if null. */
  holdAnswer: Promise<void> | null = null;
  readonly #closed = Promise.withResolvers<'withdrawn' | 'expired'>();

  constructor(title: string) {
    this.title = title;
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
    this.options.events.onUpdate(update);
  }

  message(text: string, id = `message-${text}`): void {
    this.say({ kind: 'text', role: 'message', id, text });
  }

  ask(title = 'May I?'): ScriptedQuestion {
    const question = new ScriptedQuestion(title);
    this.options.events.onPermission(question);
    return question;
  }

  /** The process is gone, as if killed. */
  die(exit: { code: number | null; signal: string | null } = { code: null, signal: 'SIGKILL' }, stderrTail = ''): void {
    if (this.isGone) return;
    this.isGone = true;
    this.turn?.end({ stop: 'interrupted' });
    this.options.events.onExit({ ...exit, stderrTail });
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

export { AgentStartError };

export const HERE: Sender = { device: null, name: 'This computer', scope: 'full' };
export const PHONE: Sender = { device: 'phone', name: "Ada's phone", scope: 'full' };
export const TABLET: Sender = { device: 'tablet', name: "Ada's tablet", scope: 'full' };

export class Bench {
  readonly folder: string;
  readonly clock: Clock;
  readonly starter = new ScriptedStarter();
  readonly settings: SettingsStore;
  readonly orphans: { pid: number; startTime: string | null }[] = [];
  readonly receipts: (Receipt & { device: string | null })[] = [];
  history: History;
  supervisor: Supervisor;
  /** The ends of orphans wait for this. */
  holdOrphans: Promise<void> | null = null;
  readonly #log: Log;
  readonly #starter: AgentStarter;
  #dataFolder: string;
  #commands = 0;

  constructor(options: { clock?: Clock; folder?: string; log?: Log; starter?: AgentStarter } = {}) {
    this.folder = options.folder ?? temporaryFolder();
    this.clock = options.clock ?? systemClock;
    this.#log = options.log ?? silentLog;
    this.#starter = options.starter ?? this.starter;
    this.#dataFolder = join(this.folder, 'data');
    this.settings = openSettings({ path: `${this.folder}/settings.json`, now: () => 0, log: this.#log });
    this.settings.update({ remoteControl: true });
    this.history = this.#openHistory();
    this.supervisor = this.#supervise();
    onTestFinished(async () => {
      await this.close();
    });
  }

  #openHistory(): History {
    const opened = openHistory({ folder: this.#dataFolder, now: () => this.clock.now(), log: this.#log });
    if (opened.kind === 'refused') throw new Error(opened.text);
    return opened.history;
  }

  #supervise(): Supervisor {
    const supervisor = createSupervisor({
      history: this.history,
      starter: this.#starter,
      settings: this.settings,
      agents: () => AGENTS,
      findAgent: (id) => AGENTS.find((agent) => agent.id === id) ?? null,
      endOrphan: async (orphan) => {
        this.orphans.push(orphan);
        if (this.holdOrphans) await this.holdOrphans;
      },
      clock: this.clock,
      log: this.#log,
    });
    supervisor.onDidReceipt((device, receipt) => this.receipts.push({ device, ...receipt }));
    return supervisor;
  }

  /** The host is quit properly and started again. */
  async restart(): Promise<void> {
    await this.close();
    this.history = this.#openHistory();
    this.supervisor = this.#supervise();
  }

  /** The host is gone without a word, as after kill -9, and started again on what is on the disk at this moment. */
  crash(): void {
    const folder = join(temporaryFolder(), 'data');
    cpSync(this.#dataFolder, folder, { recursive: true });
    for (const agent of this.starter.agents) agent.isGone = true;
    this.history.close();
    this.#dataFolder = folder;
    this.history = this.#openHistory();
    this.supervisor = this.#supervise();
  }

  async close(): Promise<void> {
    const disposed = this.supervisor.dispose();
    if (this.clock instanceof FakeClock) {
      await settle();
      this.clock.advance(60_000);
    }
    await disposed;
    this.history.close();
  }

  command<K extends CommandKind>(kind: K, session: string, body: CommandBody<K>): WireCommand {
    this.#commands += 1;
    return { id: testId(9_000 + this.#commands), session, kind, body, at: 0 };
  }

  send<K extends CommandKind>(kind: K, session: string, body: CommandBody<K>, from: Sender = HERE): Receipt {
    return this.supervisor.handleCommand(from, this.command(kind, session, body));
  }

  /** A session whose agent is ready. */
  async newSession(number = 1): Promise<string> {
    const id = testId(number);
    const receipt = this.send('session.new', id, { agent: 'demo', folder: this.folder });
    if (receipt.state !== 'accepted') throw new Error(receipt.reason);
    await until(() => this.stateOf(id) === 'idle');
    return id;
  }

  stateOf(session: string): string | undefined {
    return this.supervisor.state().sessions.find(({ id }) => id === session)?.state;
  }

  detailOf(session: string): string | undefined {
    return this.supervisor.state().sessions.find(({ id }) => id === session)?.detail;
  }

  receiptOf(command: string): Receipt['state'] | undefined {
    return this.history.commands.get(command)?.state;
  }

  events(session: string): SessionEvent[] {
    return this.history.events.after(session, 0, 10_000).map((event) => {
      const parsed = parseEvent(event);
      if (!parsed) throw new Error(`The log holds an event that no device can read: ${JSON.stringify(event)}`);
      return parsed;
    });
  }

  kinds(session: string): string[] {
    return this.events(session).map(({ kind }) => kind);
  }
}
