/** What a newcomer needs next, one card each, until done or dismissed. */
import type { ComponentChildren } from 'preact';
import type { Guide } from '#preload/contract.ts';
import { CommandLine } from '#ui/controls/command-line.tsx';
import { Icon, type IconName } from '#ui/controls/icons.tsx';
import { useApp } from '../app-context.ts';
import { CallWords } from '../controls/problem.tsx';
import { useCall } from '../use-call.ts';
import { openGuides } from './open-guides.ts';

const DEMO_AGENT = 'demo';
const GUIDE_ICONS: Readonly<Record<Guide, IconName>> = { agents: 'kind-execute', relay: 'kind-fetch', pair: 'phone' };

export function FirstGuides({ onTry }: { onTry: (agent: string) => void }) {
  const { host, slices, showPage, showSettings } = useApp();
  const agents = host.state.value?.agents ?? [];
  const refresh = useCall();
  const guides = openGuides({
    agents,
    relay: slices.link.value.relay,
    deviceCount: slices.devices.value.length,
    dismissed: slices.settings.value.dismissedGuides,
  });
  if (guides.length === 0) return null;
  const hasDemo = agents.some(({ id, isInstalled }) => id === DEMO_AGENT && isInstalled);
  return (
    <section class="guides" aria-label="First steps">
      {guides.includes('agents') && (
        <GuideCard guide="agents" title="Install an agent">
          <p>No coding agent was found on this computer. Install one in a terminal, then let Baton look again.</p>
          <dl class="installs">
            {agents
              .filter(({ id, install }) => id !== DEMO_AGENT && install !== undefined)
              .map(({ id, name, install }) => (
                <div key={id}>
                  <dt>{name}</dt>
                  <dd>
                    <CommandLine text={install ?? ''} />
                  </dd>
                </div>
              ))}
          </dl>
          <CallWords caller={refresh} />
          <div class="actions">
            <button
              type="button"
              class="button primary"
              disabled={refresh.isBusy}
              onClick={() => refresh.run('agents.refresh', null)}
            >
              {refresh.isBusy ? 'Looking …' : 'Look again'}
            </button>
            {hasDemo && (
              <button type="button" class="button" onClick={() => onTry(DEMO_AGENT)}>
                Try the demo agent
              </button>
            )}
          </div>
          <p class="meta">
            {hasDemo
              ? 'The demo agent comes with Baton: it uses no model and costs nothing.'
              : 'To look around without any agent, start Baton with --demo: its demo agent uses no model and costs nothing.'}
          </p>
        </GuideCard>
      )}
      {guides.includes('relay') && (
        <GuideCard guide="relay" title="Let phones reach this computer">
          <p>
            Phone and computer meet at a relay, which passes on encrypted data and can read none of it. Baton runs one
            by itself, but only for this computer. Two ways lead further:
          </p>
          <ul class="ways">
            <li>
              <strong>Keep it here.</strong> Give Baton’s own relay an https address in a private network such as
              Tailscale. No server is needed; the phone must be in that network.
            </li>
            <li>
              <strong>Run your own.</strong> A small server with a name. The phone needs nothing but its browser,
              anywhere.
            </li>
          </ul>
          <div class="actions">
            <button type="button" class="button primary" onClick={() => showSettings('relay')}>
              Choose a relay
            </button>
          </div>
        </GuideCard>
      )}
      {guides.includes('pair') && (
        <GuideCard guide="pair" title="Pair your phone">
          <p>Scan one code with its camera, compare six digits, and carry your sessions on from there.</p>
          <div class="actions">
            <button type="button" class="button primary" onClick={() => showPage('pair')}>
              Pair a phone
            </button>
          </div>
        </GuideCard>
      )}
    </section>
  );
}

function GuideCard({ guide, title, children }: { guide: Guide; title: string; children: ComponentChildren }) {
  const dismiss = useCall();
  return (
    <article class="guide" aria-labelledby={`guide-${guide}`}>
      <header class="guide-head">
        <h2 id={`guide-${guide}`}>
          <Icon name={GUIDE_ICONS[guide]} />
          {title}
        </h2>
        <button
          type="button"
          class="icon-button"
          aria-label={`Dismiss: ${title}`}
          title="Do not show this again"
          disabled={dismiss.isBusy}
          onClick={() => dismiss.run('settings.dismiss-guide', { guide })}
        >
          <Icon name="close" size={18} />
        </button>
      </header>
      {children}
      <CallWords caller={dismiss} />
    </article>
  );
}
