import type { PlanEntry } from '#protocol/events.ts';
import { Icon } from '../icons.tsx';
import { PlanEntries } from '../transcript/plan-entries.tsx';

/** The plan of the running turn in one line; all of it on request. */
export function PlanBar({ entries }: { entries: readonly PlanEntry[] }) {
  const done = entries.filter(({ state }) => state === 'completed').length;
  const current =
    entries.find(({ state }) => state === 'in_progress') ?? entries.find(({ state }) => state === 'pending');
  return (
    <details class="plan-bar">
      <summary>
        <span class="plan-count">
          Plan {done}/{entries.length}
        </span>
        <span class="plan-current">{current?.text ?? 'All done'}</span>
        <Icon name="chevron" size={16} />
      </summary>
      <progress class="visually-hidden" max={entries.length} value={done} aria-label="Plan" />
      <PlanEntries entries={entries} />
    </details>
  );
}
