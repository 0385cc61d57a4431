/** Where everything lies, how it is protected, and how to take it out or delete it. */
import { useState } from 'preact/hooks';
import { Icon } from '#ui/controls/icons.tsx';
import { useApp } from '../app-context.ts';
import { ConfirmSheet } from '../controls/confirm-sheet.tsx';
import { CallWords } from '../controls/problem.tsx';
import { Section, SettingRow } from '../controls/section.tsx';
import { WindowIcon } from '../controls/window-icon.tsx';
import { useCall } from '../use-call.ts';
import { bytesWords } from '../words/usage-words.ts';

/** What has to be typed before everything is deleted. */
const DELETE_WORD = 'delete';

export function DataSection() {
  const { host, slices } = useApp();
  const { dataFolder, historyBytes, sessionCount, secrets } = slices.settings.value;
  const show = useCall();
  const exporting = useCall();
  const [exported, setExported] = useState<string | null>(null);
  const [deleting, setDeleting] = useState<'ended' | 'all' | null>(null);
  const [deleted, setDeleted] = useState<string | null>(null);
  const endedCount = (host.state.value?.sessions ?? []).filter(({ state }) => state === 'ended').length;
  return (
    <Section title="Data" id="data">
      <SettingRow
        name="Folder"
        words={
          <>
            <span class="code data-folder">{dataFolder}</span>
            <br />
            {sessionCount === 1 ? '1 session' : `${sessionCount} sessions`} · {bytesWords(historyBytes)}. Nothing leaves
            this computer unencrypted; Baton reports to nobody.
          </>
        }
      >
        <button type="button" class="button" disabled={show.isBusy} onClick={() => show.run('data.show', null)}>
          Show
        </button>
      </SettingRow>
      <CallWords caller={show} />
      <div class={`notice ${secrets.kind === 'keychain' ? 'good' : 'wait'}`}>
        <WindowIcon name={secrets.kind === 'keychain' ? 'shield' : 'warning'} />
        <p>
          <strong>
            {secrets.kind === 'keychain' ? 'Keys are in the system’s keychain.' : 'Keys are in a plain file.'}
          </strong>{' '}
          {secrets.text}
        </p>
      </div>
      <SettingRow name="Export" words="Every session as one file of JSON Lines, readable by you only.">
        <button
          type="button"
          class="button"
          disabled={exporting.isBusy || sessionCount === 0}
          onClick={() => {
            setExported(null);
            exporting.run('history.export', null, ({ file, sessions }) => {
              if (file !== null)
                setExported(`${sessions === 1 ? '1 session was' : `${sessions} sessions were`} written to ${file}.`);
            });
          }}
        >
          {exporting.isBusy ? 'Exporting …' : 'Export …'}
        </button>
      </SettingRow>
      <CallWords
        caller={exporting}
        slow="Choose a file in the system’s dialog; a long history takes a while to write."
      />
      {exported !== null && (
        <p class="notice good" role="status">
          <Icon name="check" />
          <span class="plain-text">{exported}</span>
        </p>
      )}
      <SettingRow
        name="Delete history"
        words="Conversations are deleted for good. Your files stay as they are, and the activity is kept."
      >
        <div class="actions">
          <button
            type="button"
            class="button danger"
            disabled={endedCount === 0}
            onClick={() => {
              setDeleted(null);
              setDeleting('ended');
            }}
          >
            Ended sessions …
          </button>
          <button
            type="button"
            class="button danger"
            disabled={sessionCount === 0}
            onClick={() => {
              setDeleted(null);
              setDeleting('all');
            }}
          >
            Everything …
          </button>
        </div>
      </SettingRow>
      {deleted !== null && (
        <p class="notice good" role="status">
          <Icon name="check" />
          <span>{deleted}</span>
        </p>
      )}
      {deleting && (
        <DeleteHistory
          what={deleting}
          count={deleting === 'ended' ? endedCount : sessionCount}
          onDone={setDeleted}
          onClose={() => setDeleting(null)}
        />
      )}
    </Section>
  );
}

function DeleteHistory({
  what,
  count,
  onDone,
  onClose,
}: {
  what: 'ended' | 'all';
  count: number;
  onDone: (words: string) => void;
  onClose: () => void;
}) {
  const [typed, setTyped] = useState('');
  const remove = useCall();
  const sessions = count === 1 ? '1 session' : `${count} sessions`;
  return (
    <ConfirmSheet
      title={what === 'all' ? 'Delete all history?' : 'Delete ended sessions?'}
      action={what === 'all' ? 'Delete everything' : `Delete ${sessions}`}
      caller={remove}
      isReady={what === 'ended' || typed.trim().toLowerCase() === DELETE_WORD}
      onClose={onClose}
      onConfirm={(close) =>
        remove.run('history.delete', { what }, (value) => {
          onDone(value.sessions === 1 ? '1 session was deleted.' : `${value.sessions} sessions were deleted.`);
          close();
        })
      }
    >
      <p>
        {what === 'all'
          ? `All ${sessions} are deleted, here and on every paired device. Those that run are ended first. This cannot be undone.`
          : `${sessions} that are over ${count === 1 ? 'is' : 'are'} deleted, here and on every paired device. This cannot be undone.`}
      </p>
      {what === 'all' && (
        <label class="field">
          <span>
            Type <code>{DELETE_WORD}</code> to go on
          </span>
          <input
            type="text"
            value={typed}
            autofocus
            autocomplete="off"
            autocapitalize="off"
            spellcheck={false}
            onInput={(event) => setTyped(event.currentTarget.value)}
          />
        </label>
      )}
    </ConfirmSheet>
  );
}
