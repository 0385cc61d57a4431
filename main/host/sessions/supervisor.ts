import type { Clock } from '#lib/clock.ts';
import { Coalescer } from '#lib/coalescer.ts';
import type { Disposer } from '#lib/disposer.ts';
import { Emitter } from '#lib/emitter.ts';
import type { Log } from '#lib/log.ts';
import type { Receipt, WireCommand } from '#protocol/commands.ts';
import type { Actor } from '#protocol/events.ts';
import type { AgentInfo, HostState } from '#protocol/messages.ts';
import { type AccessFacts, type Client, canSee, PAIRED_DEVICE, THIS_COMPUTER } from '../access.ts';
import type { AgentStarter } from '../agents/agent.ts';
import type { History } from '../history/history.ts';
import type { SettingsStore } from '../settings.ts';
import { Approvals } from './approvals.ts';
import { CommandInbox } from './command-inbox.ts';
import { buildHostState } from './host-state.ts';
import { createPromptHandlers } from './prompt-commands.ts';
import { describeStop, type LeftBehind, recover } from './recovery.ts';
import { Session } from './session.ts';
import { createSessionHandlers } from './session-commands.ts';
import type { SessionContext } from './session-context.ts';
import { SessionJournal } from './session-journal.ts';
import { Writer } from './writer.ts';

/** At most so often `onDidChange` fires. */
export const CHANGE_INTERVAL_MS = 20;
/** On quitting, no agent is waited for longer; what is left is found and ended at the next start. */
export const QUIT_DEADLINE_MS = 10_000;
/** SIGTERM, SIGKILL, and time for a machine that is busy with it. */
const END_ALL_WITHIN_MS = 30_000;
const QUIT_TEXT = 'Baton was closed.';

/** Text that an agent is writing right now, whole so far. `id` is the id the finished event will carry. */
export interface StreamingText {
  readonly session: string;
  readonly id: string;
  readonly role: 'message' | 'thought';
  readonly text: string;
}

export interface SupervisorOptions {
  readonly history: History;
  readonly starter: AgentStarter;
  readonly settings: SettingsStore;
  /** What can be started now; read each time the state is. Call `refresh()` when it has changed. */
  readonly agents: () => readonly AgentInfo[];
  /** An agent that a session may be started with, or be refused with words; null if there is none of that id. */
  readonly findAgent: (id: string) => AgentInfo | null;
  /** Ends what a previous host left running, if it is still that process. */
  readonly endOrphan: (identity: { pid: number; startTime: string | null }) => Promise<unknown>;
  readonly clock: Clock;
  readonly log: Log;
}

/** Repairs what a crash left in the history, then begins. Sessions run again when asked, or at once if prompts wait in them. */
export function createSupervisor(options: SupervisorOptions): Supervisor {
  return new Supervisor(options);
}

/** All sessions of this host: what they are, what they do, and what a person may ask of them. */
export class Supervisor {
  /** Settles when agents that a crash left behind are ended. Everything else works before. */
  readonly ready: Promise<void>;
  readonly #options: SupervisorOptions;
  readonly #writer: Writer;
  readonly #context: SessionContext;
  readonly #inbox: CommandInbox;
  readonly #sessions = new Map<string, Session>();
  readonly #changed: Emitter<[]>;
  readonly #streamed: Emitter<[text: StreamingText]>;
  readonly #coalescer: Coalescer;
  readonly #disposers: Disposer[] = [];
  #isClosed = false;

