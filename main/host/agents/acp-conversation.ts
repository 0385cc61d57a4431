/**
 * A conversation with one agent process in the Agent Client Protocol, version 1.
 * The rules that make it survive real agents are those of `acp-stream`, `acp-updates`, `acp-permissions` and this file:
 * updates may come before `session/new` answers and after `session/load` has; history that is replayed is not told again;
 * a cancelled turn answers all its questions; whatever happens, a prompt ends.
 */
import { setImmediate as nextTick, setTimeout as wait } from 'node:timers/promises';
import { type ClientConnection, methods } from '@agentclientprotocol/sdk';
import type { Log } from '../log.ts';
import { errorText, metaError } from './acp-errors.ts';
import { CANCELLED, type PermissionAnswer, type Permissions } from './acp-permissions.ts';
import { type AcpPermissionParams, type AcpSessionResult, acpPromptResult, acpUpdateParams } from './acp-schemas.ts';
import { AcpStreamError } from './acp-stream.ts';
import type { UpdateFolder } from './acp-updates.ts';
import type { AgentConversation, AgentEvents, AgentProcess, AgentUpdate, TurnEnd } from './agent.ts';

/** A turn that was cancelled and has not ended by then ends with its agent: stop must mean stop. */
export const CANCEL_DEADLINE_MS = 20_000;
/** Text that comes while no turn runs is finished when nothing was added to it for this long. */
export const LATE_TEXT_FLUSH_MS = 1_000;
/** How long the last output of an agent that is gone may take to arrive. */
const LAST_OUTPUT_MS = 1_000;
/** An agent has this long to answer a change of mode. */
export const MODE_DEADLINE_MS = 30_000;
/** Of what an agent says while its conversation is being opened, this much is held back; the rest is dropped. */
export const UPDATES_HELD_MAX_BYTES = 16 * 1024 * 1024;

/** What `openAcpConversation` has put together. */
export interface AcpParts {
  readonly agent: AgentProcess;
  readonly agentName: string;
  readonly folder: UpdateFolder;
  readonly permissions: Permissions;
  readonly events: AgentEvents;
  readonly log: Log;
  readonly cancelDeadlineMs: number;
}

/** What became known while it was opened. */
export interface AcpSession {
  readonly connection: ClientConnection;
  readonly id: string;
  readonly how: 'new' | 'loaded' | 'resumed';
  readonly version: string | undefined;
  readonly canResume: boolean;
}

interface Turn {
  acknowledge: () => void;
  isCancelled: boolean;
  readonly ended: PromiseWithResolvers<TurnEnd>;
}

export class AcpConversation implements AgentConversation {
  readonly #parts: AcpParts;
  #session: AcpSession | null = null;
  #sessionId: string | null;
  /** Until the first prompt of a conversation that was picked up again, the agent may tell its history once more. */
  #isReplaying: boolean;
  #heldUpdates: unknown[] = [];
  #heldBytes = 0;
  /** What happened before whoever opened the conversation could know it; null once it is told at once. */
  #heldEvents: (() => void)[] | null = [];
  #turn: Turn | null = null;
  #cancelTimer: NodeJS.Timeout | undefined;
  #flushTimer: NodeJS.Timeout | undefined;
  #fault: string | null = null;
  #isGone = false;

  constructor(parts: AcpParts, agentSession: string | undefined) {
    this.#parts = parts;
    this.#sessionId = agentSession ?? null;
    this.#isReplaying = agentSession !== undefined;
  }

  get pid(): number {
    return this.#parts.agent.pid;
  }
  get startTime(): string | null {
    return this.#parts.agent.startTime;
  }
  get agentSession(): string {
    return this.#opened.id;
  }
  get how(): AcpSession['how'] {
    return this.#opened.how;
  }
  get agentVersion(): string | undefined {
    return this.#opened.version;
  }
  get canResume(): boolean {
    return this.#opened.canResume;
  }

  get #opened(): AcpSession {
    if (this.#session === null) throw new Error('The conversation is not open yet.');
    return this.#session;
  }

