/** All computers: what needs an answer first, then every session. */
import type { HostConnection } from '#phone/core/contract.ts';
import { useApp } from '../app-context.ts';
import { ApprovalCard } from '../approvals/approval-card.tsx';
import type { DeskItem } from '../approvals/approval-desk.ts';
import { Icon, Logo, StateShape } from '../icons.tsx';
import { formatPath } from '../router.ts';
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

/** Questions of the session that is open beside the list are asked there, not twice. */
function NeedsYou({ hosts, selected }: { hosts: readonly HostConnection[]; selected: string | null }) {
  const { desk, now } = useApp();
  const items = hosts
    .flatMap((host) =>
      desk(host)
        .items(now)
        .map((item) => ({ host, item })),
    )
    .filter(({ item }) => item.approval.session !== selected)
    .sort((a, b) => a.item.approval.askedAt - b.item.approval.askedAt);
  if (items.length === 0) return null;
  const open = items.filter(({ item }) => item.state.kind === 'open').length;
  return (
    <section class="needs-you" aria-labelledby="needs-you">
      <h2 id="needs-you" class="section-title">
        <StateShape state={open > 0 ? 'waiting' : 'done'} />
        Needs you
        {open > 1 && <span class="count">{open}</span>}
      </h2>
      {items.map(({ host, item }) => (
        <ApprovalCard
          key={`${host.hostId}:${item.approval.approval}`}
          host={host}
          item={item}
          origin={origin(host, item, hosts.length > 1)}
        />
      ))}
    </section>
  );
}

function origin(host: HostConnection, { approval }: DeskItem, isHostNamed: boolean) {
  const session = host.state.value?.sessions.find(({ id }) => id === approval.session);
  const agent = session?.agentName ?? 'Agent';
  return {
    agent: isHostNamed ? `${agent} on ${host.name.value}` : agent,
    session: session?.title ?? 'Session',
    href: formatPath({ kind: 'session', hostId: host.hostId, sessionId: approval.session }),
  };
}
