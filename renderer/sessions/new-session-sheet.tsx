import { useState } from 'preact/hooks';
import { agoWords } from '#lib/duration-words.ts';
import { Icon } from '#phone/screens/icons.tsx';
import { Sheet } from '#phone/screens/sheet.tsx';
import { FOLDER_MAX_CHARS, TITLE_MAX_CHARS } from '#protocol/limits.ts';
import { useApp } from '../app-context.ts';
import { CommandLine } from '../controls/command-line.tsx';
import { CallWords } from '../controls/problem.tsx';
import { useCall } from '../use-call.ts';

/** Recent folders that are offered; any other is one click on Choose away. */
const FOLDERS_SHOWN = 5;

export function NewSessionSheet({ agent: first, onClose }: { agent: string | null; onClose: () => void }) {
  const { slices, now, announce } = useApp();
  const { agents, folders } = slices.sessions.value;
  const installed = agents.filter(({ isInstalled }) => isInstalled);
  const missing = agents.filter(({ isInstalled }) => !isInstalled);
  const recent = folders.toSorted((a, b) => (b.lastUsedAt ?? 0) - (a.lastUsedAt ?? 0)).slice(0, FOLDERS_SHOWN);
  const [chosen, setChosen] = useState(first);
  const [given, setFolder] = useState<string | null>(null);
  // The folders may come after the sheet was opened.
  const folder = given ?? recent[0]?.path ?? '';
  const [title, setTitle] = useState('');
  const start = useCall();
  const choose = useCall();
  const agent = installed.find(({ id }) => id === chosen)?.id ?? installed[0]?.id ?? null;
  const canStart = agent !== null && folder.trim() !== '' && !start.isBusy;
  return (
    <Sheet title="New session" onClose={onClose}>
      {(close) => (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            if (agent === null || !canStart) return;
            const name = title.trim();
            void start.run('session.start', { agent, folder: folder.trim(), title: name === '' ? null : name }, () => {
              announce('The session starts');
              close();
            });
          }}
        >
          <fieldset class="choices">
            <legend>Agent</legend>
            {agents.length === 0 && <p class="meta">Still looking for agents …</p>}
            {agents.length > 0 && installed.length === 0 && (
              <p class="problem">No agent was found. Install one of these first.</p>
            )}
            <div class="agent-choices">
              {installed.map(({ id, name }) => (
                <label key={id} class="choice">
                  <input type="radio" name="agent" checked={agent === id} onChange={() => setChosen(id)} />
                  <span class="choice-name">{name}</span>
                </label>
              ))}
            </div>
            {missing.length > 0 && (
              <details class="missing-agents" open={installed.length === 0}>
                <summary>Not installed ({missing.length})</summary>
                {missing.map(({ id, name, install }) => (
                  <div key={id} class="missing-agent">
                    <p class="choice-name">{name}</p>
                    {install === undefined ? (
                      <p class="meta">Its command was not found.</p>
                    ) : (
                      <CommandLine text={install} />
                    )}
                  </div>
                ))}
              </details>
            )}
          </fieldset>
          <div class="stack">
            <div class="folder-line">
              <label class="field">
                <span>Folder</span>
                <input
                  type="text"
                  class="code"
                  value={folder}
                  maxLength={FOLDER_MAX_CHARS}
                  placeholder="Where the agent works"
                  autocomplete="off"
                  spellcheck={false}
                  onInput={(event) => setFolder(event.currentTarget.value)}
                />
              </label>
              <button
                type="button"
                class="button"
                disabled={choose.isBusy}
                onClick={() =>
                  void choose.run('folder.choose', null, (value) => value.folder !== null && setFolder(value.folder))
                }
              >
                <Icon name="folder" size={18} />
                Choose …
              </button>
            </div>
            <CallWords caller={choose} slow="Choose a folder in the system’s dialog." />
            {recent.length > 0 && (
              <fieldset class="recent" aria-label="Recent folders">
                {recent.map((info) => (
                  <button
                    key={info.path}
                    type="button"
                    class="choice"
                    title={info.path}
                    aria-pressed={folder === info.path}
                    onClick={() => setFolder(info.path)}
                  >
                    <span class="choice-name">{info.name}</span>
                    <span class="choice-detail">
                      {info.lastUsedAt === null ? 'not used yet' : agoWords(info.lastUsedAt, now.value)}
                    </span>
                  </button>
                ))}
              </fieldset>
            )}
          </div>
          <label class="field">
            <span>
              Title <span class="optional">optional</span>
            </span>
            <input
              type="text"
              value={title}
              maxLength={TITLE_MAX_CHARS}
              autocomplete="off"
              placeholder="From the first prompt"
              onInput={(event) => setTitle(event.currentTarget.value)}
            />
          </label>
          <CallWords caller={start} slow="The agent is still starting …" />
          <div class="actions end">
            <button type="button" class="button" onClick={close}>
              Cancel
            </button>
            <button type="submit" class="button primary" disabled={!canStart}>
              {start.isBusy ? 'Starting …' : 'Start session'}
            </button>
          </div>
        </form>
      )}
    </Sheet>
  );
}
