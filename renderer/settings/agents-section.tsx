import { useState } from 'preact/hooks';
import type { CustomAgentView } from '#preload/contract.ts';
import { CommandLine } from '#ui/controls/command-line.tsx';
import { Icon } from '#ui/controls/icons.tsx';
import { useApp } from '../app-context.ts';
import { ConfirmSheet } from '../controls/confirm-sheet.tsx';
import { CallWords } from '../controls/problem.tsx';
import { Section } from '../controls/section.tsx';
import { useCall } from '../use-call.ts';
import { joinCommand } from '../words/agent-draft.ts';
import { AddAgentSheet } from './add-agent-sheet.tsx';

/** Listed before any other was looked for. */
const DEMO_AGENT = 'demo';

export function AgentsSection() {
  const { host, slices } = useApp();
  const agents = host.state.value?.agents ?? [];
  const { customAgents } = slices.settings.value;
  const [isAdding, setIsAdding] = useState(false);
  const [removing, setRemoving] = useState<CustomAgentView | null>(null);
  const refresh = useCall();
  const found = agents.toSorted((a, b) => Number(b.isInstalled) - Number(a.isInstalled));
  return (
    <Section
      title="Agents"
      id="agents"
      meta={
        <button
          type="button"
          class="button small"
          disabled={refresh.isBusy}
          onClick={() => refresh.run('agents.refresh', null)}
        >
          {refresh.isBusy ? 'Looking …' : 'Look again'}
        </button>
      }
    >
      <CallWords caller={refresh} slow="Still asking your login shell …" />
      <ul class="agents">
        {found.map(({ id, name, isInstalled, install }) => {
          const own = customAgents.find((agent) => agent.id === id);
          return (
            <li key={id} class="agent">
              <span class={`agent-mark ${isInstalled ? 'tone-good' : 'tone-quiet'}`}>
                <Icon name={isInstalled ? 'check' : 'close'} size={18} />
              </span>
              <div class="agent-words">
                <p class="setting-name">{name}</p>
                {own && <p class="meta code">{joinCommand(own.command, own.args)}</p>}
                {!isInstalled && (
                  <p class="meta">
                    {install === undefined ? 'Its command was not found.' : 'Not installed. To install it:'}
                  </p>
                )}
                {!isInstalled && install !== undefined && <CommandLine text={install} />}
              </div>
              {own && (
                <button
                  type="button"
                  class="icon-button"
                  aria-label={`Remove ${name}`}
                  title={`Remove ${name}`}
                  onClick={() => setRemoving(own)}
                >
                  <Icon name="kind-delete" />
                </button>
              )}
            </li>
          );
        })}
      </ul>
      {agents.every(({ id }) => id === DEMO_AGENT) && <p class="meta">Still looking for agents …</p>}
      <div class="actions">
        <button type="button" class="button" onClick={() => setIsAdding(true)}>
          <Icon name="plus" size={18} />
          Add an agent of your own
        </button>
      </div>
      {isAdding && <AddAgentSheet onClose={() => setIsAdding(false)} />}
      {removing && <RemoveAgent agent={removing} onClose={() => setRemoving(null)} />}
    </Section>
  );
}

function RemoveAgent({ agent, onClose }: { agent: CustomAgentView; onClose: () => void }) {
  const remove = useCall();
  return (
    <ConfirmSheet
      title={`Remove ${agent.name}?`}
      action="Remove"
      caller={remove}
      onClose={onClose}
      onConfirm={(close) => remove.run('agent.remove', { id: agent.id }, close)}
    >
      <p>No new session can be started with it. Its program stays on this computer, and its sessions stay readable.</p>
    </ConfirmSheet>
  );
}
