import { createHash } from 'node:crypto';
import { uuidv7 } from 'uuidv7';
import { type Actor, APPROVAL_OUTCOME_WORDS } from '#protocol/events.ts';
import type { StoredApproval } from '../history/approval-store.ts';
import type { StoredCommand } from '../history/command-store.ts';
import type { Approvals } from './approvals.ts';
import { type CommandHandlers, type Plan, reject } from './command-inbox.ts';
import { consentRefusal } from './consent.ts';
import { type CommandContext, openSession, queueRefusal } from './session-commands.ts';
import { titleFromPrompt } from './titles.ts';

type PromptKinds = 'prompt' | 'prompt.withdraw' | 'prompt.resolve' | 'answer';

/** Commands that speak to an agent. */
export function createPromptHandlers(
  context: CommandContext & { approvals: Approvals },
): Pick<CommandHandlers, PromptKinds> {
  const { history, journal, session, approvals } = context;

  function writePrompt(target: string, command: string, text: string, by: Actor, isNote = false): void {
    journal.append(target, { kind: 'prompt', body: { command, text, by, ...(isNote && { note: true }) } });
    const title = titleFromPrompt(text);
    if (title !== null && journal.record(target).titleFrom === 'folder') journal.retitle(target, title, 'prompt', null);
    const sha256 = createHash('sha256').update(text).digest('hex');
    history.audit.append({ by, action: 'prompt', session: target, detail: { command, sha256 } });
  }

  return {
    prompt({ id, session: target, body }, by) {
      const found = openSession(journal, target);
      if (!found.ok) return found.plan;
      if (body.text.trim() === '') return reject('The prompt is empty.');
      return (
        queueRefusal(history, target) ?? {
          kind: 'do',
          state: 'accepted',
          queue: 'last',
          write: () => writePrompt(target, id, body.text, by),
          after: () => session(target).wake(),
        }
      );
    },

    'prompt.withdraw'({ session: target, body }, by) {
      const prompt = history.commands.get(body.command);
      const reason = `${by.name} took it back before it reached the agent.`;
      if (!prompt && by.device !== null) {
        // It may still come, from a mailbox or an outbox, and then must not run.
        const write = () => history.commands.addWithdrawn({ id: body.command, by, session: target }, reason);
        return { kind: 'do', state: 'applied', write };
      }
      if (!prompt || prompt.session !== target || !isPrompt(prompt))
        return reject('This prompt is not known on the computer.');
      const isQueued = history.commands.queue(target).some(({ id }) => id === prompt.id);
      if (!isQueued) return reject(whyNotWithdrawn(prompt));
      return {
        kind: 'do',
        state: 'applied',
        write() {
          history.commands.setState(prompt.id, 'expired', reason);
          journal.append(target, { kind: 'prompt.withdrawn', body: { command: prompt.id, by } });
        },
      };
    },

    'prompt.resolve'({ id, session: target, body }, by) {
      const uncertain = history.commands.get(body.command);
      if (!uncertain || uncertain.session !== target) return reject('This command is not known on the computer.');
      if (uncertain.state !== 'uncertain') return reject('There is nothing to decide about this command.');
      if (uncertain.resolvedBy !== null) return reject('It was decided already.');
      const resolve = () => {
        history.commands.resolve(uncertain.id, id);
        journal.append(target, {
          kind: 'command.resolved',
          body: { command: uncertain.id, decision: body.decision, by },
        });
      };
      if (body.decision === 'dismiss') return { kind: 'do', state: 'applied', write: resolve };
      const found = openSession(journal, target);
      if (!found.ok) return found.plan;
      if (!isPrompt(uncertain)) return reject('Only a prompt can be run again.');
      const { text } = history.commands.body<'prompt'>(uncertain.id);
      return (
        queueRefusal(history, target) ?? {
          kind: 'do',
          state: 'accepted',
          body: { ...body, text },
          queue: 'first',
          write() {
            resolve();
            writePrompt(target, id, text, by);
          },
          after: () => session(target).wake(),
        }
      );
    },

    answer({ id, session: target, body }, by) {
      const approval = history.approvals.get(body.approval);
      if (!approval || approval.session !== target) return reject('This question is not known on the computer.');
      if (approval.state !== 'pending') return whyNotAnswered(approval);
      const option = approval.options.find((candidate) => candidate.id === body.option);
      if (!option) return reject('The question has no such answer.');
      const refusal = consentRefusal(approval, option, body.digest ?? null);
      if (refusal !== null) return reject(refusal);
      const note = body.note !== undefined && body.note.trim() !== '' ? body.note : null;
      return {
        kind: 'do',
        state: 'accepted',
        write() {
          history.approvals.answer(approval.approval, id, by);
          const answered = { approval: approval.approval, option, by, ...(note !== null && { note }) };
          journal.append(target, { kind: 'approval.answered', body: answered });
          const detail = { approval: approval.approval, title: approval.title, option: option.name, kind: option.kind };
          history.audit.append({ by, action: 'answer', session: target, detail });
          if (note !== null) {
            // It runs as a prompt of its own, before all others: what was said with the answer belongs to it.
            const prompt = uuidv7();
            const own = {
              id: prompt,
              by: { device: null, name: by.name },
              session: target,
              kind: 'prompt',
              digest: '',
            };
            history.commands.add({ ...own, body: { text: note }, state: 'accepted', queue: 'first' });
            writePrompt(target, prompt, note, by, true);
          }
          journal.settleApprovals(target);
        },
        after: () => approvals.hand(approval.approval, option),
      };
    },
  };
}

/** A prompt, or one that is run again. */
function isPrompt(command: StoredCommand): boolean {
  return command.kind === 'prompt' || command.kind === 'prompt.resolve';
}

function whyNotWithdrawn(prompt: StoredCommand): string {
  switch (prompt.state) {
    case 'dispatched':
    case 'applied':
      return 'The agent has it already. Stop the turn instead.';
    case 'uncertain':
      return 'It may have reached the agent, so it cannot be taken back.';
    default:
      return 'It was not going to run any more.';
  }
}

function whyNotAnswered(approval: StoredApproval): Plan {
  if (approval.answeredBy !== null && approval.outcome !== 'expired') {
    const where = approval.answeredBy.name;
    return { kind: 'refuse', state: 'answered-elsewhere', reason: `It was answered on ${where} before.` };
  }
  return { kind: 'refuse', state: 'expired', reason: APPROVAL_OUTCOME_WORDS[approval.outcome ?? 'expired'] };
}