  constructor(options: SupervisorOptions) {
    const { history, settings, clock, log } = options;
    this.#options = options;
    this.#changed = new Emitter('changes of the state', log);
    this.#streamed = new Emitter('streamed text', log);
    this.#coalescer = new Coalescer(clock, CHANGE_INTERVAL_MS, () => this.#changed.fire());
    this.#writer = new Writer(history.database, clock, log, () => this.refresh());
    const journal = new SessionJournal(history, log);
    const approvals = new Approvals({ history, journal, writer: this.#writer, log });
    this.#context = {
      history,
      journal,
      writer: this.#writer,
      approvals,
      starter: options.starter,
      clock,
      log,
      emitStream: (session, text) => this.#streamed.fire({ session, ...text }),
      onOver: (session) => this.#sessions.delete(session),
    };
    const commands = {
      history,
      journal,
      approvals,
      findAgent: options.findAgent,
      session: (id: string) => this.#session(id),
      isLeaving: (id: string) => this.#sessions.has(id),
    };
    this.#inbox = new CommandInbox({
      history,
      handlers: { ...createSessionHandlers(commands), ...createPromptHandlers(commands) },
      accessTo: (session) => this.#accessTo(session),
      now: () => clock.now(),
      log,
    });
    this.#disposers.push(
      history.events.onDidAppend(() => this.refresh()),
      history.commands.onDidChange(() => this.refresh()),
      settings.onDidChange(() => this.refresh()),
      () => this.#coalescer.dispose(),
    );
    this.ready = this.#recover(journal);
  }

  /** The whole state. `remote: true`: as devices may see it. */
  state(options: { remote?: boolean } = {}): HostState {
    return buildHostState({
      history: this.#options.history,
      settings: this.#options.settings.get(),
      agents: this.#options.agents(),
      viewer: options.remote === true ? PAIRED_DEVICE : THIS_COMPUTER,
      diskTrouble: this.#writer.trouble ?? this.#options.starter.trouble?.() ?? null,
    });
  }

  /** Whether paired devices may see this session now. */
  isRemote(session: string): boolean {
    return canSee(PAIRED_DEVICE, this.#accessTo(session));
  }

  /** The session's own switch, whatever the one for all says; null if there is no such session. */
  isSessionRemote(session: string): boolean | null {
    return this.#options.history.sessions.get(session)?.isRemote ?? null;
  }

  /** False if there is no such session. */
  setSessionRemote(session: string, isRemote: boolean, by: Actor): boolean {
    const { history } = this.#options;
    const isKnown = history.database.transaction(() => {
      if (!history.sessions.setRemote(session, isRemote)) return false;
      history.audit.append({ by, action: 'remote.set', session, detail: { isRemote } });
      return true;
    });
    this.refresh();
    return isKnown;
  }

  /** Something in `state()` is different. Coalesced: at most about every 20 ms. */
  onDidChange(listener: () => void): Disposer {
    return this.#changed.on(listener);
  }

  /** Agents or settings changed: fires `onDidChange`. */
  refresh(): void {
    if (!this.#isClosed) this.#coalescer.touch();
  }

  /** Text grew. At most about every 20 ms per session. */
  onDidStream(listener: (text: StreamingText) => void): Disposer {
    return this.#streamed.on(listener);
  }

  /** All texts being written in a session right now, oldest first. */
  streaming(session: string): StreamingText[] {
    return (this.#sessions.get(session)?.streaming() ?? []).map((text) => ({ session, ...text }));
  }

  /** Stores and begins the command, or says why not. A command that was seen before gets its receipt and nothing else happens. */
  handleCommand(from: Client, wire: WireCommand): Receipt {
    if (this.#isClosed) {
      return this.#inbox.refuse(from, wire, 'Baton is being closed on the computer. Send it again later.');
    }
    return this.#inbox.handle(from, wire);
  }

  /** Every later change of a receipt; device null is the person at the computer. */
  onDidReceipt(listener: (device: string | null, receipt: Receipt) => void): Disposer {
    return this.#options.history.commands.onDidChange(listener);
  }

  /** Ends every open session and waits until all agents are gone. Rejects with words if that cannot be had. */
  async endAll(by: Client): Promise<void> {
    const { history, clock } = this.#options;
    const sessions = history.sessions.list().filter(({ state, process }) => state !== 'ended' || process !== null);
    for (const { id, state } of sessions) {
      if (state === 'ended') continue;
      const receipt = this.handleCommand(by, {
        id: crypto.randomUUID(),
        session: id,
        kind: 'session.end',
        body: {},
        at: clock.now(),
      });
      if (receipt.state === 'rejected') throw new Error(receipt.reason);
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const look = () => {
      if (sessions.every(({ id }) => history.sessions.get(id)?.process == null)) resolve();
    };
    const stopListening = this.onDidChange(look);
    const stopWaiting = clock.after(END_ALL_WITHIN_MS, () =>
      reject(new Error('Some agents did not end in time. Try again.')),
    );
    look();
    await promise.finally(() => {
      stopListening();
      stopWaiting();
    });
  }

  /**
   * Ends turns and agents, all at once, with a deadline; sessions stay resumable. `leaveAgents`: agents that the keeper keeps work on
   * instead, and the next host takes them over. Afterwards nothing is called back any more.
   */
  async dispose({ leaveAgents = false }: { leaveAgents?: boolean } = {}): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const { clock, log } = this.#options;
    let stopWaiting: Disposer = () => {};
    const deadline = new Promise<'late'>((resolve) => {
      stopWaiting = clock.after(QUIT_DEADLINE_MS, () => resolve('late'));
    });
    const closing = [...this.#sessions.values()].filter((session) => !(leaveAgents && session.leave()));
    const closed = Promise.allSettled(closing.map((session) => session.close(QUIT_TEXT)));
    if ((await Promise.race([closed, deadline])) === 'late') log.warn('Some agents did not stop in time');
    stopWaiting();
    this.#writer.dispose();
    for (const dispose of this.#disposers) dispose();
  }

  #session(id: string): Session {
    let session = this.#sessions.get(id);
    if (!session) {
      session = new Session(id, this.#context);
      this.#sessions.set(id, session);
    }
    return session;
  }

  #accessTo(session: string): AccessFacts {
    const { history, settings } = this.#options;
    const record = history.sessions.get(session);
    if (record) return { settings: settings.get(), session: { kind: 'known', record } };
    const kind = history.deletion.isDeleted(session) ? 'deleted' : 'unknown';
    return { settings: settings.get(), session: { kind } };
  }

  async #recover(journal: SessionJournal): Promise<void> {
    const { history, endOrphan, log, starter } = this.#options;
    // Through the writer: on a full disk it is done as soon as it can be.
    const left = await new Promise<readonly LeftBehind[]>((resolve) => {
      let found: readonly LeftBehind[] = [];
      this.#writer.write(
        () => {
          found = recover(history, journal, (agent) => starter.canAdopt?.(agent) === true);
        },
        // At once: a session that goes on must not be started again by anyone who comes first.
        () => resolve(found.filter((one) => !one.isAdoptable || !this.#adopt(one, journal))),
      );
    });
    await Promise.all(
      left.map(async ({ session, process, hasQueue }) => {
        if (process) {
          const gone = endOrphan({ ...process }).then(
            () => this.#writer.write(() => history.sessions.setProcess(session, null)),
            (error: unknown) => log.error('Failed to end an agent that was left behind', { session, error }),
          );
          this.#session(session).waitFor(gone);
          await gone;
          if (history.database.isOpen && history.sessions.get(session)?.state === 'ended')
            this.#sessions.delete(session);
        }
        if (hasQueue && !this.#isClosed) this.#session(session).wake();
      }),
    );
  }

  /** False if the agent is gone after all; then its session is interrupted. */
  #adopt({ session }: LeftBehind, journal: SessionJournal): boolean {
    const { history, log } = this.#options;
    if (this.#session(session).adopt()) {
      log.info('Took over a session whose agent ran on', { session });
      return true;
    }
    this.#writer.write(() => {
      journal.interrupt(session, describeStop(history, session));
      history.agentOutput.remove(session);
    });
    return false;
  }
}
