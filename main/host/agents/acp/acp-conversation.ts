/**
 * A conversation with one agent process in the Agent Client Protocol, version 1.
 * The rules that make it survive real agents are those of `acp-wire`, `acp-updates`, `acp-permissions` and this file:
 * updates may come before `session/new` answers and after `session/load` has; history that is replayed is not told again;
 * a cancelled turn answers all its questions; whatever happens, a prompt ends.
 */
import { setImmediate as nextTick, setTimeout as wait } from 'node:timers/promises';
import { methods } from '@agentclientprotocol/sdk';
import type { AgentConversation, AgentPosition, AgentUpdate, TurnEnd, TurnListener } from '../agent.ts';
import { exitWords } from './acp-errors.ts';
import { changeMode } from './acp-modes.ts';
import type { AcpParts, AcpSession, ReadBefore, SavedRest, Turn } from './acp-parts.ts';
import { type AcpSessionResult, acpPermissionParams, acpUpdateParams } from './acp-schemas.ts';
import { describeEnd } from './acp-turn-end.ts';
import type { TextBegin } from './acp-updates.ts';
import { AcpStreamError, type Place, type RequestId, type RpcAnswer } from './acp-wire.ts';

/** A turn that was cancelled and has not ended by then ends with its agent: stop must mean stop. */
export const CANCEL_DEADLINE_MS = 20_000;
/** Text that comes while no turn runs is finished when nothing was added to it for this long. */
export const LATE_TEXT_FLUSH_MS = 1_000;
/** How long the last output of an agent that is gone may take to arrive; what the keeper has of it is all there, and may be much. */
const LAST_OUTPUT_MS = 1_000;
const LAST_KEPT_OUTPUT_MS = 30_000;
/** Of what an agent says while its conversation is being opened, this much is held back; the rest is dropped. */
export const UPDATES_HELD_MAX_BYTES = 16 * 1024 * 1024;
/** A text is finished when so much output was read since it began: before, the keeper cannot be told that any of that is stored. */
export const OPEN_TEXT_MAX_BYTES = 32 * 1024 * 1024;

export class AcpConversation implements AgentConversation {
  protected readonly parts: AcpParts;
  #session: AcpSession | null = null;
  #sessionId: string | null;
  /** Until the first prompt of a conversation that was picked up again, the agent may tell its history once more. */
  #isReplaying: boolean;
  #readBefore: ReadBefore | null = null;
  #heldUpdates: { params: unknown; place: Place }[] = [];
  #heldBytes = 0;
  /** What happened before whoever opened the conversation could know it; null once it is told at once. */
  #heldEvents: (() => void)[] | null = [];
  #turn: Turn | null = null;
  #cancelTimer: NodeJS.Timeout | undefined;
  #flushTimer: NodeJS.Timeout | undefined;
  #fault: string | null = null;
  #isGone = false;
  #isDetached = false;

  constructor(parts: AcpParts, agentSession: string | undefined) {
    this.parts = parts;
    this.#sessionId = agentSession ?? null;
    this.#isReplaying = agentSession !== undefined;
  }

  get pid(): number {
    return this.parts.agent.pid;
  }
  get startTime(): string | null {
    return this.parts.agent.startTime;
  }
  get agentSession(): string {
    return this.opened.id;
  }
  get how(): AcpSession['how'] {
    return this.opened.how;
  }
  get agentVersion(): string | undefined {
    return this.opened.version;
  }
  get canResume(): boolean {
    return this.opened.canResume;
  }
  get notice(): string | null {
    return this.parts.notice;
  }

