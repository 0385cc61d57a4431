/**
 * What an agent says of its session, brought to its owner: updates that came before the agent has named the session belong to it or
 * to none; history that is replayed is not told again; output that a previous host has read is read again only for the text that it
 * left unfinished.
 */

import type { AgentPosition, AgentUpdate } from '../agent.ts';
import type { AcpOutlet } from './acp-outlet.ts';
import type { AcpParts, AcpSession, ReadBefore, SavedRest } from './acp-parts.ts';
import { acpPermissionParams, acpUpdateParams } from './acp-schemas.ts';
import type { AcpTurn } from './acp-turn.ts';
import type { TextBegin } from './acp-updates.ts';
import type { AcpWire, ByteRange, RequestId } from './acp-wire.ts';

/** Text that comes while no turn runs is finished when nothing was added to it for this long. */
export const LATE_TEXT_FLUSH_MS = 1_000;
/** Of what an agent says before its owner listens, this much is held back; the rest is dropped. */
export const UPDATES_HELD_MAX_BYTES = 16 * 1024 * 1024;
/** A text is finished when so much output was read since it began: before, the keeper cannot be told that any of that is stored. */
export const OPEN_TEXT_MAX_BYTES = 32 * 1024 * 1024;

export class AcpOutput {
  readonly #parts: AcpParts;
  readonly #outlet: AcpOutlet;
  readonly #turn: () => AcpTurn | null;
  #wire: AcpWire | null = null;
  /** Null until the agent has named the session. */
  #sessionId: string | null;
  /** Updates that came before that. */
  #nameless: { params: unknown; place: ByteRange }[] = [];
  #silentBytes = 0;
  /** Until the first prompt of a conversation that was picked up again, the agent may tell its history once more. */
  #isReplaying: boolean;
  #readBefore: ReadBefore | null = null;
  #flushTimer: NodeJS.Timeout | undefined;

  /** `turn`: the one that runs. `agentSession`: the conversation that is picked up again; null: a new one. */
  constructor(parts: AcpParts, outlet: AcpOutlet, turn: () => AcpTurn | null, agentSession: string | null) {
    this.#parts = parts;
    this.#outlet = outlet;
    this.#turn = turn;
    this.#sessionId = agentSession;
    this.#isReplaying = agentSession !== null;
  }

  /** The agent has answered. */
  start({ id, wire }: AcpSession): void {
    this.#wire = wire;
    this.#sessionId = id;
    for (const { params, place } of this.#nameless.splice(0)) this.#takeUpdate(id, params, place);
  }

  /** A previous host has opened it and got so far. */
  startAgain(session: AcpSession, isReplaying: boolean, readBefore: ReadBefore): void {
    this.start(session);
    this.#isReplaying = isReplaying;
    this.#readBefore = readBefore;
  }

  /** The first prompt goes out: what comes now is new. */
  endReplay(): void {
    this.#isReplaying = false;
  }

  /** How far it is told. */
  position(): Omit<AgentPosition, 'agent'> {
    const { folder, permissions } = this.#parts;
    const wire = this.#opened;
    const begin = folder.openText ?? this.#unread;
    const rest: SavedRest = {
      isReplaying: this.#isReplaying,
      skip: begin?.skip ?? 0,
      questions: permissions.unanswered,
      refused: wire.refused,
    };
    const state = `{"folder":${folder.save()},"rest":${JSON.stringify(rest)}}`;
    const seen = Math.max(wire.position, this.#readBefore?.until ?? 0);
    return { readFrom: begin?.at ?? wire.position, seen, state };
  }

  /** Takes the params of a `session/update`. */
  handleUpdate(params: unknown, place: ByteRange): void {
    if (this.#outlet.kind === 'silent') {
      this.#silentBytes += place.end - place.start;
      if (this.#silentBytes > UPDATES_HELD_MAX_BYTES) return;
    }
    if (this.#sessionId === null) this.#nameless.push({ params, place });
    else this.#takeUpdate(this.#sessionId, params, place);
  }

  /** Takes a `session/request_permission`. */
  handleQuestion(id: RequestId, params: unknown, { start, end }: ByteRange): void {
    const { folder, permissions, events, agentName } = this.#parts;
    if (this.#readBefore !== null && end <= this.#readBefore.until) return;
    const parsed = acpPermissionParams.safeParse(params);
    if (!parsed.success) {
      this.#opened.refuse(id, -32602, 'Invalid params');
      return;
    }
    const { sessionId, options, toolCall } = parsed.data;
    if (sessionId !== this.#sessionId || this.#turn()?.isCancelled === true) {
      permissions.dismiss(id, start);
      return;
    }
    this.#turn()?.acknowledge();
    // A text that goes on after the question would be read again together with it.
    this.flushText();
    if (toolCall) this.tell(folder.foldQuestion(toolCall));
    const tool = (toolCall && folder.tools.get(toolCall.toolCallId)) ?? null;
    const title = tool?.title ?? `${agentName} asks for permission`;
    const request = permissions.open(id, start, { title, tool, options });
    this.#outlet.tell(() => events.onPermission(request));
  }

  /** Finishes the text that is being written. */
  flushText(): void {
    clearTimeout(this.#flushTimer);
    // What of a previous host's text was not read again yet goes on as another text.
    if (this.#readBefore && this.#unread) {
      this.#readBefore = { ...this.#readBefore, begin: { at: this.#opened.position, skip: 0 } };
    }
    this.tell(this.#parts.folder.flush());
  }

  tell(updates: readonly AgentUpdate[]): void {
    for (const update of updates) this.#outlet.tell(() => this.#parts.events.onUpdate(update));
  }

  dispose(): void {
    clearTimeout(this.#flushTimer);
  }

  get #opened(): AcpWire {
    if (this.#wire === null) throw new Error('The conversation is not open yet.');
    return this.#wire;
  }

  /** What a previous host has read and this one has yet to read again. */
  get #unread(): TextBegin | null {
    const before = this.#readBefore;
    return before !== null && this.#opened.position < before.until ? before.begin : null;
  }

  #takeUpdate(sessionId: string, params: unknown, { start, end }: ByteRange): void {
    const parsed = acpUpdateParams.safeParse(params);
    if (!parsed.success || parsed.data.sessionId !== sessionId) return;
    const { folder } = this.#parts;
    const before = this.#readBefore;
    if (before !== null && end <= before.until) {
      this.tell(folder.foldAgain(parsed.data.update, start, before.begin.at === start ? before.begin.skip : 0));
      this.#scheduleFlush();
      return;
    }
    if (this.#isReplaying) {
      this.tell(folder.foldSettings(parsed.data.update));
      return;
    }
    const { updates, isWork } = folder.fold(parsed.data.update, start);
    if (isWork) this.#turn()?.acknowledge();
    this.tell(updates);
    if (end - (folder.openText?.at ?? end) > OPEN_TEXT_MAX_BYTES) this.flushText();
    this.#scheduleFlush();
  }

  #scheduleFlush(): void {
    if (this.#turn() !== null || this.#parts.folder.openText === null) return;
    clearTimeout(this.#flushTimer);
    this.#flushTimer = setTimeout(() => this.flushText(), LATE_TEXT_FLUSH_MS);
  }
}
