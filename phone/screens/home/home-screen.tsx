/** All computers: what needs an answer first, then every session. */
import { NeedsYou } from '#ui/approvals/needs-you.tsx';
import { Icon, Logo } from '#ui/controls/icons.tsx';
import { useApp } from '../app-context.ts';
import { HostSection } from './host-section.tsx';

export function HomeScreen({ selected }: { selected: string | null }) {
  const { baton, router } = useApp();
  const hosts = baton.hosts.value;
  const isSingle = hosts.length === 1;
  return (
    <div class="home">
      <header class="home-head">
        <Logo size={30} />
        <p class="brand">Baton</p>
        <button
          type="button"
          class="icon-button"
          aria-label="Pair another computer"
          title="Pair another computer"
          onClick={() => router.navigate({ kind: 'pairing' })}
        >
          <Icon name="laptop" />
          <Icon name="plus" size={14} />
        </button>
      </header>
      {!isSingle && <NeedsYou hosts={hosts} selected={selected} />}
      {hosts.map((host) => (
        <HostSection key={host.hostId} host={host} selected={selected}>
          {isSingle ? <NeedsYou hosts={hosts} selected={selected} /> : null}
        </HostSection>
      ))}
      <footer class="home-foot">
        <span>
          Page build <span class="code">{baton.build}</span>
        </span>
      </footer>
    </div>
  );
}