  get position(): AgentPosition | null {
    const { agent, folder, permissions } = this.parts;
    if (agent.kept === null || this.#heldEvents !== null || this.#isDetached) return null;
    const { wire } = this.opened;
    const begin = folder.openText ?? this.#unread;
    const rest: SavedRest = {
      isReplaying: this.#isReplaying,
      skip: begin?.skip ?? 0,
      questions: permissions.unanswered,
      refused: wire.refused,
    };
    const state = `{"folder":${folder.save()},"rest":${JSON.stringify(rest)}}`;
    const seen = Math.max(wire.position, this.#readBefore?.until ?? 0);
    return { agent: agent.kept.id, readFrom: begin?.at ?? wire.position, seen, state };
  }

  /** What a former host has read and this one has yet to read again. */
  get #unread(): TextBegin | null {
    const before = this.#readBefore;
    return before !== null && this.opened.wire.position < before.until ? before.begin : null;
  }

  protected get opened(): AcpSession {
    if (this.#session === null) throw new Error('The conversation is not open yet.');
    return this.#session;
  }

  /** The agent has answered: updates that came before its answer belong to this session, or to none. */
  start(session: AcpSession): void {
    this.#session = session;
    this.#sessionId = session.id;
    for (const { params, place } of this.#heldUpdates.splice(0)) this.#takeUpdate(session.id, params, place);
  }

  /** A former host has opened it and got so far. */
  protected startAgain(session: AcpSession, isReplaying: boolean, readBefore: ReadBefore): void {
    this.start(session);
    this.#heldEvents = null;
    this.#isReplaying = isReplaying;
    this.#readBefore = readBefore;
  }

  /** Takes the modes from the agent's answer and sets the first wanted one that it offers; only the outcome is told. */
  async settleModes(result: AcpSessionResult, wanted: readonly string[]): Promise<void> {
    const { folder } = this.parts;
    folder.startModes(result);
    const mode = wanted.find((id) => folder.modes?.available.some((offered) => offered.id === id));
    if (mode !== undefined && mode !== folder.modes?.current) await this.#changeMode(mode);
    this.#tell(folder.settleModes());
  }

  /** From now on the owner is told everything, beginning as soon as it has the conversation in hand. */
  handOver(): void {
    this.watch();
    setImmediate(() => this.#release());
  }

  protected watch(): void {
    this.#background(this.#watchConnection());
    this.#background(this.#watchExit());
  }

  prompt({ command, text }: { command: string; text: string }, listener: TurnListener): void {
    if (this.#turn !== null) throw new Error('A prompt was sent while another one runs.');
    this.#release();
    this.#flushText();
    this.#isReplaying = false;
    if (!this.beginTurn(command, listener)) return;
    const { id, wire } = this.opened;
    // If it cannot be written, the agent is gone or about to be: its end, which is awaited elsewhere, ends the turn.
    wire.prompt(command, { sessionId: id, prompt: [{ type: 'text', text }] }).catch(() => undefined);
  }

  /** False if the agent is gone: then the turn is over already. */
  protected beginTurn(command: string, listener: TurnListener): boolean {
    if (this.#isGone) {
      listener.onEnd({ stop: 'interrupted', error: `${this.parts.agentName} is not running.` });
      return false;
    }
    this.#turn = { command, isAcknowledged: false, isCancelled: false, listener };
    return true;
  }

  /** Takes the agent's answer to a prompt: the end of its turn. */
  handlePromptAnswer(command: string, answer: RpcAnswer): void {
    const turn = this.#turn;
    if (turn?.command !== command) return;
    this.#endTurn(turn, describeEnd(answer, turn.isCancelled));
  }

  #acknowledgeTurn(): void {
    const turn = this.#turn;
    if (!turn || turn.isAcknowledged) return;
    turn.isAcknowledged = true;
    this.#call(() => turn.listener.onAcknowledged());
  }

  #endTurn(turn: Turn, end: TurnEnd): void {
    if (this.#turn !== turn) return;
    if (end.stop !== 'interrupted') this.#acknowledgeTurn();
    clearTimeout(this.#cancelTimer);
    this.#flushText();
    this.#turn = null;
    this.parts.permissions.withdrawAll();
    this.#call(() => turn.listener.onEnd(end));
  }

  async cancel(): Promise<void> {
    const turn = this.#turn;
    if (turn === null || turn.isCancelled) return;
    turn.isCancelled = true;
    this.#cancelTimer = setTimeout(() => {
      this.#fault = `${this.parts.agentName} did not stop when asked, so Baton ended it.`;
      this.#background(this.stop());
    }, this.parts.cancelDeadlineMs);
    const { wire, id } = this.opened;
    // Before the answers: an agent that hears of a refused question first goes on, or ends its turn in another way.
    const told = wire.notify(methods.agent.session.cancel, { sessionId: id });
    // Either fails only because the agent is gone, and then there is nothing left to cancel.
    await Promise.allSettled([told, this.parts.permissions.cancelAll()]);
  }

  async setMode(mode: string): Promise<void> {
    await this.#changeMode(mode);
    this.#tell(this.parts.folder.describeModes());
  }

  async #changeMode(mode: string): Promise<void> {
    const { connection, id } = this.opened;
    const { folder, agentName } = this.parts;
    await changeMode({ connection, session: id, modes: folder.modes, mode, agentName });
    folder.setCurrentMode(mode);
  }

  stop(): Promise<void> {
    return this.parts.agent.stop();
  }

  acknowledge({ agent, readFrom }: AgentPosition): void {
    const { kept } = this.parts.agent;
    if (kept?.id === agent) kept.acknowledge(readFrom);
  }

  forget(): void {
    this.parts.agent.kept?.forget();
  }

  detach(): void {
    this.#isDetached = true;
    clearTimeout(this.#cancelTimer);
    clearTimeout(this.#flushTimer);
    this.parts.agent.kept?.detach();
    this.opened.wire.close();
  }

  /** Wraps what one piece of output brings. */
  handleOutput(take: () => void): void {
    const { events } = this.parts;
    if (this.#isDetached) return;
    if (this.#heldEvents === null && events.onOutput) {
      events.onOutput(take);
      return;
    }
    take();
  }

  /** Whether its owner is told everything at once; before, a host that dies leaves nothing that another could take over. */
  get isHandedOver(): boolean {
    return this.#heldEvents === null;
  }

  /** Takes the params of a `session/update`. */
  handleUpdate(params: unknown, place: Place): void {
    if (this.#heldEvents !== null) {
      this.#heldBytes += place.end - place.start;
      if (this.#heldBytes > UPDATES_HELD_MAX_BYTES) return;
    }
    if (this.#sessionId === null) this.#heldUpdates.push({ params, place });
    else this.#takeUpdate(this.#sessionId, params, place);
  }

  #takeUpdate(sessionId: string, params: unknown, { start, end }: Place): void {
    const parsed = acpUpdateParams.safeParse(params);
    if (!parsed.success || parsed.data.sessionId !== sessionId) return;
    const { folder } = this.parts;
    const before = this.#readBefore;
    if (before !== null && end <= before.until) {
      this.#tell(folder.foldAgain(parsed.data.update, start, before.begin.at === start ? before.begin.skip : 0));
      this.#scheduleFlush();
      return;
    }
    if (this.#isReplaying) {
      this.#tell(folder.foldSettings(parsed.data.update));
      return;
    }
    const { updates, isWork } = folder.fold(parsed.data.update, start);
    if (isWork) this.#acknowledgeTurn();
    this.#tell(updates);
    if (end - (folder.openText?.at ?? end) > OPEN_TEXT_MAX_BYTES) this.#flushText();
    this.#scheduleFlush();
  }

  /** Takes a `session/request_permission`. */
  handleQuestion(id: RequestId, params: unknown, { start, end }: Place): void {
    const { folder, permissions, events, log, agentName } = this.parts;
    if (this.#readBefore !== null && end <= this.#readBefore.until) return;
    const parsed = acpPermissionParams.safeParse(params);
    if (!parsed.success) {
      this.opened.wire.refuse(id, -32602, 'Invalid params');
      return;
    }
    const { sessionId, options, toolCall } = parsed.data;
    if (sessionId !== this.#sessionId || this.#turn?.isCancelled === true) {
      permissions.dismiss(id, start);
      return;
    }
    if (options.length === 0) {
      log.warn('The agent asked for permission without an option that can be chosen; answered "cancelled".');
      permissions.dismiss(id, start);
      return;
    }
    this.#acknowledgeTurn();
    // A text that goes on after the question would be read again together with it.
    this.#flushText();
    if (toolCall) this.#tell(folder.foldQuestion(toolCall));
    const tool = (toolCall && folder.tools.get(toolCall.toolCallId)) ?? null;
    const title = tool?.title ?? `${agentName} asks for permission`;
    const request = permissions.open(id, start, { title, tool, options });
    this.#emit(() => events.onPermission(request));
  }

  /** Runs a callback of the owner now, or as soon as the owner has the conversation. */
  #emit(event: () => void): void {
    if (this.#heldEvents === null) this.#call(event);
    else this.#heldEvents.push(event);
  }

  #release(): void {
    const held = this.#heldEvents;
    if (held === null || this.#isDetached) return;
    this.#heldEvents = null;
    const tell = () => {
      for (const event of held) this.#call(event);
    };
    if (this.parts.events.onOutput) this.parts.events.onOutput(tell);
    else tell();
  }

  /** An agent is not left to work on while nobody takes down what it does. */
  #call(event: () => void): void {
    if (this.#isDetached) return;
    try {
      event();
    } catch (error) {
      this.parts.log.error('Failed to take what an agent said', { error });
      this.#fault ??= `Baton failed to take what ${this.parts.agentName} said, and ended it.`;
      this.#background(this.stop());
    }
  }

  #tell(updates: readonly AgentUpdate[]): void {
    for (const update of updates) this.#emit(() => this.parts.events.onUpdate(update));
  }

  #flushText(): void {
    clearTimeout(this.#flushTimer);
    // What of a former host's text was not read again yet goes on as another text.
    if (this.#readBefore && this.#unread) {
      this.#readBefore = { ...this.#readBefore, begin: { at: this.opened.wire.position, skip: 0 } };
    }
    this.#tell(this.parts.folder.flush());
  }

  #scheduleFlush(): void {
    if (this.#turn !== null || this.parts.folder.openText === null) return;
    clearTimeout(this.#flushTimer);
    this.#flushTimer = setTimeout(() => this.#flushText(), LATE_TEXT_FLUSH_MS);
  }

  /** What nobody waits for; that it fails is a bug, which the log must hold. */
  #background(work: Promise<unknown>): void {
    work.catch((error: unknown) => this.parts.log.error('A conversation with an agent failed', { error }));
  }

  /** An agent that can no longer be talked to is ended. */
  async #watchConnection(): Promise<void> {
    const { connection } = this.opened;
    await connection.closed;
    if (this.#isDetached) return;
    const reason: unknown = connection.signal.reason;
    if (reason instanceof AcpStreamError) {
      this.#fault = `${reason.message} Baton ended it.`;
      this.parts.log.error(this.#fault, { error: reason.cause });
    }
    await this.stop();
  }

  async #watchExit(): Promise<void> {
    const { connection, wire } = this.opened;
    const { agent, permissions, events, agentName } = this.parts;
    const exit = await agent.exited;
    const lastOutputMs = agent.kept === null ? LAST_OUTPUT_MS : LAST_KEPT_OUTPUT_MS;
    await Promise.race([wire.done, wait(lastOutputMs, undefined, { ref: false })]);
    if (this.#isDetached) return;
    this.#isGone = true;
    connection.close();
    permissions.expireAll();
    this.#release();
    this.#flushText();
    const stderrTail = agent.stderrTail();
    if (this.#turn)
      this.#endTurn(this.#turn, { stop: 'interrupted', error: this.#fault ?? `${agentName} ${exitWords(exit)}.` });
    // Whoever waits for the turn hears of its end first.
    await nextTick();
    this.#call(() => events.onExit({ ...exit, stderrTail }));
  }
}
