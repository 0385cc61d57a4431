/** The answers to a question, large and well apart. What allows it is offered only to someone who has been shown all of it. */
import { useId, useState } from 'preact/hooks';
import type { ApprovalOption } from '#protocol/events.ts';
import { NOTE_MAX_CHARS } from '#protocol/limits.ts';
import type { PendingApproval } from '#protocol/messages.ts';
import { focusOnce } from '../controls/focus-once.ts';
import { Icon } from '../controls/icons.tsx';
import { Problem } from '../controls/problem.tsx';
import { useGuard } from '../controls/use-guard.ts';
import { VisibleText } from '../controls/visible-text.tsx';
import type { HostClient } from '../host-client.ts';
import { useScreen } from '../screen-context.ts';
import { receiptWords } from '../words/receipt-words.ts';

/**
 * `shown`: all of it has been on the screen. `not-shown`: its end has not. `not-loaded`: some of it is still on the computer. `never`:
 * some of it could not be kept.
 */
export type Allowance = 'shown' | 'not-shown' | 'not-loaded' | 'never';

const HINTS = {
  'not-loaded': 'It can be allowed when all of it is here: load the rest above.',
  never: 'It is too large to be shown whole, so it can only be denied.',
} as const;

const KIND_WORDS: Record<ApprovalOption['kind'], string> = {
  allow_once: 'allows this once',
  allow_always: 'allows it from now on',
  reject_once: 'denies this once',
  reject_always: 'denies it from now on',
};

function kindWords({ kind, said }: ApprovalOption): string {
  if (said === undefined) return KIND_WORDS[kind];
  return said === '' ? 'the agent does not say what this does' : `the agent calls this “${said}”`;
}

export interface AnswersProps {
  host: HostClient;
  approval: PendingApproval;
  /** Of what is drawn; null until it is known. */
  digest: string | null;
  allowance: Allowance;
  isProven: boolean;
  isGuarded: boolean;
  /** Brings what was not in view yet into view. */
  onReadOn(): void;
}

export function Answers({ host, approval, digest, allowance, isProven, isGuarded: isMoved, onReadOn }: AnswersProps) {
  const { announce } = useScreen();
  const [isSending, setIsSending] = useState(false);
  const [isExplaining, setIsExplaining] = useState(false);
  const [note, setNote] = useState('');
  const [problem, setProblem] = useState<string | null>(null);

  const allow = approval.options.filter(({ kind }) => kind.startsWith('allow'));
  const reject = approval.options.filter(({ kind }) => kind.startsWith('reject'));
  const denial = reject.find(({ kind }) => kind === 'reject_once') ?? reject[0];
  // *Allow* comes where *Read on* was: a second tap on that must not hit it.
  const isOffered = allowance === 'shown' && digest !== null;
  const isFresh = useGuard(String(isOffered));
  const isLocked = isMoved || isFresh || isSending;

  const answer = (option: ApprovalOption, why?: string) => {
    if (isLocked) return;
    setIsSending(true);
    setProblem(null);
    host
      .send('answer', approval.session, {
        approval: approval.approval,
        option: option.id,
        ...(digest !== null && { digest }),
        ...(why !== undefined && { note: why }),
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
            dir="auto"
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
        <fieldset class={isOffered ? 'answer-group' : 'answer-group unread'} aria-label="Allow">
          {allowance === 'shown' || allowance === 'not-shown' ? (
            <>
              {/* Out of sight they keep their place, so that nothing that was read moves when they come. */}
              {allow.map((option) => (
                <OptionButton
                  key={option.id}
                  {...{ option, isLocked }}
                  isOffered={isOffered}
                  onChoose={() => answer(option)}
                />
              ))}
              {!isOffered && (
                <button type="button" class="button big read-on" onClick={onReadOn}>
                  Read on, then allow
                </button>
              )}
            </>
          ) : (
            <p class="answers-hint">{HINTS[allowance]}</p>
          )}
        </fieldset>
      )}
      {reject.length > 0 && (
        <fieldset class="answer-group reject" aria-label="Deny">
          {reject.map((option) => (
            <OptionButton key={option.id} option={option} isLocked={isLocked} onChoose={() => answer(option)} />
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

/** The agent names its buttons; what one of them does is said in our words below. */
function OptionButton({
  option,
  isLocked,
  isOffered = true,
  onChoose,
}: {
  option: ApprovalOption;
  isLocked: boolean;
  isOffered?: boolean;
  onChoose(): void;
}) {
  const { name, kind } = option;
  const isAllowing = kind.startsWith('allow');
  const looks = kind === 'allow_once' ? 'primary' : isAllowing ? 'quiet-allow' : 'danger';
  const wordsId = `option-${useId()}`;
  return (
    <button
      type="button"
      class={`button big ${looks}`}
      disabled={!isOffered}
      aria-disabled={isLocked}
      aria-label={name}
      aria-describedby={wordsId}
      onClick={onChoose}
    >
      {kind === 'allow_once' && <Icon name="check" />}
      <span class="option">
        <span class="option-name">
          <VisibleText text={name} />
        </span>
        <span class="option-kind" id={wordsId}>
          {kindWords(option)}
        </span>
      </span>
    </button>
  );
}
