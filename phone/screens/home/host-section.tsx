/** One computer: how it is, and its sessions, marked when they are not proven to be so now. */
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { agoWords } from '#lib/duration-words.ts';
import { isAllowed } from '#protocol/commands.ts';
import { Icon } from '#ui/controls/icons.tsx';
import type { HostClient } from '#ui/host-client.ts';
import { DiskTrouble } from '#ui/sessions/disk-trouble.tsx';
import { NewSessionSheet } from '#ui/sessions/new-session-sheet.tsx';
import { SessionList } from '#ui/sessions/session-list.tsx';
import { statusWords } from '#ui/words/status-words.ts';
import { useApp } from '../app-context.ts';
import { StatusActionButton, StatusLine } from '../status-line.tsx';

interface HostSectionProps {
  host: HostClient;
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
      <DiskTrouble host={host} />
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
  host: HostClient;
  selected: string | null;
  onStart: (() => void) | null;
}) {
  const state = host.state.value;
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
  return (
    <SessionList
      host={host}
      sessions={state.sessions}
      selected={selected}
      empty={
        <div class="nothing">
          <p>No session is running.</p>
          {onStart && (
            <button type="button" class="button primary" onClick={onStart}>
              Start a session
            </button>
          )}
        </div>
      }
    />
  );
}
