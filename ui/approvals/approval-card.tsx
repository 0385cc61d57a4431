/** One question of an agent: what it wants to do, and the answers, large and well apart. */
import { useState } from 'preact/hooks';
import { agoWords } from '#lib/duration-words.ts';
import { isAllowed } from '#protocol/commands.ts';
import type { ApprovalOption } from '#protocol/events.ts';
import { NOTE_MAX_CHARS } from '#protocol/limits.ts';
import { focusOnce } from '../controls/focus-once.ts';
import { Icon, StateShape } from '../controls/icons.tsx';
import { Problem } from '../controls/problem.tsx';
import { ReceiptMark } from '../controls/receipt-mark.tsx';
import type { HostClient } from '../host-client.ts';
import { useScreen } from '../screen-context.ts';
import { SessionLink } from '../sessions/session-link.tsx';
import { ToolContents } from '../transcript/tool-contents.tsx';
import { receiptNote, receiptWords } from '../words/receipt-words.ts';
import { statusWords } from '../words/status-words.ts';
import type { ApprovalItem } from './approval-list.ts';

/** What asks, for a list over several sessions. */
export interface ApprovalOrigin {
  readonly agent: string;
  /** Of the session. */
  readonly title: string;
}

export interface ApprovalCardProps {
  host: HostClient;
  item: ApprovalItem;
  /** Absent inside the session itself. */
  origin?: ApprovalOrigin | undefined;
  /** It has just come or moved: a tap now was meant for what stood there before. */
  isGuarded: boolean;
}

export function ApprovalCard({ host, item, origin, isGuarded }: ApprovalCardProps) {
  const { now } = useScreen();
  const { approval, state } = item;
  const { isProven, isDeliverable } = statusWords(host.status.value, now.value);
  const provenAt = host.stateProvenAt.value;
  const headingId = `approval-${approval.approval}`;
  return (
    <article class={`approval approval-${state.kind}`} aria-labelledby={headingId}>
      <header class="approval-head">
        {state.kind === 'open' ? (
          <StateShape state="waiting" />
        ) : (
          <StateShape state={state.kind === 'answered' ? 'done' : 'ended'} />
        )}
        <div class="approval-title">
          <h3 id={headingId}>{approval.title}</h3>
          <p class="meta">
            {origin && (
              <>
                <SessionLink host={host} session={approval.session}>
                  {origin.title}
                </SessionLink>
                {' · '}
                {origin.agent}
                {' · '}
              </>
            )}
            asked {agoWords(approval.askedAt, now.value)}
            {!isProven && provenAt !== null && state.kind === 'open' && ` · as of ${agoWords(provenAt, now.value)}`}
          </p>
        </div>
      </header>
      {state.kind === 'open' && approval.tool && (
        <div class="approval-what">
          <ToolContents host={host} session={approval.session} call={approval.tool} title={approval.title} />
        </div>
      )}
      {state.kind === 'settled' && <p class="approval-outcome">{state.text}</p>}
      {state.kind === 'answered' && (
        <p class="approval-outcome" role="status">
          <strong>{state.optionName}</strong> <ReceiptMark state={state.receipt} />
        </p>
      )}
      {state.kind === 'answered' && receiptNote(state.receipt) !== null && (
        <p class="approval-outcome meta">{receiptNote(state.receipt)}</p>
      )}
      {state.kind === 'open' && state.problem !== null && (
        <p class="problem" role="alert">
          {state.problem}
        </p>
      )}
      {state.kind === 'open' &&
        (isAllowed(host.scope.value, 'answer') && isDeliverable ? (
          <Answers host={host} item={item} isProven={isProven} isGuarded={isGuarded} />
        ) : (
          <p class="approval-watch">
            {isDeliverable
              ? 'This device may only watch. Answer on the computer, or from a device that may.'
              : 'It cannot be answered from here now.'}
          </p>
        ))}
    </article>
  );
}

function Answers({
  host,
  item: { approval },
  isProven,
  isGuarded,
}: {
  host: HostClient;
  item: ApprovalItem;
  isProven: boolean;
  isGuarded: boolean;
}) {
  const { announce } = useScreen();
  const [isSending, setIsSending] = useState(false);
  const [isExplaining, setIsExplaining] = useState(false);
  const [note, setNote] = useState('');
  const [problem, setProblem] = useState<string | null>(null);

  const allow = approval.options.filter(({ kind }) => kind.startsWith('allow'));
  const reject = approval.options.filter(({ kind }) => kind.startsWith('reject'));
  const denial = reject.find(({ kind }) => kind === 'reject_once') ?? reject[0];
  const isLocked = isGuarded || isSending;

  const answer = (option: ApprovalOption, why?: string) => {
    if (isLocked) return;
    setIsSending(true);
    setProblem(null);
    const reason = why?.trim();
    host
      .send('answer', approval.session, {
        approval: approval.approval,
        option: option.id,
        ...(reason ? { note: reason } : {}),
      })
      .then(
        () => announce(`${option.name}: ${receiptWords(isProven ? 'sending' : 'waiting').word}`),
        (error: unknown) => {
          setIsSending(false);
          setProblem(
            `Your answer could not be kept on this device: ${error instanceof Error ? error.message : String(error)}`,
          );
        },
      );
  };

  if (isExplaining && denial) {
    return (
      <form
        class="deny-form"
        onSubmit={(event) => {
          event.preventDefault();
          answer(denial, note);
        }}
      >
        <label class="field">
          <span>What should it do instead?</span>
          <textarea
            rows={3}
            maxLength={NOTE_MAX_CHARS}
            value={note}
            placeholder="The agent gets this as its next prompt"
            ref={focusOnce}
            onInput={(event) => setNote(event.currentTarget.value)}
          />
        </label>
        <Problem text={problem} />
        <div class="actions spread">
          <button type="button" class="button" disabled={isSending} onClick={() => setIsExplaining(false)}>
            Back
          </button>
          <button type="submit" class="button big danger-fill" disabled={isSending || note.trim() === ''}>
            Deny and say why
          </button>
        </div>
      </form>
    );
  }

  return (
    <div class="answers">
      <Problem text={problem} />
      {allow.length > 0 && (
        <fieldset class="answer-group" aria-label="Allow">
          {allow.map((option) => (
            <button
              key={option.id}
              type="button"
              class={`button big ${option.kind === 'allow_once' ? 'primary' : 'quiet-allow'}`}
              aria-disabled={isLocked}
              onClick={() => answer(option)}
            >
              {option.kind === 'allow_once' && <Icon name="check" />}
              {option.name}
            </button>
          ))}
        </fieldset>
      )}
      {reject.length > 0 && (
        <fieldset class="answer-group reject" aria-label="Deny">
          {reject.map((option) => (
            <button
              key={option.id}
              type="button"
              class="button big danger"
              aria-disabled={isLocked}
              onClick={() => answer(option)}
            >
              {option.name}
            </button>
          ))}
          {denial && (
            <button
              type="button"
              class="button big danger"
              aria-disabled={isLocked}
              onClick={() => !isLocked && setIsExplaining(true)}
            >
              Deny and say why …
            </button>
          )}
        </fieldset>
      )}
      {!isProven && <p class="answers-hint">Not connected: your answer is kept here and goes out by itself.</p>}
    </div>
  );
}
