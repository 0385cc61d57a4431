/** One question of an agent: what it wants to do, and the answers, large and well apart. */
import { useRef, useState } from 'preact/hooks';
import { agoWords } from '#lib/duration-words.ts';
import { isAllowed } from '#protocol/commands.ts';
import { StateShape } from '../controls/icons.tsx';
import { ReceiptMark } from '../controls/receipt-mark.tsx';
import { VisibleText } from '../controls/visible-text.tsx';
import type { HostClient } from '../host-client.ts';
import { useScreen } from '../screen-context.ts';
import { SessionLink } from '../sessions/session-link.tsx';
import { receiptNote } from '../words/receipt-words.ts';
import { statusWords } from '../words/status-words.ts';
import { Answers } from './answers.tsx';
import type { ApprovalItem } from './approval-list.ts';
import { AskedWhole, isAllLoaded, type LoadedParts } from './asked-whole.tsx';
import { useConsent } from './use-consent.ts';

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
  const [loaded, setLoaded] = useState<LoadedParts>(new Map());
  const isWhole = isAllLoaded(approval.tool, loaded);
  const whatRef = useRef<HTMLDivElement>(null);
  const consent = useConsent(approval, isWhole);
  const folder = host.state.value?.sessions.find(({ id }) => id === approval.session)?.folder ?? null;
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
          <h3 id={headingId}>
            <VisibleText text={approval.title} />
          </h3>
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
      {state.kind === 'open' && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
        <section class="approval-what" ref={whatRef} tabIndex={0} aria-label="What is asked">
          {approval.tool && (
            <AskedWhole
              {...{ host, folder, loaded }}
              onLoaded={(sha256, text) => setLoaded((now) => new Map(now).set(sha256, text))}
              session={approval.session}
              call={approval.tool}
              title={approval.title}
            />
          )}
          <div class="asked-end" ref={consent.endRef} />
        </section>
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
          <Answers
            {...{ host, isProven, isGuarded }}
            approval={approval}
            digest={consent.digest}
            allowance={
              approval.tool?.isCut ? 'never' : !isWhole ? 'not-loaded' : consent.isSeen ? 'shown' : 'not-shown'
            }
            onReadOn={() => whatRef.current && readOn(whatRef.current)}
          />
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

/** Of what is in view, so much stays there: the line that was read last is found again. */
const READ_ON_OVERLAP_PX = 40;

/** Brings what comes next into view: inside of the card, then around it, where one list or page scrolls as a whole. */
function readOn(what: HTMLElement): void {
  const end = what.lastElementChild ?? what;
  for (let scroller: HTMLElement | null = what; scroller; scroller = scroller.parentElement) {
    const canScroll = scroller.scrollHeight > scroller.clientHeight + 1 && scroller.clientHeight > READ_ON_OVERLAP_PX;
    const below = end.getBoundingClientRect().bottom - scroller.getBoundingClientRect().bottom;
    if (!canScroll || below <= 0 || getComputedStyle(scroller).overflowY === 'visible') continue;
    scroller.scrollBy({
      top: Math.min(below + 1, Math.max(READ_ON_OVERLAP_PX, scroller.clientHeight - READ_ON_OVERLAP_PX)),
    });
    return;
  }
  end.scrollIntoView({ block: 'nearest' });
}
