/** The place to write: keeps what is written, says what will become of it, and stops the turn. */
import type { Signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { SessionState } from '#protocol/messages.ts';
import { Icon } from '../controls/icons.tsx';
import { Problem } from '../controls/problem.tsx';
import type { HostClient } from '../host-client.ts';
import { useScreen } from '../screen-context.ts';
import { runningTurn } from '../transcript/session-lines.ts';
import { useSend } from '../use-send.ts';
import { isOnItsWay } from '../words/receipt-words.ts';
import { statusWords } from '../words/status-words.ts';
import { noteSending } from './draft.ts';

/** The `keyCode` of keys that an input method takes. */
const COMPOSING = 229;

interface ComposerProps {
  host: HostClient;
  sessionId: string;
  state: SessionState | null;
  isTurnRunning: boolean;
  mayPrompt: boolean;
  draft: Signal<string>;
  /** Grows by one whenever the text field should take the focus. */
  focusRequest: number;
}

export function Composer({ host, sessionId, state, isTurnRunning, mayPrompt, draft, focusRequest }: ComposerProps) {
  const { now } = useScreen();
  const { send, isSending, problem } = useSend(host);
  const field = useRef<HTMLTextAreaElement>(null);
  const text = draft.value;
  const { isProven, isDeliverable, name } = statusWords(host.status.value, now.value);
  const isBusy = state === 'working' || state === 'waiting' || (state === null && isTurnRunning);
  const isStopping = host.outbox.value.some(
    (entry) => entry.kind === 'cancel' && entry.session === sessionId && isOnItsWay(entry.state),
  );

  useEffect(() => {
    if (focusRequest > 0) field.current?.focus();
  }, [focusRequest]);
  useEffect(() => {
    if (field.current) fitHeight(field.current);
  }, [text]);

  if (!mayPrompt)
    return <p class="composer-closed">This device may only watch. It can be given more on the computer.</p>;
  if (!isDeliverable) return <p class="composer-closed">Nothing can be sent: {name}.</p>;
  if (state === null && host.state.value !== null) {
    return <p class="composer-closed">The computer does not list this session now, so nothing can be sent to it.</p>;
  }
  if (state === 'ended') return <p class="composer-closed">This session has ended. Its conversation stays readable.</p>;

  const canSend = text.trim() !== '' && !isSending;
  const submit = () => {
    if (!canSend) return;
    const sent = draft.peek();
    noteSending(host, sessionId, sent);
    send(host.send('prompt', sessionId, { text: sent }), () => {
      if (draft.peek() === sent) draft.value = '';
    });
  };
  const whatRuns = () => {
    const turn = runningTurn(host.log(sessionId).events.peek());
    return turn === null ? {} : { turn };
  };
  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <Problem text={problem} />
      <div class="composer-row">
        <textarea
          dir="auto"
          ref={field}
          rows={1}
          value={text}
          aria-label="Prompt"
          placeholder={placeholder(isProven, isBusy)}
          enterkeyhint={isTouch() ? 'enter' : 'send'}
          onInput={(event) => {
            draft.value = event.currentTarget.value;
          }}
          onKeyDown={(event) => {
            // Safari ends a composition before the Enter that ended it, which has this code.
            if (event.key !== 'Enter' || event.isComposing || event.keyCode === COMPOSING || event.shiftKey) return;
            if (isTouch() && !event.ctrlKey && !event.metaKey) return;
            event.preventDefault();
            submit();
          }}
        />
        {isBusy && (
          <button
            type="button"
            class="icon-button stop-button"
            aria-label={isStopping ? 'Stopping' : 'Stop the agent'}
            title="Stop the agent"
            disabled={isStopping}
            onClick={() => send(host.send('cancel', sessionId, whatRuns()))}
          >
            <Icon name="stop" />
          </button>
        )}
        <button
          type="submit"
          class="icon-button send-button"
          aria-label={isBusy ? 'Send; it waits until the agent is free' : 'Send'}
          disabled={!canSend}
        >
          <Icon name="send" />
        </button>
      </div>
    </form>
  );
}

function placeholder(isProven: boolean, isBusy: boolean): string {
  if (!isProven) return 'Write now, it goes out later';
  return isBusy ? 'Write the next prompt' : 'Write a prompt';
}

/** Without a fine pointer the Enter key belongs to the text. */
function isTouch(): boolean {
  return !matchMedia('(any-pointer: fine)').matches;
}

/** For browsers without `field-sizing: content`. */
function fitHeight(element: HTMLTextAreaElement): void {
  if (CSS.supports('field-sizing', 'content')) return;
  element.style.height = 'auto';
  element.style.height = `${element.scrollHeight + 2}px`;
}
