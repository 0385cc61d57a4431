/**
 * A conversation with one agent process in the Agent Client Protocol, version 1. It has one life: it is opened, or taken over from a
 * previous host; it is silent until `begin`; it ends with its process, or goes on without this host once it is detached.
 * The rules that make it survive real agents are those of `acp-wire`, `acp-output`, `acp-updates`, `acp-permissions` and this file:
 * a cancelled turn answers all its questions; whatever happens, a prompt ends.
 */
import { setImmediate as nextTick, setTimeout as wait } from 'node:timers/promises';
import { methods } from '@agentclientprotocol/sdk';
import type { AgentConversation, AgentPosition, TurnEnd, TurnListener } from '../agent.ts';
import { exitWords } from './acp-errors.ts';
import { changeMode } from './acp-modes.ts';
import { AcpOutlet } from './acp-outlet.ts';
import { AcpOutput } from './acp-output.ts';
import type { AcpParts, AcpSession, ReadBefore } from './acp-parts.ts';
import type { PreviousLife } from './acp-previous-life.ts';
import type { AcpSessionResult } from './acp-schemas.ts';
import { AcpTurn } from './acp-turn.ts';
import { describeEnd } from './acp-turn-end.ts';
import { AcpStreamError, type RpcAnswer } from './acp-wire.ts';

/** A turn that was cancelled and has not ended by then ends with its agent: stop must mean stop. */
export const CANCEL_DEADLINE_MS = 20_000;
/** How long the last output of an agent that is gone may take to arrive; what the keeper has of it is all there, and may be much. */
const LAST_OUTPUT_MS = 1_000;
const LAST_KEPT_OUTPUT_MS = 30_000;

type Life =
  /** The agent has not answered yet. */
  | { readonly kind: 'opening' }
  /** Silent. `previous`: what a previous host has left; null of a conversation that was opened here. */
  | { readonly kind: 'open'; readonly session: AcpSession; readonly previous: PreviousLife | null }
  | { readonly kind: 'begun'; readonly session: AcpSession }
  /** The process is gone. */
  | { readonly kind: 'gone'; readonly session: AcpSession }
  /** It goes on without this host. */
  | { readonly kind: 'detached'; readonly session: AcpSession };

export class AcpConversation implements AgentConversation {
  readonly output: AcpOutput;
  readonly outlet: AcpOutlet;
  readonly #parts: AcpParts;
  #life: Life = { kind: 'opening' };
  #turn: AcpTurn | null = null;
  /** Why Baton ended the agent. */
  #fault: string | null = null;

