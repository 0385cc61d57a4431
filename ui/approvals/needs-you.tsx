/** Above the lists of sessions: what agents ask, of all of them, the oldest question first. */
import { StateShape } from '../controls/icons.tsx';
import type { HostClient } from '../host-client.ts';
import { useScreen } from '../screen-context.ts';
import type { ApprovalOrigin } from './approval-card.tsx';
import type { ApprovalItem } from './approval-list.ts';
import { QuestionList } from './question-list.tsx';

/** Questions of the session that is open beside the list are asked there, not twice. */
export function NeedsYou({ hosts, selected }: { hosts: readonly HostClient[]; selected: string | null }) {
  const { approvalsOf, now } = useScreen();
  const questions = hosts
    .flatMap((host) =>
      approvalsOf(host)
        .items(now)
        .map((item) => ({ host, item, origin: originOf(host, item, hosts.length > 1) })),
    )
    .filter(({ item }) => item.approval.session !== selected)
    .sort((a, b) => a.item.approval.askedAt - b.item.approval.askedAt);
  if (questions.length === 0) return null;
  const open = questions.filter(({ item }) => item.state.kind === 'open').length;
  return (
    <section class="needs-you" aria-labelledby="needs-you">
      <h2 id="needs-you" class="section-title">
        <StateShape state={open > 0 ? 'waiting' : 'done'} />
        Needs you
        {open > 1 && <span class="count">{open}</span>}
      </h2>
      <QuestionList questions={questions} />
    </section>
  );
}

function originOf(host: HostClient, { approval }: ApprovalItem, isHostNamed: boolean): ApprovalOrigin {
  const session = host.state.value?.sessions.find(({ id }) => id === approval.session);
  const agent = session?.agentName ?? 'Agent';
  return { agent: isHostNamed ? `${agent} on ${host.name.value}` : agent, title: session?.title ?? 'Session' };
}
