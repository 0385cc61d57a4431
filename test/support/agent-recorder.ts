/** An agent's events as a list that a test can wait on. */

import type { Log } from '#lib/log.ts';
import type {
  AgentConversation,
  AgentEvents,
  AgentUpdate,
  PermissionRequest,
  TurnEnd,
} from '#main/host/agents/agent.ts';
import type { AgentExit } from '#main/process/agent-process.ts';
import type { ProcessIdentity } from '#main/process/process-identity.ts';

const PATIENCE_MS = 15_000;
/** The id under which agents see a prompt of `runPrompt`. */
export const PROMPT_ID = 'prompt:test';

/** One turn, as a promise of its end. */
export async function runPrompt(
  conversation: AgentConversation,
  text = 'do it',
  onAcknowledged: () => void = () => undefined,
): Promise<TurnEnd> {
  const { promise, resolve } = Promise.withResolvers<TurnEnd>();
  conversation.prompt({ command: 'test', text }, { onAcknowledged, onEnd: resolve });
  return await promise;
}

export class AgentRecorder implements AgentEvents {
  readonly updates: AgentUpdate[] = [];
  readonly permissions: PermissionRequest[] = [];
  readonly exits: (AgentExit & { stderrTail: string })[] = [];
  readonly identities: ProcessIdentity[] = [];
  readonly lines: string[] = [];
  /** Called for each permission, after it was recorded. */
  onAsked: (request: PermissionRequest) => void = () => undefined;
  readonly #waiting = new Set<() => void>();

  readonly log: Log = {
    info: (message) => this.#line('info', message),
    warn: (message) => this.#line('warn', message),
    error: (message) => this.#line('error', message),
    debug: (message) => this.#line('debug', message),
  };

  onProcess(identity: ProcessIdentity): void {
    this.identities.push(identity);
    this.#look();
  }

  onUpdate(update: AgentUpdate): void {
    this.updates.push(update);
    this.#look();
  }

  onPermission(request: PermissionRequest): void {
    this.permissions.push(request);
    this.onAsked(request);
    this.#look();
  }

  onExit(exit: AgentExit & { stderrTail: string }): void {
    this.exits.push(exit);
    this.#look();
  }

  /** The finished texts of a role, in order. */
  texts(role: 'message' | 'thought' = 'message'): string[] {
    return this.updates.flatMap((update) => (update.kind === 'text' && update.role === role ? [update.text] : []));
  }

  /** All pieces of texts that were streamed, joined. */
  streamed(): string {
    return this.updates.map((update) => (update.kind === 'delta' ? update.text : '')).join('');
  }

  /** Resolves when `isSo` holds; it is asked again after every event. */
  async until(what: string, isSo: () => boolean): Promise<void> {
    if (isSo()) return;
    const settled = Promise.withResolvers<void>();
    const look = () => {
      if (isSo()) settled.resolve();
    };
    this.#waiting.add(look);
    const timer = setTimeout(
      () => settled.reject(new Error(`Waited in vain for ${what}.\n${this.lines.join('\n')}`)),
      PATIENCE_MS,
    );
    await settled.promise.finally(() => {
      clearTimeout(timer);
      this.#waiting.delete(look);
    });
  }

  #line(level: string, message: string): void {
    this.lines.push(`${level}: ${message}`);
    this.#look();
  }

  #look(): void {
    for (const look of [...this.#waiting]) look();
  }
}