  constructor(parts: AcpParts, agentSession: string | undefined) {
    this.#parts = parts;
    this.outlet = new AcpOutlet(parts.events, (error) => this.#handleFailure(error));
    this.output = new AcpOutput(parts, this.outlet, () => this.#turn, agentSession ?? null);
  }

  get pid(): number {
    return this.#parts.agent.pid;
  }
  get startTime(): string | null {
    return this.#parts.agent.startTime;
  }
  get agentSession(): string {
    return this.#session.id;
  }
  get how(): AcpSession['how'] {
    return this.#session.how;
  }
  get agentVersion(): string | undefined {
    return this.#session.version;
  }
  get canResume(): boolean {
    return this.#session.canResume;
  }
  get notice(): string | null {
    return this.#parts.notice;
  }

  get position(): AgentPosition | null {
    const { kept } = this.#parts.agent;
    return kept !== null && this.outlet.kind === 'open' ? { agent: kept.id, ...this.output.position() } : null;
  }

  get #session(): AcpSession {
    if (this.#life.kind === 'opening') throw new Error('The conversation is not open yet.');
    return this.#life.session;
  }

  /** The agent has answered. */
  start(session: AcpSession): void {
    this.#life = { kind: 'open', session, previous: null };
    this.output.start(session);
  }

  /** A previous host has opened it and got so far. */
  startAgain(
    session: AcpSession,
    { previous, isReplaying, readBefore }: { previous: PreviousLife; isReplaying: boolean; readBefore: ReadBefore },
  ): void {
    this.#life = { kind: 'open', session, previous };
    this.output.startAgain(session, isReplaying, readBefore);
  }

  /** Takes the modes from the agent's answer and sets the first wanted one that it offers; only the outcome is told. */
  async settleModes(result: AcpSessionResult, wanted: readonly string[]): Promise<void> {
    const { folder } = this.#parts;
    folder.startModes(result);
    const mode = wanted.find((id) => folder.modes?.available.some((offered) => offered.id === id));
    if (mode !== undefined && mode !== folder.modes?.current) await this.#changeMode(mode);
    this.output.tell(folder.settleModes());
  }

  begin(): void {
    if (this.#life.kind !== 'open') throw new Error('A conversation was begun that is not open, or has begun already.');
    const { session, previous } = this.#life;
    this.#life = { kind: 'begun', session };
    previous?.settle();
    this.#background(this.#watchConnection());
    this.#background(this.#watchExit());
    this.outlet.open();
    session.wire.begin();
  }

  prompt({ command, text }: { command: string; text: string }, listener: TurnListener): void {
    if (this.#turn !== null) throw new Error('A prompt was sent while another one runs.');
    this.output.flushText();
    this.output.endReplay();
    this.#parts.folder.beginTurn();
    if (!this.continueTurn(command, listener)) return;
    const { id, wire } = this.#session;
    // If it cannot be written, the agent is gone or about to be: its end, which is awaited elsewhere, ends the turn.
    wire.prompt(command, { sessionId: id, prompt: [{ type: 'text', text }] }).catch(() => undefined);
  }

  /** A turn whose prompt the agent has, or is about to get. False if the agent is gone: then the turn is over already. */
  continueTurn(command: string, listener: TurnListener): boolean {
    if (this.#life.kind === 'gone') {
      listener.onEnd({ stop: 'interrupted', error: `${this.#parts.agentName} is not running.` });
      return false;
    }
    this.#turn = new AcpTurn(command, listener, (event) => this.outlet.tell(event));
    return true;
  }

  /** Takes the agent's answer to a prompt: the end of its turn. */
  handlePromptAnswer(command: string, answer: RpcAnswer): void {
    const turn = this.#turn;
    if (turn?.command === command) this.#endTurn(turn, describeEnd(answer, turn.isCancelled));
  }

  #endTurn(turn: AcpTurn, end: TurnEnd): void {
    if (end.stop !== 'interrupted') turn.acknowledge();
    this.output.flushText();
    this.#turn = null;
    this.#parts.permissions.withdrawAll();
    turn.end(end);
  }

  async cancel(): Promise<void> {
    const { agentName, cancelDeadlineMs, permissions } = this.#parts;
    const isFirst = this.#turn?.cancel(cancelDeadlineMs, () => {
      this.#fault = `${agentName} did not stop when asked, so Baton ended it.`;
      this.#background(this.stop());
    });
    if (!isFirst) return;
    const { wire, id } = this.#session;
    // Before the answers: an agent that hears of a refused question first goes on, or ends its turn in another way.
    const told = wire.notify(methods.agent.session.cancel, { sessionId: id });
    // Either fails only because the agent is gone, and then there is nothing left to cancel.
    await Promise.allSettled([told, permissions.cancelAll()]);
  }

  async setMode(mode: string): Promise<void> {
    await this.#changeMode(mode);
    this.output.tell(this.#parts.folder.describeModes());
  }

  async #changeMode(mode: string): Promise<void> {
    const { connection, id } = this.#session;
    const { folder, agentName } = this.#parts;
    await changeMode({ connection, session: id, modes: folder.modes, mode, agentName });
    folder.setCurrentMode(mode);
  }

  stop(): Promise<void> {
    return this.#parts.agent.stop();
  }

  acknowledge({ agent, readFrom }: AgentPosition): void {
    const { kept } = this.#parts.agent;
    if (kept?.id === agent) kept.acknowledge(readFrom);
  }

  forget(): void {
    this.#parts.agent.kept?.forget();
  }

  detach(): void {
    const session = this.#session;
    this.#life = { kind: 'detached', session };
    this.outlet.close();
    this.output.dispose();
    this.#turn?.release();
    this.#parts.agent.kept?.detach();
    session.wire.close();
  }

  /** An agent is not left to work on while nobody takes down what it does. */
  #handleFailure(error: unknown): void {
    const { log, agentName } = this.#parts;
    log.error('Failed to take what an agent said', { error });
    this.#fault ??= `Baton failed to take what ${agentName} said, and ended it.`;
    this.#background(this.stop());
  }

  /** What nobody waits for; that it fails is a bug, which the log must hold. */
  #background(work: Promise<unknown>): void {
    work.catch((error: unknown) => this.#parts.log.error('A conversation with an agent failed', { error }));
  }

  /** An agent that can no longer be talked to is ended. */
  async #watchConnection(): Promise<void> {
    const { connection } = this.#session;
    await connection.closed;
    if (this.#life.kind === 'detached') return;
    const reason: unknown = connection.signal.reason;
    if (reason instanceof AcpStreamError) {
      this.#fault = `${reason.message} Baton ended it.`;
      this.#parts.log.error(this.#fault, { error: reason.cause });
    }
    await this.stop();
  }

  async #watchExit(): Promise<void> {
    const session = this.#session;
    const { agent, permissions, events, agentName } = this.#parts;
    const exit = await agent.exited;
    const lastOutputMs = agent.kept === null ? LAST_OUTPUT_MS : LAST_KEPT_OUTPUT_MS;
    await Promise.race([session.wire.done, wait(lastOutputMs, undefined, { ref: false })]);
    if (this.#life.kind === 'detached') return;
    this.#life = { kind: 'gone', session };
    session.connection.close();
    permissions.expireAll();
    this.output.flushText();
    const stderrTail = agent.stderrTail();
    if (this.#turn)
      this.#endTurn(this.#turn, { stop: 'interrupted', error: this.#fault ?? `${agentName} ${exitWords(exit)}.` });
    // Anyone who waits for the turn hears of its end first.
    await nextTick();
    this.outlet.tell(() => events.onExit({ ...exit, stderrTail }));
  }
}
