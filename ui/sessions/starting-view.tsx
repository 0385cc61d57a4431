/** A session that was asked for and of which the computer has said nothing yet, or one that this device does not know. */

import { Icon } from '../controls/icons.tsx';
import { Problem } from '../controls/problem.tsx';
import { ReceiptMark } from '../controls/receipt-mark.tsx';
import type { HostClient } from '../host-client.ts';
import { useScreen } from '../screen-context.ts';
import { useSend } from '../use-send.ts';
import { isOnItsWay, isStillHere } from '../words/receipt-words.ts';
import { statusWords } from '../words/status-words.ts';
import type { SessionAdditions } from './session-additions.ts';

export function StartingView({
  host,
  sessionId,
  additions,
}: {
  host: HostClient;
  sessionId: string;
  additions: SessionAdditions;
}) {
  const { back, leave, now } = useScreen();
  const { send, problem } = useSend(host);
  const entry = host.outbox.value.find(({ kind, session }) => kind === 'session.new' && session === sessionId);
  const words = statusWords(host.status.value, now.value);
  const body = entry && 'folder' in entry.body ? entry.body : null;
  const agent = host.state.value?.agents.find(({ id }) => id === body?.agent)?.name ?? body?.agent;
  return (
    <div class="session">
      <header class="session-head">
        <button type="button" class="icon-button back" aria-label="Back to the list" onClick={back}>
          <Icon name="back" />
        </button>
        <div class="session-names">
          <h1>{body ? (body.title ?? 'New session') : 'Session'}</h1>
          {body && (
            <p class="meta">
              {agent} · {body.folder}
            </p>
          )}
        </div>
        {additions.headEnd}
      </header>
      <div class="centered" role="status">
        {entry && isOnItsWay(entry.state) && (
          <>
            <p class="big-words">Starting a session</p>
            <div class="busy-line" aria-hidden="true" />
            <ReceiptMark state={entry.state} isCommand />
            {!words.isProven && <p class="meta">{words.line}</p>}
            <Problem text={problem} />
            {entry.reason !== null && <p class="meta">{entry.reason}</p>}
            {isStillHere(entry.state) && (
              <button type="button" class="button" onClick={() => send(host.withdraw(entry.id), leave)}>
                Take back
              </button>
            )}
          </>
        )}
        {entry && !isOnItsWay(entry.state) && entry.state !== 'applied' && (
          <>
            <p class="big-words">The session was not started</p>
            <p class="problem">{entry.reason ?? 'The computer gave no reason.'}</p>
            <button type="button" class="button primary" onClick={() => send(host.dismiss(entry.id), leave)}>
              Back to the list
            </button>
          </>
        )}
        {entry?.state === 'applied' && <p class="big-words">Opening …</p>}
        {!entry && (
          <>
            <p class="big-words">
              {words.isProven ? 'There is no such session here' : 'This session is not on this device'}
            </p>
            <p class="meta">
              {words.isProven
                ? `${host.name.value} does not list it. It may have been removed, or remote control is off for it.`
                : `It can be loaded when ${host.name.value} is connected. ${words.line}.`}
            </p>
            <div class="actions">
              <button type="button" class="button" onClick={leave}>
                Back to the list
              </button>
              {additions.linkAction}
            </div>
          </>
        )}
      </div>
    </div>
  );
}
