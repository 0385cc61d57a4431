import { unawaited } from '#lib/unawaited.ts';
import type { AgentExit } from '#main/process/agent-process.ts';
import type { Actor } from '#protocol/events.ts';
import type { AgentConversation, TurnEnd } from '../agents/agent.ts';
import { adoptConversation, continueTurn } from './adoption.ts';
import { AgentRun, describeExit, EXIT_GRACE_MS } from './agent-run.ts';
import { changeMode } from './mode-change.ts';
import { PreviousAgents } from './previous-agents.ts';
import { Restarts } from './restarts.ts';
import { hasConversation } from './resumable.ts';
import type { SessionContext } from './session-context.ts';
import type { SessionLife } from './session-life.ts';
import { isStart, noteEnd, recordReady, recordStartFailure } from './start-record.ts';
import { type OpenText, Streams } from './streams.ts';
import { UpdateRecorder } from './update-recorder.ts';

/** On quitting, a turn has this long to end by itself. */
export const QUIT_CANCEL_MS = 1_500;

/** The living side of one session: its agent, started when needed, given one prompt at a time, started again when it dies. */
export class Session {
  readonly id: string;
  readonly #context: SessionContext;
  readonly #streams: Streams;
  readonly #recorder: UpdateRecorder;
  readonly #restarts: Restarts;
  /** Have to be gone before another agent begins: what a crash left behind, and previous ones that are being stopped. */
  readonly #previous = new PreviousAgents();
  #life: SessionLife = { kind: 'resting' };

