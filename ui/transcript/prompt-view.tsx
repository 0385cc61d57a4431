/** A prompt with its receipt, and what can still be done about it. */

import { isAllowed } from '#protocol/commands.ts';
import { Icon } from '../controls/icons.tsx';
import { Problem } from '../controls/problem.tsx';
import { ReceiptMark } from '../controls/receipt-mark.tsx';
import type { OutboxEntry } from '../host-client.ts';
import { useScreen } from '../screen-context.ts';
import { useSend } from '../use-send.ts';
import { momentWords } from '../words/age-words.ts';
import { isOnItsWay, isWithoutReceipt, receiptNote } from '../words/receipt-words.ts';
import type { RowContext } from './row-context.ts';
import type { PromptRow } from './rows.ts';

export function PromptView({ row, context }: { row: PromptRow; context: RowContext }) {
  const { minute } = useScreen();
  const { host } = context;
  const mayAct = isAllowed(host.scope.value, 'prompt');
  // Resent or taken-back prompts of this device may still be in the outbox; prompts of others never are.
  const own = host.outbox.value.find(({ id }) => id === row.command);
  const receipt = own && row.receipt === 'accepted' ? own.state : row.receipt;
  const note = own?.state === 'waiting' ? own.reason : own ? receiptNote(own.state) : null;
  const isQueued = !row.isWithdrawn && (isWithoutReceipt(receipt) || receipt === 'accepted');
  return (
    <div class={`row-prompt ${row.isWithdrawn ? 'withdrawn' : ''} ${isQueued ? 'queued' : ''}`}>
      <div class="prompt-bubble">
        {row.isNote && <p class="prompt-kind">Why it was denied</p>}
        {row.text === '' && row.by === null ? (
          <p class="meta">This prompt is on an older page.</p>
        ) : (
          <p class="plain-text" dir="auto">
            {row.text}
          </p>
        )}
      </div>
      <div class="prompt-meta">
        {row.by && !own && <span>{row.by.device === null ? 'at the computer' : row.by.name}</span>}
        <span>{momentWords(row.at, minute.value)}</span>
        {row.isWithdrawn ? <span>{row.reason}</span> : <ReceiptMark state={receipt} />}
        {mayAct && isQueued && <TakeBack row={row} context={context} isOwn={own !== undefined} />}
      </div>
      {note !== null && <p class="prompt-meta">{note}</p>}
      {!row.isWithdrawn && receipt === 'uncertain' && <Uncertain row={row} context={context} />}
      {own && (receipt === 'rejected' || receipt === 'expired') && <Refused row={row} entry={own} context={context} />}
    </div>
  );
}

function TakeBack({ row, context, isOwn }: { row: PromptRow; context: RowContext; isOwn: boolean }) {
  const { host, session } = context;
  const { send, problem } = useSend(host);
  const asked = host.outbox.value.findLast(
    ({ kind, body }) => kind === 'prompt.withdraw' && 'command' in body && body.command === row.command,
  );
  if (asked && isOnItsWay(asked.state)) {
    return (
      <span>
        taking it back: <ReceiptMark state={asked.state} isCommand />
      </span>
    );
  }
  return (
    <>
      <button
        type="button"
        class="text-button"
        onClick={() =>
          send(isOwn ? host.withdraw(row.command) : host.send('prompt.withdraw', session, { command: row.command }))
        }
      >
        Take back
      </button>
      {asked?.state === 'rejected' && <span class="problem">{asked.reason}</span>}
      {problem !== null && <span class="problem">{problem}</span>}
    </>
  );
}

function Uncertain({ row, context }: { row: PromptRow; context: RowContext }) {
  const { host, session } = context;
  const { send, problem } = useSend(host);
  const asked = host.outbox.value.findLast(
    ({ kind, body }) => kind === 'prompt.resolve' && 'decision' in body && body.command === row.command,
  );
  const decision = asked && 'decision' in asked.body ? asked.body.decision : null;
  const decide = (choice: 'run-again' | 'dismiss') =>
    send(host.send('prompt.resolve', session, { command: row.command, decision: choice }));
  return (
    <div class="uncertain">
      <p>{row.reason ?? 'It cannot be known whether the agent got this. Nothing runs again by itself.'}</p>
      <Problem text={problem} />
      {asked && asked.state === 'rejected' && <p class="problem">{asked.reason}</p>}
      {row.decision ? (
        <p class="meta">
          {row.decision.kind === 'dismiss' ? 'Left as it is' : 'Run again'}
          {`, as decided ${row.decision.by.device === null ? 'at the computer' : `on ${row.decision.by.name}`}.`}
        </p>
      ) : asked && (isOnItsWay(asked.state) || asked.state === 'applied') ? (
        <p class="prompt-meta">
          {decision === 'dismiss' ? 'Leave it' : 'Run again'}: <ReceiptMark state={asked.state} isCommand />
        </p>
      ) : (
        isAllowed(host.scope.value, 'prompt.resolve') && (
          <div class="actions">
            <button type="button" class="button" onClick={() => decide('run-again')}>
              Run again
            </button>
            <button type="button" class="button" onClick={() => decide('dismiss')}>
              Leave it
            </button>
          </div>
        )
      )}
    </div>
  );
}

function Refused({ row, entry, context }: { row: PromptRow; entry: OutboxEntry; context: RowContext }) {
  const { send, problem } = useSend(context.host);
  return (
    <div class="refused">
      <p class="problem">{entry.reason ?? 'Refused without a reason.'}</p>
      <Problem text={problem} />
      <div class="actions">
        <button
          type="button"
          class="button"
          onClick={() => {
            context.edit(row.text);
            send(context.host.dismiss(entry.id));
          }}
        >
          <Icon name="pencil" size={16} />
          Edit and resend
        </button>
        <button type="button" class="button" onClick={() => send(context.host.dismiss(entry.id))}>
          Hide
        </button>
      </div>
    </div>
  );
}
