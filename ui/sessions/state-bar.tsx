/** Commands of this device about the session that are on their way or were refused, and what an interrupted session needs. */

import { isAllowed } from '#protocol/commands.ts';
import type { SessionState, SessionSummary } from '#protocol/messages.ts';
import { Icon, StateShape } from '../controls/icons.tsx';
import { Problem } from '../controls/problem.tsx';
import { ReceiptMark } from '../controls/receipt-mark.tsx';
import type { HostClient, OutboxEntry } from '../host-client.ts';
import { useSend } from '../use-send.ts';
import { isOnItsWay, isStillHere } from '../words/receipt-words.ts';
import { canResume } from '../words/session-words.ts';

const COMMAND_NAMES: Partial<Record<OutboxEntry['kind'], string>> = {
  cancel: 'Stop',
  'session.end': 'End session',
  'session.resume': 'Resume',
  'session.rename': 'Rename',
  'session.new': 'New session',
  'mode.set': 'Change mode',
};

/** Of a session that can go on, where the host gives no reason why it does not. */
const RESTING_WORDS: Partial<Record<SessionState, string>> = {
  failed: 'The agent could not be started.',
  interrupted: 'The agent is gone.',
  ended: 'The conversation can go on where it ended.',
};
const RESTING_TONES: Partial<Record<SessionState, string>> = { failed: 'bad', interrupted: 'warn' };

export function StateBar({ host, session }: { host: HostClient; session: SessionSummary }) {
  const { send, isSending, problem } = useSend(host);
  const commands = host.outbox.value.filter((entry) => entry.session === session.id && entry.kind in COMMAND_NAMES);
  const resuming = commands.findLast(({ kind, state }) => kind === 'session.resume' && isOnItsWay(state));
  const shown = commands.filter(
    ({ state }) => isOnItsWay(state) || (state !== 'applied' && state !== 'answered-elsewhere'),
  );
  return (
    <div class="state-bars">
      <Problem text={problem} />
      {shown.map((entry) => (
        <CommandLine key={entry.id} host={host} entry={entry} />
      ))}
      {canResume(session) && !resuming && (
        <div class={`state-bar ${RESTING_TONES[session.state] ?? ''}`}>
          <StateShape state={session.state} />
          <p>{session.state === 'ended' || session.detail === '' ? RESTING_WORDS[session.state] : session.detail}</p>
          {isAllowed(host.scope.value, 'session.resume') && (
            <button
              type="button"
              class="button"
              disabled={isSending}
              onClick={() => send(host.send('session.resume', session.id, {}))}
            >
              <Icon name="play" size={16} />
              {session.state === 'failed' ? 'Try again' : 'Resume'}
            </button>
          )}
        </div>
      )}
    </div>
  );
}

function CommandLine({ host, entry }: { host: HostClient; entry: OutboxEntry }) {
  const { send } = useSend(host);
  const isOpen = isOnItsWay(entry.state);
  return (
    <div class={`state-bar ${isOpen ? '' : 'bad'}`}>
      <p>
        <strong>{COMMAND_NAMES[entry.kind]}</strong> <ReceiptMark state={entry.state} isCommand />
        {entry.reason !== null && <span class="state-reason"> {entry.reason}</span>}
      </p>
      {isStillHere(entry.state) && (
        <button type="button" class="button small" onClick={() => send(host.withdraw(entry.id))}>
          Take back
        </button>
      )}
      {!isOpen && (
        <button type="button" class="button small" onClick={() => send(host.dismiss(entry.id))}>
          Hide
        </button>
      )}
    </div>
  );
}