  constructor(id: string, context: SessionContext) {
    this.id = id;
    this.#context = context;
    this.#streams = new Streams(context.clock, (text) => context.emitStream(id, text));
    this.#restarts = new Restarts(id, context, {
      isWanted: () => this.#life.kind === 'resting',
      start: () => this.#start(),
    });
    this.#recorder = new UpdateRecorder({
      session: id,
      history: context.history,
      journal: context.journal,
      writer: context.writer,
      streams: this.#streams,
      onOverflow: () =>
        this.#stopAgent('The agent said more than could be kept while the disk failed, and was stopped.'),
      position: () => this.#run?.position ?? null,
      onStored: (position) => this.#run?.conversation?.acknowledge(position),
    });
  }

  /** Its agent, also one that is being started. */
  get #run(): AgentRun | null {
    return 'run' in this.#life ? this.#life.run : null;
  }

  get #isClosing(): boolean {
    return this.#life.kind === 'closing' || this.#life.kind === 'over';
  }

  /** Texts being written right now. */
  streaming(): OpenText[] {
    return this.#streams.current();
  }

  /** No agent of this session starts before this has settled. */
  waitFor(previous: Promise<unknown>): void {
    this.#previous.add(previous);
  }

  /** A person wants it to run: start the agent if it has none, then work through the prompts that wait. */
  wake(): void {
    if (this.#isClosing) return;
    this.#restarts.reset();
    if (this.#run) this.pump();
    else this.#start();
  }

  /** Goes on with the agent that a previous host has left running. False if it is not there. */
  adopt(): boolean {
    const run = this.#createRun();
    const adopted = adoptConversation(this.id, this.#context, run);
    if (!adopted) return false;
    this.#run?.leave();
    this.#life = { kind: 'running', run };
    const { history, journal, approvals } = this.#context;
    const { turn } = journal.record(this.id);
    if (turn !== null) continueTurn(this.id, this.#context, { run, adopted, turn });
    approvals.adopt(this.id, adopted);
    for (const { id, kind, by } of history.commands.open(this.id)) {
      // To be told twice changes nothing, and is better than not to be told.
      if (kind === 'mode.set') this.setMode(id, history.commands.body<'mode.set'>(id).mode, by);
      if (kind === 'cancel' && turn !== null) this.#askToStop(run);
    }
    run.begin();
    this.pump();
    return true;
  }

  /** Baton is being quit, and the agent works on for a later one. False if it cannot: then the session is to be closed. */
  leave(): boolean {
    const run = this.#run;
    if (this.#isClosing || !run?.conversation || run.position === null) return false;
    const { conversation } = run;
    this.#recorder.flush();
    this.#leave('over');
    conversation.detach();
    this.#streams.dispose();
    return true;
  }

  /** Gives the agent the next prompt that waits, if it has nothing to do. */
  pump(): void {
    const { history, journal, writer } = this.#context;
    const run = this.#run;
    if (this.#isClosing || !run?.isIdle) return;
    const [next] = history.commands.queue(this.id);
    if (!next) return;
    this.#recorder.flush();
    // Written before the first byte goes out: after a crash it is known that this may have reached the agent.
    let isBegun = false;
    writer.write(
      () => {
        // Checked again: on a failing disk this may be written later than it was wanted.
        isBegun = history.commands.get(next.id)?.state === 'accepted' && this.#run === run && run.isIdle;
        if (isBegun) journal.startTurn(this.id, next.id);
      },
      () => {
        if (isBegun) run.prompt(next.id, next.text);
      },
    );
  }

  /**
   * Asks the running turn to stop; its open questions are closed in the history already. An agent that does not stop is ended by
   * its conversation.
   */
  cancel(command: string): void {
    const { history, approvals } = this.#context;
    const run = this.#run;
    // The turn has ended since, and with it the wish: the next one is not meant.
    if (history.commands.get(command)?.state !== 'accepted') return;
    approvals.release(this.id);
    if (!run?.conversation || run.turn === null) return;
    this.#askToStop(run);
  }

  #askToStop(run: AgentRun): void {
    const { writer, history, log } = this.#context;
    for (const { id, kind } of history.commands.open(this.id)) {
      if (kind === 'cancel') writer.write(() => history.commands.setState(id, 'dispatched'));
    }
    run.conversation
      ?.cancel()
      .catch((error: unknown) => log.warn('An agent could not be asked to stop', { session: this.id, error }));
  }

  setMode(command: string, mode: string, by: Actor): void {
    const run = this.#run;
    if (!run?.conversation) return;
    const isCurrent = () => this.#run === run;
    changeMode(
      this.#context,
      { session: this.id, conversation: run.conversation, recorder: this.#recorder, isCurrent },
      { command, mode, by },
    );
  }

  /** Brings to the log all that was said, also what was never finished. */
  flush(): void {
    this.#recorder.flushUnfinished();
  }

  /** The session is over in the history already; ends its agent, and says so to `command`. */
  end(command: string): void {
    const { history, writer } = this.#context;
    writer.write(() => history.commands.setState(command, 'dispatched'));
    const ended = this.#letGo().then(() => {
      writer.write(
        () => {
          noteEnd(this.#context, this.id);
          history.commands.setState(command, 'applied');
        },
        () => this.#context.onOver(this.id),
      );
      this.#streams.dispose();
    });
    unawaited(ended, 'end the agent of a session', this.#context.log);
  }

  /** Baton is being quit. Resolves when the agent is gone; the session can be resumed. */
  async close(text: string): Promise<void> {
    if (this.#isClosing) return this.#previous.gone();
    this.#restarts.stop();
    const turnEnd = this.#endTurnSoon();
    if (turnEnd) await turnEnd;
    const { journal, writer } = this.#context;
    if (this.#run) {
      this.#recorder.flushUnfinished();
      writer.write(() => journal.interrupt(this.id, text));
    }
    await this.#letGo();
    writer.write(() => noteEnd(this.#context, this.id));
    this.#streams.dispose();
  }

  #createRun(): AgentRun {
    const { journal, writer } = this.#context;
    const run: AgentRun = new AgentRun({
      onOutput: (take) => writer.group(take, (isAnything) => this.#recorder.settle(isAnything)),
      onProcess: (identity) => writer.write(() => this.#context.history.sessions.setProcess(this.id, identity)),
      onUpdate: (update) => this.#recorder.handle(update),
      onPermission: (request) => {
        this.#recorder.flush();
        this.#context.approvals.ask(this.id, request);
      },
      onAcknowledged: (command) => {
        this.#recorder.flush();
        writer.write(() => journal.acknowledgeTurn(this.id, command));
      },
      onTurnEnd: (command, end) => this.#handleTurnEnd(run, command, end),
      onGone: (exit) => this.#handleGone(run, exit),
    });
    return run;
  }

  #start(): void {
    const { journal, writer } = this.#context;
    this.#restarts.stop();
    const run = this.#createRun();
    this.#life = { kind: 'starting', run, opening: Promise.resolve() };
    writer.write(
      () => {
        journal.move(this.id, { kind: 'start-begun' });
        for (const { id, kind } of this.#context.history.commands.open(this.id)) {
          if (isStart(kind)) this.#context.history.commands.setState(id, 'dispatched');
        }
      },
      () => {
        if (this.#run !== run) return;
        const opening = this.#open(run).catch((error: unknown) => this.#handleStartFailure(run, error));
        this.#life = { kind: 'starting', run, opening };
      },
    );
  }

  async #open(run: AgentRun): Promise<void> {
    await this.#previous.gone();
    if (this.#run !== run) return;
    const { history, journal, starter } = this.#context;
    const record = journal.record(this.id);
    const { agent, folder, agentSession, chosenMode: mode } = record;
    const hasMemory = agentSession !== null && history.events.has(this.id, 'turn.started');
    const conversation = await run.open(starter, {
      agent,
      folder,
      agentSession: hasConversation(history, record) ? agentSession : null,
      mode,
    });
    if (conversation && this.#run === run) this.#handleReady(run, conversation, hasMemory);
  }

  #handleReady(run: AgentRun, conversation: AgentConversation, hadMemory: boolean): void {
    this.#context.writer.write(
      () => recordReady(this.#context, this.id, { conversation, hadMemory }),
      () => {
        if (this.#run !== run) return;
        this.#life = { kind: 'running', run };
        run.begin();
        this.pump();
      },
    );
  }

  #handleStartFailure(run: AgentRun, error: unknown): void {
    if (this.#run !== run) return;
    this.#leave('resting');
    recordStartFailure(this.#context, this.id, error);
    // A person hears of it and decides; only what Baton began by itself it also goes on with by itself.
    if (this.#restarts.isUnderWay) this.#restarts.plan();
  }

  #handleTurnEnd(run: AgentRun, command: string, end: TurnEnd): void {
    if (this.#run !== run) return;
    const { journal, writer, approvals, clock } = this.#context;
    if (end.stop === 'interrupted') {
      // One that is being closed has its own limit.
      if (this.#life.kind !== 'running') return;
      const stopWaiting = clock.after(EXIT_GRACE_MS, () => this.#handleGone(run, null));
      this.#life = { kind: 'dying', run, stopWaiting };
      return;
    }
    this.#restarts.reset();
    this.#recorder.flushUnfinished();
    writer.write(
      () => {
        // An agent that has ended the turn has had its prompt, whether or not it said so.
        journal.acknowledgeTurn(this.id, command);
        journal.endApprovals(this.id, { kind: 'turn-ended' });
        journal.endTurn(this.id, this.#isClosing ? 'interrupted' : end.stop, end.error);
      },
      () => {
        approvals.release(this.id);
        if (this.#life.kind === 'closing') this.#life.onTurnEnded();
        this.pump();
      },
    );
  }

  #handleGone(run: AgentRun, exit: (AgentExit & { stderrTail: string }) | null): void {
    if (this.#run !== run) return;
    const { history, journal, writer, approvals, log } = this.#context;
    const { conversation } = run;
    const text = describeExit(exit);
    log.warn('An agent is gone', { session: this.id, code: exit?.code ?? null, signal: exit?.signal ?? null });
    const onTurnEnded = this.#life.kind === 'closing' ? this.#life.onTurnEnded : () => {};
    this.#recorder.flushUnfinished();
    this.#leave(this.#isClosing ? 'over' : 'resting');
    // Its process is known until nothing of it is left: should Baton die meanwhile, the next one ends what remains.
    const note = () => writer.write(() => noteEnd(this.#context, this.id));
    const stopped = conversation?.stop().finally(note) ?? Promise.resolve();
    this.waitFor(stopped);
    writer.write(
      () => {
        journal.interrupt(this.id, text);
        history.agentOutput.remove(this.id);
      },
      () => {
        unawaited(
          stopped.finally(() => conversation?.forget()),
          'end the agent of a session',
          this.#context.log,
        );
        approvals.release(this.id);
        onTurnEnded();
      },
    );
    if (!conversation) note();
    if (this.#isClosing) return;
    if (exit?.isMeant !== true) this.#restarts.plan();
    else if (history.commands.countQueued(this.id) > 0) this.wake();
  }

  /** Ends an agent that does not do as it should; what follows is as if it had died. */
  #stopAgent(text: string): void {
    const { journal, writer, log } = this.#context;
    log.warn('An agent is stopped', { session: this.id, text });
    writer.write(() => journal.notice(this.id, 'warning', text));
    this.#run?.conversation
      ?.stop()
      .catch((error: unknown) => log.error('Failed to stop an agent', { session: this.id, error }));
  }

  /** Asks the turn to end and gives it a moment; null if there is none. */
  #endTurnSoon(): Promise<void> | null {
    const run = this.#run;
    const conversation = run?.conversation;
    if (!run || !conversation || run.turn === null) return null;
    return new Promise<void>((resolve) => {
      const stopWaiting = this.#context.clock.after(QUIT_CANCEL_MS, resolve);
      this.#stopGrace();
      this.#life = {
        kind: 'closing',
        run,
        onTurnEnded: () => {
          stopWaiting();
          resolve();
        },
      };
      conversation.cancel().catch(() => {});
    });
  }

  /** From now on nothing its agent says is heard. */
  #leave(next: 'resting' | 'over'): void {
    this.#stopGrace();
    this.#run?.leave();
    this.#restarts.stop();
    this.#life = { kind: next };
  }

  #stopGrace(): void {
    if (this.#life.kind === 'dying') this.#life.stopWaiting();
  }

  /** Ends the agent, if there is one, and hears no more of it. Resolves when it is gone and nothing is kept of it. */
  async #letGo(): Promise<void> {
    const life = this.#life;
    const run = this.#run;
    this.#context.approvals.release(this.id);
    if (run) this.#streams.takeUnfinished();
    this.#leave('over');
    const conversation = run?.conversation;
    if (conversation) this.waitFor(conversation.stop().finally(() => conversation.forget()));
    // One that is still being opened is given up by its run.
    else if (life.kind === 'starting') this.waitFor(life.opening);
    await this.#previous.gone();
  }
}
