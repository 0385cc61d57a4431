/** Prompts of this device that the log does not show yet, or never will. Pure. */
import type { OutboxEntry, OutboxState } from '../host-client.ts';
import type { PromptRow } from './rows.ts';

/**
 * Rows for the prompts of one session that are in the outbox and not in the log. `lastEventAt`: the newest event that is
 * loaded; a prompt the agent already has and that is older than it stands further up, on a page that is not loaded.
 */
export function outboxPromptRows(
  outbox: readonly OutboxEntry[],
  session: string,
  known: ReadonlySet<string>,
  lastEventAt: number,
): readonly PromptRow[] {
  return outbox.flatMap((entry): PromptRow[] => {
    if (entry.kind !== 'prompt' || entry.session !== session || known.has(entry.id) || !('text' in entry.body))
      return [];
    if (isWithAgent(entry.state) && entry.at < lastEventAt) return [];
    return [
      {
        kind: 'prompt',
        key: `prompt:${entry.id}`,
        at: entry.at,
        command: entry.id,
        text: entry.body.text,
        by: null,
        isNote: false,
        receipt: entry.state,
        reason: entry.reason,
        isWithdrawn: false,
        decision: null,
      },
    ];
  });
}

function isWithAgent(state: OutboxState): boolean {
  return state === 'dispatched' || state === 'applied' || state === 'uncertain' || state === 'answered-elsewhere';
}
