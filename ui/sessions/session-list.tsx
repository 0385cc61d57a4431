/** The sessions of one host: those that are being started, those that go on, and the ended ones folded away. */
import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useState } from 'preact/hooks';
import type { SessionSummary } from '#protocol/messages.ts';
import { Icon } from '../controls/icons.tsx';
import { ReceiptMark } from '../controls/receipt-mark.tsx';
import type { HostClient, OutboxEntry } from '../host-client.ts';
import { useSend } from '../use-send.ts';
import { isOnItsWay } from '../words/receipt-words.ts';
import { sortSessions } from '../words/session-words.ts';
import { SessionItem } from './session-item.tsx';
import { SessionLink } from './session-link.tsx';

export interface SessionListProps {
  host: HostClient;
  sessions: readonly SessionSummary[];
  selected: string | null;
  /** Shown while no session goes on. */
  empty: ComponentChildren;
  /** More lines of a session's item. */
  renderMore?: (session: SessionSummary) => ComponentChildren;
}

export function SessionList({ host, sessions, selected, empty, renderMore }: SessionListProps) {
  const sorted = sortSessions(sessions);
  const starting = startingEntries(host.outbox.value, sessions);
  const ended = sorted.filter(({ state }) => state === 'ended');
  const live = sorted.filter(({ state }) => state !== 'ended');
  // Stays as it was left, also when a person comes back from an ended session.
  const isEndedSelected = ended.some(({ id }) => id === selected);
  const [isEndedOpen, setIsEndedOpen] = useState(isEndedSelected);
  useLayoutEffect(() => {
    if (isEndedSelected) setIsEndedOpen(true);
  }, [isEndedSelected]);
  const renderItem = (session: SessionSummary) => (
    <SessionItem key={session.id} host={host} session={session} isSelected={session.id === selected}>
      {renderMore?.(session)}
    </SessionItem>
  );
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the links inside take the focus; arrow keys only lead from one to the next.
    <div class="session-lists" onKeyDown={moveFocus}>
      {live.length === 0 && starting.length === 0 && empty}
      {(live.length > 0 || starting.length > 0) && (
        <ul class="session-list" aria-label="Open sessions">
          {starting.map((entry) => (
            <StartingItem key={entry.id} host={host} entry={entry} isSelected={entry.session === selected} />
          ))}
          {live.map(renderItem)}
        </ul>
      )}
      {ended.length > 0 && (
        <details class="ended" open={isEndedOpen} onToggle={(event) => setIsEndedOpen(event.currentTarget.open)}>
          <summary>
            <Icon name="chevron" size={16} />
            Ended
            <span class="count">{ended.length}</span>
          </summary>
          <ul class="session-list" aria-label="Ended sessions">
            {ended.map(renderItem)}
          </ul>
        </details>
      )}
    </div>
  );
}

/** Up and down, Home and End lead from link to link; they scroll nothing meanwhile. */
function moveFocus(event: KeyboardEvent & { readonly currentTarget: HTMLElement }): void {
  if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const links = [...event.currentTarget.querySelectorAll<HTMLElement>('.session-link, summary')].filter((element) =>
    element.checkVisibility(),
  );
  const at = links.findIndex((element) => element.matches(':focus'));
  const target = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: links.length - 1 }[event.key];
  if (at === -1 || target === undefined) return;
  event.preventDefault();
  links[target]?.focus();
}

/** Sessions that were asked for and are not on the host's list yet, or were refused. */
function startingEntries(outbox: readonly OutboxEntry[], sessions: readonly SessionSummary[]): readonly OutboxEntry[] {
  return outbox.filter(
    ({ kind, session, state }) =>
      kind === 'session.new' && state !== 'applied' && !sessions.some(({ id }) => id === session),
  );
}

function StartingItem({ host, entry, isSelected }: { host: HostClient; entry: OutboxEntry; isSelected: boolean }) {
  const { send } = useSend(host);
  const body = 'folder' in entry.body ? entry.body : null;
  return (
    <li class="session-item starting">
      <SessionLink host={host} session={entry.session} class="session-link" isCurrent={isSelected}>
        <span class="session-top">
          <span class="session-title">{body?.title ?? 'New session'}</span>
        </span>
        <span class="session-meta">{body?.folder}</span>
        <span class="session-receipt">
          <ReceiptMark state={entry.state} isCommand />
        </span>
        {entry.reason !== null && <span class="session-detail">{entry.reason}</span>}
      </SessionLink>
      {!isOnItsWay(entry.state) && (
        <button type="button" class="button small" onClick={() => send(host.dismiss(entry.id))}>
          Hide
        </button>
      )}
    </li>
  );
}