  /** The agent has answered: updates that came before its answer belong to this session, or to none. */
  start(session: AcpSession): void {
    this.#session = session;
    this.#sessionId = session.id;
    for (const params of this.#heldUpdates.splice(0)) this.#takeUpdate(session.id, params);
  }

  /** Takes the modes from the agent's answer and sets the first wanted one that it offers; only the outcome is told. */
  async settleModes(result: AcpSessionResult, wanted: readonly string[]): Promise<void> {
    const { folder } = this.#parts;
    folder.startModes(result);
    const mode = wanted.find((id) => folder.modes?.available.some((offered) => offered.id === id));
    if (mode !== undefined && mode !== folder.modes?.current) await this.#changeMode(mode);
    this.#tell(folder.settleModes());
  }

  /** From now on the owner is told everything, beginning as soon as it has the conversation in hand. */
  handOver(): void {
    this.#background(this.#watchConnection());
    this.#background(this.#watchExit());
    setImmediate(() => this.#release());
  }

  async prompt(text: string, onAcknowledged: () => void): Promise<TurnEnd> {
    if (this.#turn !== null) throw new Error('A prompt was sent while another one runs.');
    if (this.#isGone) return { stop: 'interrupted', error: `${this.#parts.agentName} is not running.` };
    this.#release();
    this.#flushText();
    this.#isReplaying = false;
    const turn: Turn = {
      isCancelled: false,
      ended: Promise.withResolvers(),
      acknowledge: () => {
        turn.acknowledge = () => undefined;
        onAcknowledged();
      },
    };
    this.#turn = turn;
    this.#background(this.#run(turn, text));
    return turn.ended.promise;
  }

  async #run(turn: Turn, text: string): Promise<void> {
    const { connection, id } = this.#opened;
    try {
      const prompt = [{ type: 'text' as const, text }];
      const result = acpPromptResult.parse(
        await connection.agent.request<unknown>(methods.agent.session.prompt, { sessionId: id, prompt }),
      );
      const error = result.stopReason === 'end_turn' ? metaError(result._meta) : undefined;
      this.#endTurn(turn, error === undefined ? { stop: result.stopReason } : { stop: 'error', error });
    } catch (error) {
      // If the connection is lost, the agent's end, which is awaited elsewhere, ends the turn.
      if (connection.signal.aborted) return;
      this.#endTurn(turn, { stop: turn.isCancelled ? 'cancelled' : 'error', error: errorText(error) });
    }
  }

  #endTurn(turn: Turn, end: TurnEnd): void {
    if (this.#turn !== turn) return;
    if (end.stop !== 'interrupted') turn.acknowledge();
    clearTimeout(this.#cancelTimer);
    this.#turn = null;
    this.#flushText();
    this.#parts.permissions.withdrawAll();
    turn.ended.resolve(end);
  }

  async cancel(): Promise<void> {
    const turn = this.#turn;
    if (turn === null || turn.isCancelled) return;
    turn.isCancelled = true;
    this.#cancelTimer = setTimeout(() => {
      this.#fault = `${this.#parts.agentName} did not stop when asked, so Baton ended it.`;
      this.#background(this.stop());
    }, this.#parts.cancelDeadlineMs);
    const { connection, id } = this.#opened;
    const told = connection.agent.notify(methods.agent.session.cancel, { sessionId: id });
    // Either fails only because the agent is gone, and then there is nothing left to cancel.
    await Promise.allSettled([told, this.#parts.permissions.cancelAll()]);
  }

  async setMode(mode: string): Promise<void> {
    await this.#changeMode(mode);
    this.#tell(this.#parts.folder.describeModes());
  }

  async #changeMode(mode: string): Promise<void> {
    const { connection, id } = this.#opened;
    const { folder, agentName } = this.#parts;
    const modes = folder.modes;
    if (modes?.available.some((offered) => offered.id === mode) !== true) {
      throw new Error(`${agentName} has no mode "${mode}".`);
    }
    const signal = AbortSignal.timeout(MODE_DEADLINE_MS);
    const options = { cancellationSignal: signal, stopWaitingOnCancel: true };
    try {
      if (modes.configOption === undefined) {
        await connection.agent.request<unknown>(
          methods.agent.session.setMode,
          { sessionId: id, modeId: mode },
          options,
        );
      } else {
        const change = { sessionId: id, configId: modes.configOption, value: mode };
        await connection.agent.request<unknown>(methods.agent.session.setConfigOption, change, options);
      }
    } catch (error) {
      const reason = signal.aborted ? 'it did not answer' : errorText(error);
      throw new Error(`${agentName} did not change its mode: ${reason}`, { cause: error });
    }
    folder.setCurrentMode(mode);
  }

  stop(): Promise<void> {
    return this.#parts.agent.stop();
  }

  /** Takes the params of a `session/update`, whose line had this length. */
  handleUpdate(params: unknown, bytes: number): void {
    if (this.#heldEvents !== null) {
      this.#heldBytes += bytes;
      if (this.#heldBytes > UPDATES_HELD_MAX_BYTES) return;
    }
    if (this.#sessionId === null) this.#heldUpdates.push(params);
    else this.#takeUpdate(this.#sessionId, params);
  }

  #takeUpdate(sessionId: string, params: unknown): void {
    const parsed = acpUpdateParams.safeParse(params);
    if (!parsed.success || parsed.data.sessionId !== sessionId) return;
    const { folder } = this.#parts;
    if (this.#isReplaying) {
      this.#tell(folder.foldSettings(parsed.data.update));
      return;
    }
    const { updates, isWork } = folder.fold(parsed.data.update);
    if (isWork) this.#turn?.acknowledge();
    this.#tell(updates);
    this.#scheduleFlush();
  }

  /** Takes a `session/request_permission`; resolves with what to answer. */
  handlePermission(
    id: string | number | null,
    params: AcpPermissionParams,
    signal: AbortSignal,
  ): PermissionAnswer | Promise<PermissionAnswer> {
    const { folder, permissions, events, log } = this.#parts;
    if (params.sessionId !== this.#sessionId || this.#turn?.isCancelled === true) return CANCELLED;
    if (params.options.length === 0) {
      log.warn('The agent asked for permission without an option that can be chosen; answered "cancelled".');
      return CANCELLED;
    }
    this.#turn?.acknowledge();
    if (params.toolCall) this.#tell(folder.foldQuestion(params.toolCall));
    const tool = (params.toolCall && folder.tools.get(params.toolCall.toolCallId)) ?? null;
    const title = tool?.title ?? `${this.#parts.agentName} asks for permission`;
    const { request, answer } = permissions.open(id, { title, tool, options: params.options }, signal);
    this.#emit(() => events.onPermission(request));
    return answer;
  }

  /** Runs a callback of the owner now, or as soon as the owner has the conversation. */
  #emit(event: () => void): void {
    if (this.#heldEvents === null) this.#call(event);
    else this.#heldEvents.push(event);
  }

  #release(): void {
    const held = this.#heldEvents ?? [];
    this.#heldEvents = null;
    for (const event of held) this.#call(event);
  }

  /** An agent is not left to work on while nobody takes down what it does. */
  #call(event: () => void): void {
    try {
      event();
    } catch (error) {
      this.#parts.log.error('Failed to take what an agent said', { error });
      this.#fault ??= `Baton failed to take what ${this.#parts.agentName} said, and ended it.`;
      this.#background(this.stop());
    }
  }

  #tell(updates: readonly AgentUpdate[]): void {
    for (const update of updates) this.#emit(() => this.#parts.events.onUpdate(update));
  }

  #flushText(): void {
    clearTimeout(this.#flushTimer);
    this.#tell(this.#parts.folder.flush());
  }

  #scheduleFlush(): void {
    if (this.#turn !== null || !this.#parts.folder.hasOpenText) return;
    clearTimeout(this.#flushTimer);
    this.#flushTimer = setTimeout(() => this.#flushText(), LATE_TEXT_FLUSH_MS);
  }

  /** What nobody waits for; that it fails is a bug, which the log must hold. */
  #background(work: Promise<unknown>): void {
    work.catch((error: unknown) => this.#parts.log.error('A conversation with an agent failed', { error }));
  }

  /** An agent that can no longer be talked to is ended. */
  async #watchConnection(): Promise<void> {
    const { connection } = this.#opened;
    await connection.closed;
    const reason: unknown = connection.signal.reason;
    if (reason instanceof AcpStreamError) {
      this.#fault = `${reason.message} Baton ended it.`;
      this.#parts.log.error(this.#fault, { error: reason.cause });
    }
    await this.stop();
  }

  async #watchExit(): Promise<void> {
    const { connection } = this.#opened;
    const { agent, permissions, events, agentName } = this.#parts;
    const exit = await agent.exited;
    await Promise.race([connection.closed, wait(LAST_OUTPUT_MS, undefined, { ref: false })]);
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

/** How a process ended, as the rest of a sentence. */
export function exitWords({ code, signal }: { code: number | null; signal: string | null }): string {
  return signal === null ? `ended with exit code ${code}` : `was ended by ${signal}`;
}
