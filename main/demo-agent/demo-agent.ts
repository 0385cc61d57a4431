/** The demo agent's side of the protocol: sessions, modes, one turn at a time in each, cancelling. */
import {
  type AgentContext,
  type NewSessionResponse,
  type PromptResponse,
  RequestError,
  type SessionModeState,
} from '@agentclientprotocol/sdk';
import { runPrompt } from './prompts.ts';
import type { DemoSession, ModeId, SessionStore } from './session-store.ts';
import { TurnCancelled, TurnWriter } from './turn-writer.ts';

const MODES: Record<ModeId, { name: string; description: string }> = {
  ask: { name: 'Ask', description: 'Asks before it changes a file' },
  auto: { name: 'Auto', description: 'Changes files without asking' },
};

interface OpenSession {
  readonly stored: DemoSession;
  readonly folder: string;
  turn: AbortController | null;
}

export interface DemoOptions {
  readonly store: SessionStore;
  readonly paceMs: number;
  /** Called once for each prompt, before anything is done for it. */
  onPrompt(session: string, text: string): void;
}

export class DemoAgent {
  readonly #options: DemoOptions;
  readonly #sessions = new Map<string, OpenSession>();

  constructor(options: DemoOptions) {
    this.#options = options;
  }

  async newSession(folder: string): Promise<NewSessionResponse> {
    const stored = this.#options.store.create();
    await this.#options.store.write(stored);
    this.#sessions.set(stored.id, { stored, folder, turn: null });
    return { sessionId: stored.id, modes: modesOf(stored) };
  }

  /** Goes on with a session and tells its history once more, as ACP asks of `session/load`. */
  async loadSession(id: string, folder: string, client: AgentContext): Promise<{ modes: SessionModeState }> {
    const stored = await this.#reopen(id, folder);
    for (const { role, text } of stored.history) {
      const sessionUpdate = role === 'user' ? ('user_message_chunk' as const) : ('agent_message_chunk' as const);
      await client.notify('session/update', {
        sessionId: id,
        update: { sessionUpdate, content: { type: 'text', text } },
      });
    }
    return { modes: modesOf(stored) };
  }

  async resumeSession(id: string, folder: string): Promise<{ modes: SessionModeState }> {
    return { modes: modesOf(await this.#reopen(id, folder)) };
  }

  async #reopen(id: string, folder: string): Promise<DemoSession> {
    const stored = await this.#options.store.read(id);
    if (stored === null) throw RequestError.sessionNotFound(id);
    this.#sessions.set(id, { stored, folder, turn: null });
    return stored;
  }

  async setMode(id: string, mode: string, client: AgentContext): Promise<Record<string, never>> {
    const { stored } = this.#session(id);
    if (!isMode(mode)) throw RequestError.invalidParams(undefined, `there is no mode "${mode}"`);
    stored.mode = mode;
    await this.#options.store.write(stored);
    await client.notify('session/update', {
      sessionId: id,
      update: { sessionUpdate: 'current_mode_update', currentModeId: mode },
    });
    return {};
  }

  async prompt(id: string, text: string, client: AgentContext): Promise<PromptResponse> {
    const session = this.#session(id);
    if (session.turn !== null)
      throw RequestError.invalidRequest(undefined, 'a prompt is already running in this session');
    const { store, paceMs } = this.#options;
    const turn = new AbortController();
    session.turn = turn;
    try {
      this.#options.onPrompt(id, text);
      store.remember(session.stored, 'user', text);
      await store.write(session.stored);
      const writer = new TurnWriter({
        client,
        sessionId: id,
        signal: turn.signal,
        paceMs,
        onSaid: (said) => store.remember(session.stored, 'agent', said),
      });
      await runPrompt(text, { writer, session: session.stored, folder: session.folder });
      return { stopReason: 'end_turn' };
    } catch (error) {
      if (error instanceof TurnCancelled) return { stopReason: 'cancelled' };
      throw error;
    } finally {
      session.turn = null;
      await store.write(session.stored);
    }
  }

  cancel(id: string): void {
    this.#sessions.get(id)?.turn?.abort();
  }

  #session(id: string): OpenSession {
    const session = this.#sessions.get(id);
    if (session === undefined) throw RequestError.sessionNotFound(id);
    return session;
  }
}

function isMode(mode: string): mode is ModeId {
  return Object.hasOwn(MODES, mode);
}

function modesOf(session: DemoSession): SessionModeState {
  return {
    currentModeId: session.mode,
    availableModes: Object.entries(MODES).map(([id, words]) => ({ id, ...words })),
  };
}
