/** Everything about one session, and what can be done with it. */

import { useState } from 'preact/hooks';
import { agoWords } from '#lib/duration-words.ts';
import { Icon, StateShape } from '#phone/screens/icons.tsx';
import { Sheet } from '#phone/screens/sheet.tsx';
import { momentWords } from '#phone/screens/words/age-words.ts';
import { sessionStateWords } from '#phone/screens/words/session-words.ts';
import type { SessionView } from '#preload/contract.ts';
import { TITLE_MAX_CHARS } from '#protocol/limits.ts';
import { useApp } from '../app-context.ts';
import { focusOnce } from '../controls/focus-once.ts';
import { CallWords } from '../controls/problem.tsx';
import { useCall } from '../use-call.ts';
import { canResume } from '../words/session-lists.ts';
import { usageSentence } from '../words/usage-words.ts';
import { OnPhone } from './on-phone.tsx';

type View = 'facts' | 'rename' | 'end' | 'phone';

export function SessionSheet({ session, onClose }: { session: SessionView; onClose: () => void }) {
  const [view, setView] = useState<View>('facts');
  const titles: Record<View, string> = {
    facts: session.title,
    rename: 'Rename session',
    end: 'End this session?',
    phone: 'Open on phone',
  };
  return (
    <Sheet title={titles[view]} onClose={onClose}>
      {(close) => {
        const back = () => setView('facts');
        switch (view) {
          case 'facts':
            return <Facts session={session} show={setView} close={close} />;
          case 'rename':
            return <Rename session={session} back={back} />;
          case 'end':
            return <End session={session} back={back} close={close} />;
          case 'phone':
            return <OnPhone session={session} back={back} close={close} />;
        }
      }}
    </Sheet>
  );
}

function Facts({ session, show, close }: { session: SessionView; show: (view: View) => void; close: () => void }) {
  const { slices, now } = useApp();
  const resume = useCall();
  const { word, tone } = sessionStateWords(session.state);
  return (
    <>
      <div class="stack">
        <p class={`sheet-status tone-${tone}`}>
          <StateShape state={session.state} />
          <span>
            {word} · {agoWords(session.since, now.value)}
          </span>
        </p>
        {session.detail !== '' && <p class="sheet-words plain-text">{session.detail}</p>}
        <dl class="facts">
          <dt>Agent</dt>
          <dd>{session.agentName}</dd>
          <dt>Folder</dt>
          <dd class="code">{session.folder}</dd>
          <dt>Begun</dt>
          <dd>{momentWords(session.createdAt, now.value)}</dd>
          <dt>Uses</dt>
          <dd>{usageSentence(slices.usage.value[session.id])}</dd>
          <dt>On view</dt>
          <dd>{session.watchedBy.length === 0 ? 'on no phone' : session.watchedBy.join(', ')}</dd>
          {session.queued > 0 && (
            <>
              <dt>Queued</dt>
              <dd>{session.queued === 1 ? '1 prompt' : `${session.queued} prompts`}</dd>
            </>
          )}
        </dl>
      </div>
      <CallWords caller={resume} slow="The agent is still starting …" />
      <div class="menu">
        <button type="button" onClick={() => show('phone')}>
          <Icon name="phone" />
          Open on phone
        </button>
        <button type="button" onClick={() => show('rename')}>
          <Icon name="pencil" />
          Rename
        </button>
        {canResume(session) && (
          <button
            type="button"
            disabled={resume.isBusy}
            onClick={() => void resume.run('session.resume', { session: session.id }, close)}
          >
            <Icon name="play" />
            {resume.isBusy ? 'Resuming …' : 'Resume'}
          </button>
        )}
        {session.state !== 'ended' && (
          <button type="button" class="danger" onClick={() => show('end')}>
            <Icon name="stop" />
            End session
          </button>
        )}
      </div>
    </>
  );
}

function Rename({ session, back }: { session: SessionView; back: () => void }) {
  const [title, setTitle] = useState(session.title);
  const rename = useCall();
  const name = title.trim();
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (name !== '') void rename.run('session.rename', { session: session.id, title: name }, back);
      }}
    >
      <label class="field">
        <span>Title</span>
        <input
          type="text"
          value={title}
          maxLength={TITLE_MAX_CHARS}
          autocomplete="off"
          ref={focusOnce}
          onInput={(event) => setTitle(event.currentTarget.value)}
        />
      </label>
      <CallWords caller={rename} />
      <div class="actions end">
        <button type="button" class="button" onClick={back}>
          Back
        </button>
        <button type="submit" class="button primary" disabled={name === '' || rename.isBusy}>
          Rename
        </button>
      </div>
    </form>
  );
}

function End({ session, back, close }: { session: SessionView; back: () => void; close: () => void }) {
  const end = useCall();
  const isMoving = session.state === 'working' || session.state === 'waiting';
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void end.run('session.end', { session: session.id }, close);
      }}
    >
      <div class="stack">
        <p class="plain-text">
          <strong>{session.title}</strong>
        </p>
        <p class="sheet-words">
          {isMoving
            ? `${session.agentName} is in the middle of a turn, which is stopped. What it has done so far stays.`
            : `${session.agentName} is stopped.`}{' '}
          The conversation is kept and can still be read, but it cannot go on.
        </p>
      </div>
      <CallWords caller={end} slow="The agent is still being stopped …" />
      <div class="actions end">
        <button type="button" class="button" ref={focusOnce} onClick={back}>
          Cancel
        </button>
        <button type="submit" class="button danger-fill" disabled={end.isBusy}>
          {end.isBusy ? 'Ending …' : 'End session'}
        </button>
      </div>
    </form>
  );
}
