/** The questions of one agent that are open: several at once, each answered, withdrawn or cancelled exactly once. */
import { RequestError } from '@agentclientprotocol/sdk';
import type { ApprovalOption, ApprovalOutcome } from '../../../protocol/events.ts';
import type { AcpPermissionParams } from './acp-schemas.ts';
import type { PermissionRequest } from './agent.ts';

type RequestId = string | number | null;
/** The answer to `session/request_permission`. */
export type PermissionAnswer = { outcome: { outcome: 'cancelled' } | { outcome: 'selected'; optionId: string } };

/** JSON-RPC error code of a request that was withdrawn by `$/cancel_request`. */
const REQUEST_CANCELLED = -32800;
export const CANCELLED: PermissionAnswer = { outcome: { outcome: 'cancelled' } };
/** Ids in the log are at most this long. */
const OPTION_ID_MAX_CHARS = 200;

interface OpenQuestion {
  readonly id: RequestId;
  answer(answer: PermissionAnswer): void;
  close(outcome: Extract<ApprovalOutcome, 'withdrawn' | 'expired'>): void;
}

/** Bytes that are on their way to the agent's stdin. */
interface PendingWrite {
  resolve(): void;
  reject(error: Error): void;
}

export class Permissions {
  readonly #open = new Set<OpenQuestion>();
  readonly #writes = new Map<RequestId, PendingWrite>();
  #isGone = false;

  /**
   * Opens a question. The answer is for the protocol; `request` is for the person.
   * `withdrawn` aborts when the agent takes the question back.
   */
  open(
    id: RequestId,
    question: Pick<PermissionRequest, 'title' | 'tool'> & { options: AcpPermissionParams['options'] },
    withdrawn: AbortSignal,
  ): { request: PermissionRequest; answer: Promise<PermissionAnswer> } {
    const answer = Promise.withResolvers<PermissionAnswer>();
    const closed = Promise.withResolvers<Extract<ApprovalOutcome, 'withdrawn' | 'expired'>>();
    const entry: OpenQuestion = {
      id,
      answer: (value) => {
        this.#open.delete(entry);
        answer.resolve(value);
      },
      close: (outcome) => {
        closed.resolve(outcome);
        entry.answer(CANCELLED);
      },
    };
    this.#open.add(entry);
    withdrawn.addEventListener('abort', () => {
      // The signal also aborts when the connection ends, and then the agent did not take anything back.
      const isWithdrawn = withdrawn.reason instanceof RequestError && withdrawn.reason.code === REQUEST_CANCELLED;
      if (this.#open.has(entry)) entry.close(isWithdrawn ? 'withdrawn' : 'expired');
    });
    const { options, agentIds } = nameOptions(question.options);
    const request: PermissionRequest = {
      title: question.title,
      tool: question.tool,
      options,
      closed: closed.promise,
      answer: (option) => {
        const optionId = agentIds.get(option.id);
        if (optionId === undefined)
          return Promise.reject(new Error(`The agent did not offer the option "${option.id}".`));
        return this.#hand(entry, { outcome: { outcome: 'selected', optionId } });
      },
      cancel: () => this.#hand(entry, CANCELLED),
    };
    return { request, answer: answer.promise };
  }

  /** Answers every open question `cancelled`; resolves when all these answers are written. */
  async cancelAll(): Promise<void> {
    await Promise.all([...this.#open].map((entry) => this.#hand(entry, CANCELLED)));
  }

  /** Closes what a finished turn left open: nobody waits for an answer any more. */
  withdrawAll(): void {
    for (const entry of [...this.#open]) entry.close('withdrawn');
  }

  /** The response to the agent's request `id` is in its stdin. */
  written(id: RequestId): void {
    this.#writes.get(id)?.resolve();
    this.#writes.delete(id);
  }

  /** The agent is gone: open questions expire, and what was not written yet never will be. */
  expireAll(): void {
    this.#isGone = true;
    for (const entry of [...this.#open]) entry.close('expired');
    for (const write of this.#writes.values()) write.reject(new Error('The agent is gone.'));
    this.#writes.clear();
  }

  #hand(entry: OpenQuestion, answer: PermissionAnswer): Promise<void> {
    if (this.#isGone) return Promise.reject(new Error('The agent is gone.'));
    if (!this.#open.has(entry)) return Promise.reject(new Error('This question is no longer open.'));
    const write = Promise.withResolvers<void>();
    this.#writes.set(entry.id, write);
    entry.answer(answer);
    return write.promise;
  }
}

/** Options with ids that are unique and short enough for the log, and the agent's own id of each. */
function nameOptions(offered: AcpPermissionParams['options']): {
  options: ApprovalOption[];
  agentIds: Map<string, string>;
} {
  const agentIds = new Map<string, string>();
  const options = offered.map(({ optionId, name, kind }, index) => {
    const isUsable = optionId !== '' && optionId.length <= OPTION_ID_MAX_CHARS && !agentIds.has(optionId);
    const id = isUsable ? optionId : `option-${index}`;
    agentIds.set(id, optionId);
    return { id, name: name?.trim() || KIND_NAMES[kind], kind };
  });
  return { options, agentIds };
}

const KIND_NAMES: Record<ApprovalOption['kind'], string> = {
  allow_once: 'Allow',
  allow_always: 'Always allow',
  reject_once: 'Deny',
  reject_always: 'Always deny',
};
