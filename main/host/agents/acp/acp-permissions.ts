/** The questions of one agent that are open: several at once, each answered, withdrawn or cancelled exactly once. */
import type { ApprovalOption, ApprovalOutcome } from '#protocol/events.ts';
import type { PermissionRequest } from '../agent.ts';
import type { AcpPermissionParams } from './acp-schemas.ts';
import type { RequestId, RpcAnswer } from './acp-wire.ts';

const CANCELLED: RpcAnswer = { result: { outcome: { outcome: 'cancelled' } } };
/** Ids in the log are at most this long. */
const OPTION_ID_MAX_CHARS = 200;

/** All it takes to answer a question in another life of the host; stored with it as text. */
interface Reference {
  readonly id: RequestId;
  /** Where in the agent's output it stands: ids may be used again, this never. */
  readonly at: number;
  /** The agent's own id of each option. */
  readonly options: Readonly<Record<string, string>>;
}

interface Question {
  readonly reference: string;
  readonly id: RequestId;
  readonly mark: string;
  readonly closed: PromiseWithResolvers<Extract<ApprovalOutcome, 'withdrawn' | 'expired'>>;
}

/** What is to be remembered of one: `isOpen` is false once an answer is on its way. */
export interface UnansweredQuestion {
  readonly reference: string;
  readonly isOpen: boolean;
}

export class Permissions {
  readonly #write: (id: RequestId, answer: RpcAnswer, mark?: string) => Promise<void>;
  readonly #open = new Set<Question>();
  /** Answers that are on their way to the agent's stdin. */
  readonly #unwritten = new Set<Question>();
  #isGone = false;

  constructor(write: (id: RequestId, answer: RpcAnswer, mark?: string) => Promise<void>) {
    this.#write = write;
  }

  /** Questions that the agent may still wait for. */
  get unanswered(): UnansweredQuestion[] {
    return [
      ...[...this.#open].map(({ reference }) => ({ reference, isOpen: true })),
      ...[...this.#unwritten].map(({ reference }) => ({ reference, isOpen: false })),
    ];
  }

  /** Opens a question that stands at this offset of the agent's output. */
  open(
    id: RequestId,
    at: number,
    asked: Pick<PermissionRequest, 'title' | 'tool'> & { options: AcpPermissionParams['options'] },
  ): PermissionRequest {
    const { options, agentIds } = nameOptions(asked.options);
    const reference: Reference = { id, at, options: Object.fromEntries(agentIds) };
    return { ...asked, options, ...this.#request(JSON.stringify(reference)) };
  }

  /** A question that a previous host has opened. */
  reopen(reference: string, asked: Pick<PermissionRequest, 'title' | 'tool' | 'options'>): PermissionRequest {
    return { ...asked, ...this.#request(reference) };
  }

  #request(reference: string): Pick<PermissionRequest, 'reference' | 'closed' | 'answer' | 'cancel'> {
    const { id, options } = JSON.parse(reference) as Reference;
    const question: Question = { reference, id, mark: markOf(reference), closed: Promise.withResolvers() };
    this.#open.add(question);
    return {
      reference,
      closed: question.closed.promise,
      answer: async (option) => {
        const optionId = Object.hasOwn(options, option.id) ? options[option.id] : undefined;
        if (optionId === undefined) throw new Error(`The agent did not offer the option "${option.id}".`);
        await this.#hand(question, { result: { outcome: { outcome: 'selected', optionId } } }, question.mark);
      },
      cancel: () => this.#hand(question, CANCELLED),
    };
  }

  /** Answers `cancelled` to a question that is not shown to anybody. */
  dismiss(id: RequestId, at: number): void {
    const reference: Reference = { id, at, options: {} };
    this.#dismiss(this.#request(JSON.stringify(reference)));
  }

  /** Answers `cancelled` to a question of a previous host that nobody knows any more. */
  dismissPrevious(reference: string): void {
    this.#dismiss(this.#request(reference));
  }

  /** Answers every open question `cancelled`; resolves when all these answers are written. */
  async cancelAll(): Promise<void> {
    await Promise.all([...this.#open].map((question) => this.#hand(question, CANCELLED)));
  }

  /** The agent takes back what it asked under this id. */
  withdraw(id: RequestId): void {
    for (const question of [...this.#open]) if (question.id === id) this.#close(question, 'withdrawn');
  }

  /** Closes what a finished turn left open: nobody waits for an answer any more. */
  withdrawAll(): void {
    for (const question of [...this.#open]) this.#close(question, 'withdrawn');
  }

  /** The agent is gone: open questions expire. */
  expireAll(): void {
    this.#isGone = true;
    for (const question of [...this.#open]) this.#close(question, 'expired');
  }

  #close(question: Question, outcome: Extract<ApprovalOutcome, 'withdrawn' | 'expired'>): void {
    question.closed.resolve(outcome);
    if (this.#isGone) this.#open.delete(question);
    else this.#hand(question, CANCELLED).catch(() => undefined);
  }

  #dismiss(request: Pick<PermissionRequest, 'cancel'>): void {
    // It fails only because the agent is gone, and then nobody waits.
    request.cancel().catch(() => undefined);
  }

  async #hand(question: Question, answer: RpcAnswer, mark?: string): Promise<void> {
    if (this.#isGone) throw new Error('The agent is gone.');
    if (!this.#open.delete(question)) throw new Error('This question is no longer open.');
    this.#unwritten.add(question);
    await this.#write(question.id, answer, mark);
    this.#unwritten.delete(question);
  }
}

/** With this, the keeper remembers that an answer to the question was taken for the agent's stdin. */
export function markOf(reference: string): string {
  return `answer:${(JSON.parse(reference) as Reference).at}`;
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
    const known = KINDS.find((one) => one === kind);
    // What an option of another kind does is not known: it may allow, and for good.
    if (known === undefined) return { id, name: name?.trim() || id, kind: 'allow_always' as const, said: kind ?? '' };
    return { id, name: name?.trim() || KIND_NAMES[known], kind: known };
  });
  return { options, agentIds };
}

const KINDS = ['allow_once', 'allow_always', 'reject_once', 'reject_always'] as const;
const KIND_NAMES: Record<ApprovalOption['kind'], string> = {
  allow_once: 'Allow',
  allow_always: 'Always allow',
  reject_once: 'Deny',
  reject_always: 'Always deny',
};
