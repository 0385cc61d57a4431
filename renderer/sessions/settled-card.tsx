/** A question that nobody needs to answer any more: how far its answer has come, or how it ended. */
import { StateShape } from '#phone/screens/icons.tsx';
import type { SessionView, SettledApproval } from '#preload/contract.ts';

export function SettledCard({ settled, session }: { settled: SettledApproval; session: SessionView | undefined }) {
  const headingId = `settled-${settled.approval}`;
  return (
    <article class="approval approval-settled" aria-labelledby={headingId}>
      <header class="approval-head">
        <StateShape state={settled.tone === 'bad' ? 'failed' : settled.tone === 'good' ? 'done' : 'ended'} />
        <div class="approval-title">
          <h3 id={headingId}>{settled.title}</h3>
          {session && <p class="meta">{`${session.title} · ${session.agentName}`}</p>}
        </div>
      </header>
      <p class={`approval-outcome ${settled.tone === 'bad' ? 'tone-bad' : ''}`} role="status">
        {settled.text}
      </p>
    </article>
  );
}
