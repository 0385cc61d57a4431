/** Choosing an agent and a folder on the computer; the session's id is made here, so that asking twice starts it once. */

import { useState } from 'preact/hooks';
import { uuidv7 } from 'uuidv7';
import { agoWords } from '#lib/duration-words.ts';
import { unawaited } from '#lib/unawaited.ts';
import { FOLDER_MAX_CHARS, TITLE_MAX_CHARS } from '#protocol/limits.ts';
import type { AgentInfo } from '#protocol/messages.ts';
import { CommandLine } from '../controls/command-line.tsx';
import { Icon } from '../controls/icons.tsx';
import { Problem } from '../controls/problem.tsx';
import { Sheet } from '../controls/sheet.tsx';
import type { HostClient } from '../host-client.ts';
import { useScreen } from '../screen-context.ts';
import { useSend } from '../use-send.ts';
import { statusWords } from '../words/status-words.ts';

const OTHER_FOLDER = '';

export type FolderChoice =
  | { readonly kind: 'chosen'; readonly folder: string }
  /** The person left the dialog. */
  | { readonly kind: 'left' }
  | { readonly kind: 'failed'; readonly text: string };

export interface NewSessionSheetProps {
  host: HostClient;
  /** Chosen at first; null: the first that is installed. */
  agent?: string | null;
  /** The system's own dialog for folders, where this device is the computer itself. */
  chooseFolder?: () => Promise<FolderChoice>;
  onClose: () => void;
}

export function NewSessionSheet({ host, agent: wished = null, chooseFolder, onClose }: NewSessionSheetProps) {
  const { openSession, now } = useScreen();
  const { send, isSending, problem } = useSend(host);
  const state = host.state.value;
  const installed = state?.agents.filter(({ isInstalled }) => isInstalled) ?? [];
  const missing = state?.agents.filter(({ isInstalled }) => !isInstalled) ?? [];
  const folders = (state?.folders ?? []).toSorted((a, b) => (b.lastUsedAt ?? 0) - (a.lastUsedAt ?? 0));
  const [chosenAgent, setAgent] = useState(wished);
  const [givenFolder, setFolder] = useState<string | null>(null);
  // Agents and folders may come after the sheet was opened.
  const agent = installed.find(({ id }) => id === chosenAgent)?.id ?? installed[0]?.id ?? null;
  const folder = givenFolder ?? folders[0]?.path ?? OTHER_FOLDER;
  const [typed, setTyped] = useState('');
  const [title, setTitle] = useState('');
  const chosenFolder = (folder === OTHER_FOLDER ? typed : folder).trim();
  const canStart = agent !== null && chosenFolder !== '' && !isSending;
  const isProven = statusWords(host.status.value, now.value).isProven;

  const start = (close: () => void) => {
    if (agent === null || !canStart) return;
    const session = uuidv7();
    const name = title.trim();
    send(
      host.send('session.new', session, { agent, folder: chosenFolder, ...(name === '' ? {} : { title: name }) }),
      () => {
        close();
        openSession(host, session);
      },
    );
  };

  return (
    <Sheet title="New session" onClose={onClose}>
      {(close) => (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            start(close);
          }}
        >
          <fieldset class="choices">
            <legend>Agent</legend>
            {installed.map((info) => (
              <label key={info.id} class="choice">
                <input type="radio" name="agent" checked={agent === info.id} onChange={() => setAgent(info.id)} />
                <span class="choice-name">{info.name}</span>
              </label>
            ))}
            {installed.length === 0 && (
              <p class="problem">
                No agent was found on {host.name.value}. Install one of these there, then come back.
              </p>
            )}
            {missing.length > 0 && (
              <details class="missing-agents" open={installed.length === 0}>
                <summary>
                  Not installed on {host.name.value} ({missing.length})
                </summary>
                {missing.map((info) => (
                  <MissingAgent key={info.id} info={info} />
                ))}
              </details>
            )}
          </fieldset>
          <fieldset class="choices">
            <legend>Folder</legend>
            {folders.map((info) => (
              <label key={info.path} class="choice">
                <input
                  type="radio"
                  name="folder"
                  checked={folder === info.path}
                  onChange={() => setFolder(info.path)}
                />
                <span class="choice-name">{info.name}</span>
                <span class="choice-detail code">{info.path}</span>
                {info.lastUsedAt !== null && <span class="choice-age">{agoWords(info.lastUsedAt, now.value)}</span>}
              </label>
            ))}
            <label class="choice">
              <input
                type="radio"
                name="folder"
                checked={folder === OTHER_FOLDER}
                onChange={() => setFolder(OTHER_FOLDER)}
              />
              <span class="choice-name">Another folder</span>
            </label>
            {chooseFolder && (
              <FolderDialog
                chooseFolder={chooseFolder}
                onChosen={(path) => {
                  setFolder(OTHER_FOLDER);
                  setTyped(path);
                }}
              />
            )}
            {folder === OTHER_FOLDER && (
              <label class="field">
                <span>Path on {host.name.value}</span>
                <input
                  type="text"
                  class="code"
                  value={typed}
                  maxLength={FOLDER_MAX_CHARS}
                  placeholder="/home/me/project"
                  autocapitalize="off"
                  autocomplete="off"
                  autocorrect="off"
                  spellcheck={false}
                  onInput={(event) => setTyped(event.currentTarget.value)}
                />
              </label>
            )}
          </fieldset>
          <label class="field">
            <span>
              Title <span class="optional">optional</span>
            </span>
            <input
              type="text"
              value={title}
              maxLength={TITLE_MAX_CHARS}
              autocomplete="off"
              placeholder="From your first prompt"
              onInput={(event) => setTitle(event.currentTarget.value)}
            />
          </label>
          <Problem text={problem} />
          {!isProven && <p class="answers-hint">Not connected: the session starts when {host.name.value} is back.</p>}
          <div class="actions">
            <button type="submit" class="button primary big" disabled={!canStart}>
              Start session
            </button>
          </div>
        </form>
      )}
    </Sheet>
  );
}

function MissingAgent({ info }: { info: AgentInfo }) {
  return (
    <div class="missing-agent">
      <p class="choice-name">{info.name}</p>
      {info.install === undefined ? (
        <p class="meta">Not found on the computer.</p>
      ) : (
        <CommandLine text={info.install} />
      )}
    </div>
  );
}

function FolderDialog({
  chooseFolder,
  onChosen,
}: {
  chooseFolder: () => Promise<FolderChoice>;
  onChosen: (folder: string) => void;
}) {
  const [isOpen, setIsOpen] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  return (
    <>
      <button
        type="button"
        class="button"
        disabled={isOpen}
        onClick={() => {
          setIsOpen(true);
          setProblem(null);
          const chosen = chooseFolder().then((choice) => {
            setIsOpen(false);
            if (choice.kind === 'chosen') onChosen(choice.folder);
            if (choice.kind === 'failed') setProblem(choice.text);
          });
          unawaited(chosen, 'choose a folder');
        }}
      >
        <Icon name="folder" size={18} />
        Choose a folder …
      </button>
      <Problem text={problem} />
    </>
  );
}
