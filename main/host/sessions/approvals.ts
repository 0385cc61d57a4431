import { uuidv7 } from 'uuidv7';
import type { Log } from '#lib/log.ts';
import { unawaited } from '#lib/unawaited.ts';
import { HandOverUnknown } from '#main/process/agent-process.ts';
import type { ApprovalOption } from '#protocol/events.ts';
import type { AdoptedConversation, PermissionRequest } from '../agents/agent.ts';
import { AGENT_ID_MAX_CHARS, APPROVAL_OPTIONS_MAX } from '../history/fit-event.ts';
import type { History } from '../history/history.ts';
import type { ApprovalEnd } from './approval-state.ts';
import type { SessionJournal } from './session-journal.ts';
import type { Writer } from './writer.ts';

/** Open questions per session; an agent that asks more has lost its way. */
export const PENDING_APPROVALS_MAX = 32;

interface OpenRequest {
  readonly session: string;
  readonly request: PermissionRequest;
}

/** Joins the agents' open questions with what is stored of them. The stored side decides; this side hands over. */
export class Approvals {
  readonly #history: History;
  readonly #journal: SessionJournal;
  readonly #writer: Writer;
  readonly #log: Log;
  readonly #open = new Map<string, OpenRequest>();

  constructor(options: { history: History; journal: SessionJournal; writer: Writer; log: Log }) {
    this.#history = options.history;
    this.#journal = options.journal;
    this.#writer = options.writer;
    this.#log = options.log;
  }

  /** An agent asks: stored, shown to everybody, and open until somebody answers or the agent takes it back. */
  ask(session: string, request: PermissionRequest): void {
    const refusal = this.#refusal(session, request);
    if (refusal !== null) {
      this.#cancel(request);
      this.#writer.write(() => this.#journal.notice(session, 'warning', refusal));
      return;
    }
    const id = uuidv7();
    this.#writer.write(() => {
      const { title, tool, options } = request;
      const [asked] = this.#journal.append(session, {
        kind: 'approval.requested',
        body: { approval: id, title, tool, options: [...options] },
      });
      // As it fits the log: the state that is shown everywhere holds the same.
      if (asked?.kind !== 'approval.requested') throw new Error('An approval was stored as something else.');
      this.#history.approvals.add({
        id,
        session,
        title: asked.body.title,
        tool: asked.body.tool,
        options: asked.body.options,
        reference: request.reference,
      });
      this.#journal.move(session, { kind: 'approval-asked' }, asked.body.title);
    });
    this.#watch(id, session, request);
  }

  /**
   * The questions of a session whose agent a previous host has left running: those that wait, wait on; an answer that the agent has
   * counts as handed over, one that it does not have is handed over now.
   */
  adopt(session: string, adopted: AdoptedConversation): void {
    for (const { approval, state, title, tool, options, reference, command } of this.#history.approvals.open(session)) {
      const request =
        reference === null ? 'closed' : adopted.reopen({ reference, title, tool, options }, state === 'answered');
      if (typeof request !== 'string') {
        this.#watch(approval, session, request);
        if (command === null) continue;
        const chosen = this.#history.commands.body<'answer'>(command).option;
        const option = options.find(({ id }) => id === chosen);
        if (option) this.hand(approval, option);
      } else if (command === null) this.#end(approval, { kind: 'withdrawn' });
      else this.#end(approval, { kind: request === 'answered' ? 'delivered' : 'undelivered' });
    }
  }

  /** Open, until it is answered here or the agent takes it back. */
  #watch(id: string, session: string, request: PermissionRequest): void {
    this.#open.set(id, { session, request });
    const closed = request.closed.then((outcome) => {
      if (this.#open.delete(id)) this.#end(id, { kind: outcome === 'withdrawn' ? 'withdrawn' : 'agent-gone' });
    });
    unawaited(closed, 'end a question that the agent took back', this.#log);
  }

  /** Hands a stored answer to the agent, and notes that it has it. */
  hand(approval: string, option: ApprovalOption): void {
    const open = this.#open.get(approval);
    this.#open.delete(approval);
    // Gone between the answer and now: whatever closed it has ended the question too.
    if (!open) return;
    const { session, request } = open;
    let isBegun = false;
    this.#writer.write(
      () => {
        isBegun = this.#journal.beginDelivery(approval);
      },
      () => {
        // On a failing disk this may be written later than it was wanted, when the question is over.
        if (!isBegun) {
          this.#cancel(request);
          return;
        }
        request.answer(option).then(
          () => this.#end(approval, { kind: 'delivered' }),
          (error: unknown) => {
            this.#log.warn('An answer could not be handed to the agent', { session, approval, error });
            this.#end(approval, { kind: error instanceof HandOverUnknown ? 'delivery-unknown' : 'undelivered' });
          },
        );
      },
    );
  }

  /** Lets the agent go on without an answer to those questions of a session that have ended. One that was answered is handed over. */
  release(session: string): void {
    for (const [id, open] of this.#open) {
      if (open.session !== session || this.#history.approvals.get(id)?.state !== 'resolved') continue;
      this.#open.delete(id);
      this.#cancel(open.request);
    }
  }

  #end(approval: string, end: ApprovalEnd): void {
    this.#writer.write(() => this.#journal.endApproval(approval, end));
  }

  #refusal(session: string, request: PermissionRequest): string | null {
    const count = [...this.#open.values()].filter((open) => open.session === session).length;
    if (count >= PENDING_APPROVALS_MAX) {
      return `The agent has ${PENDING_APPROVALS_MAX} questions open; a further one was refused.`;
    }
    const { length } = request.options;
    if (length === 0) return 'The agent asked a question without any answer to choose; it was refused.';
    if (length > APPROVAL_OPTIONS_MAX) {
      return `The agent asked a question with ${length} answers; Baton shows at most ${APPROVAL_OPTIONS_MAX}, so it was refused.`;
    }
    const isWellFormed = request.options.every(({ id }) => id.length > 0 && id.length <= AGENT_ID_MAX_CHARS);
    return isWellFormed ? null : 'The agent asked a question that nobody could answer; it was refused.';
  }

  #cancel(request: PermissionRequest): void {
    request.cancel().catch((error: unknown) => this.#log.debug('A question could not be cancelled', { error }));
  }
}
