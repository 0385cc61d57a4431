/** One computer: how it is, and its sessions, marked when they are not proven to be so now. */
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { agoWords } from '#lib/duration-words.ts';
import type { HostConnection, OutboxEntry } from '#phone/core/contract.ts';
import { isAllowed } from '#protocol/commands.ts';
import type { SessionSummary } from '#protocol/messages.ts';
import { useApp } from '../app-context.ts';
import { Icon } from '../icons.tsx';
import { ReceiptMark } from '../receipt-mark.tsx';
import { formatPath } from '../router.ts';
import { StatusActionButton, StatusLine } from '../status-line.tsx';
import { useSend } from '../use-send.ts';
import { isOnItsWay } from '../words/receipt-words.ts';
import { sortSessions } from '../words/session-words.ts';
import { statusWords } from '../words/status-words.ts';
import { NewSessionSheet } from './new-session-sheet.tsx';
import { SessionItem } from './session-item.tsx';

interface HostSectionProps {
  host: HostConnection;
  selected: string | null;
  children: ComponentChildren;
}

export function HostSection({ host, selected, children }: HostSectionProps) {
  const { now } = useApp();
  const [isStarting, setIsStarting] = useState(false);
  const status = host.status.value;
  const words = statusWords(status, now.value);
  const state = host.state.value;
  const mayStart =
    isAllowed(host.scope.value, 'session.new') && state?.isRemoteControlEnabled === true && words.isDeliverable;
  const headingId = `host-${host.hostId}`;
  return (
    <section class="host" aria-labelledby={headingId}>
      <div class="host-head">
        <h2 id={headingId} title={host.name.value}>
          {host.name.value}
        </h2>
        {mayStart && (
          <button type="button" class="button" aria-haspopup="dialog" onClick={() => setIsStarting(true)}>
            <Icon name="plus" size={18} />
            New session
          </button>
        )}
        <StatusLine host={host} />
      </div>
      {status.kind === 'stopped' && (
        <div class="stopped">
          <p>{status.text}</p>
          <StatusActionButton host={host} isProminent />
        </div>
      )}
      {state !== null && !words.isProven && host.stateProvenAt.value !== null && (
        <p class="as-of">
          <Icon name="clock" size={16} />
          <span>
            What follows is as of <strong>{agoWords(host.stateProvenAt.value, now.value)}</strong>
          </span>
        </p>
      )}
      {children}
      <div class={words.isProven ? '' : 'unproven-list'}>
        <Sessions host={host} selected={selected} onStart={mayStart ? () => setIsStarting(true) : null} />
      </div>
      {isStarting && <NewSessionSheet host={host} onClose={() => setIsStarting(false)} />}
    </section>
  );
}

function Sessions({
  host,
  selected,
  onStart,
}: {
  host: HostConnection;
  selected: string | null;
  onStart: (() => void) | null;
}) {
  const state = host.state.value;
  const starting = startingEntries(host.outbox.value, state?.sessions ?? []);
  if (state === null) {
    return <p class="nothing">Nothing is known yet. The sessions appear here as soon as the computer answers.</p>;
  }
  if (!state.isRemoteControlEnabled) {
    return (
      <div class="nothing">
        <p>
          <strong>Remote control is off.</strong>
        </p>
        <p>Switch it on in Baton on {host.name.value} to see its sessions here.</p>
      </div>
    );
  }
  const sessions = sortSessions(state.sessions);
  const ended = sessions.filter((session) => session.state === 'ended');
  const live = sessions.filter((session) => session.state !== 'ended');
  const isEndedSelected = ended.some(({ id }) => id === selected);
  return (
    <>
      {live.length === 0 && starting.length === 0 && (
        <div class="nothing">
          <p>No session is running.</p>
          {onStart && (
            <button type="button" class="button primary" onClick={onStart}>
              Start a session
            </button>
          )}
        </div>
      )}
      {(live.length > 0 || starting.length > 0) && (
        <ul class="session-list">
          {starting.map((entry) => (
            <StartingItem key={entry.id} host={host} entry={entry} />
          ))}
          {live.map((session) => (
            <SessionItem key={session.id} host={host} session={session} isSelected={session.id === selected} />
          ))}
        </ul>
      )}
      {ended.length > 0 && (
        <details class="ended" open={isEndedSelected}>
          <summary>
            <Icon name="chevron" size={16} />
            Ended
            <span class="count">{ended.length}</span>
          </summary>
          <ul class="session-list">
            {ended.map((session) => (
              <SessionItem key={session.id} host={host} session={session} isSelected={session.id === selected} />
            ))}
          </ul>
        </details>
      )}
    </>
  );
}

/** Sessions that were asked for and are not on the computer's list yet, or were refused. */
function startingEntries(outbox: readonly OutboxEntry[], sessions: readonly SessionSummary[]): readonly OutboxEntry[] {
  return outbox.filter(
    ({ kind, session, state }) =>
      kind === 'session.new' && state !== 'applied' && !sessions.some(({ id }) => id === session),
  );
}

function StartingItem({ host, entry }: { host: HostConnection; entry: OutboxEntry }) {
  const { send } = useSend(host);
  const body = 'folder' in entry.body ? entry.body : null;
  return (
    <li class="session-item starting">
      <a href={formatPath({ kind: 'session', hostId: host.hostId, sessionId: entry.session })} class="session-link">
        <span class="session-top">
          <span class="session-title">{body?.title ?? 'New session'}</span>
        </span>
        <span class="session-meta">{body?.folder}</span>
        <span class="session-receipt">
          <ReceiptMark state={entry.state} isCommand />
        </span>
        {entry.reason !== null && <span class="session-detail">{entry.reason}</span>}
      </a>
      {!isOnItsWay(entry.state) && (
        <button type="button" class="button small" onClick={() => send(host.dismiss(entry.id))}>
          Hide
        </button>
      )}
    </li>
  );
}
