import { useState } from 'preact/hooks';
import { Sheet } from '#ui/controls/sheet.tsx';
import { useApp } from '../app-context.ts';
import { CallWords } from '../controls/problem.tsx';
import { useCall } from '../use-call.ts';
import { agentId, splitCommand } from '../words/agent-draft.ts';
import { OutsideLink } from './relay-section.tsx';

const NAME_MAX_CHARS = 80;

export function AddAgentSheet({ onClose }: { onClose: () => void }) {
  const { host } = useApp();
  const [name, setName] = useState('');
  const [command, setCommand] = useState('');
  const [error, setError] = useState<string | null>(null);
  const add = useCall();
  return (
    <Sheet title="Add an agent" onClose={onClose}>
      {(close) => (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            const words = splitCommand(command);
            if (!words.ok) return setError(words.error);
            setError(null);
            const [program = '', ...args] = words.value;
            const taken = (host.state.value?.agents ?? []).map(({ id }) => id);
            const agent = { id: agentId(name, taken), name: name.trim(), command: program, args };
            add.run('agent.add', agent, close);
          }}
        >
          <p class="sheet-words">
            Any program that speaks the Agent Client Protocol on its standard input and output.{' '}
            <OutsideLink page="agent-client-protocol">About the protocol</OutsideLink>
          </p>
          <label class="field">
            <span>Name</span>
            <input
              type="text"
              value={name}
              autofocus
              maxLength={NAME_MAX_CHARS}
              placeholder="My agent"
              autocomplete="off"
              onInput={(event) => setName(event.currentTarget.value)}
            />
          </label>
          <label class="field">
            <span>Command</span>
            <input
              type="text"
              class="code"
              value={command}
              placeholder="my-agent --acp"
              autocomplete="off"
              spellcheck={false}
              aria-describedby="command-words"
              onInput={(event) => setCommand(event.currentTarget.value)}
            />
          </label>
          <p class="meta" id="command-words">
            Its program, found by your login shell’s PATH or given with its whole path, and its arguments. Quotes hold
            words together. No shell runs it.
          </p>
          {error !== null && (
            <p class="problem" role="alert">
              {error}
            </p>
          )}
          <CallWords caller={add} />
          <div class="actions end">
            <button type="button" class="button" onClick={close}>
              Cancel
            </button>
            <button
              type="submit"
              class="button primary"
              disabled={name.trim() === '' || command.trim() === '' || add.isBusy}
            >
              Add
            </button>
          </div>
        </form>
      )}
    </Sheet>
  );
}
