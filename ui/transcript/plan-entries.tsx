import type { PlanEntry } from '#protocol/events.ts';
import { StateShape } from '../controls/icons.tsx';

const WORDS = { pending: 'To do', in_progress: 'In progress', completed: 'Done' } as const;
const SHAPES = { pending: 'pending', in_progress: 'running', completed: 'done' } as const;

export function PlanEntries({ entries }: { entries: readonly PlanEntry[] }) {
  return (
    <ol class="plan-entries">
      {entries.map((entry, index) => (
        // A plan is replaced whole: an entry is known by its place.
        <li key={index} class={`plan-entry ${entry.state}`}>
          <StateShape state={SHAPES[entry.state]} />
          <span class="visually-hidden">{WORDS[entry.state]}: </span>
          <span dir="auto">{entry.text}</span>
          {entry.priority === 'high' && entry.state !== 'completed' && <span class="plan-priority">high</span>}
        </li>
      ))}
    </ol>
  );
}
