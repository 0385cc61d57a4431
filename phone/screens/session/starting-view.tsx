/** A session that was asked for and of which the computer has said nothing yet, or one that this device does not know. */
import type { HostConnection } from '#phone/core/contract.ts';
import { useApp } from '../app-context.ts';
import { Icon } from '../icons.tsx';
import { ReceiptMark } from '../receipt-mark.tsx';
import { StatusActionButton, StatusPill } from '../status-line.tsx';
import { useSend } from '../use-send.ts';
import { isOnItsWay, isStillHere } from '../words/receipt-words.ts';
import { statusWords } from '../words/status-words.ts';

export function StartingView({ host, sessionId }: { host: HostConnection; sessionId: string }) {
  const { router, now } = useApp();
  const { send, problem } = useSend(host);
  const entry = host.outbox.value.find(({ kind, session }) => kind === 'session.new' && session === sessionId);
  const words = statusWords(host.status.value, now.value);
  const body = entry && 'folder' in entry.body ? entry.body : null;
  const agent = host.state.value?.agents.find(({ id }) => id === body?.agent)?.name ?? body?.agent;
  const leave = () => router.navigate({ kind: 'home' }, { replace: true });
  return (
    <div class="session">
      <header class="session-head">
        <button type="button" class="icon-button back" aria-label="Back to the list" onClick={() => router.back()}>
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
        <StatusPill host={host} />
      </header>
      <div class="centered" role="status">
        {entry && isOnItsWay(entry.state) && (
          <>
            <p class="big-words">Starting a session</p>
            <div class="busy-line" aria-hidden="true" />
            <ReceiptMark state={entry.state} isCommand />
            {!words.isProven && <p class="meta">{words.line}</p>}
            {problem !== null && <p class="problem">{problem}</p>}
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
              <StatusActionButton host={host} />
            </div>
          </>
        )}
      </div>
    </div>
  );
}
