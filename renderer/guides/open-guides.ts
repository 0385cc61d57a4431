/** Which first steps are still ahead. Pure. */
import type { Guide, RelayView } from '#preload/contract.ts';
import type { AgentInfo } from '#protocol/messages.ts';

const DEMO_AGENT = 'demo';

/** In the order in which they are done. Pairing is of no use before a phone can reach the relay. */
export function openGuides(state: {
  readonly agents: readonly AgentInfo[];
  readonly relay: RelayView;
  readonly deviceCount: number;
  readonly dismissed: readonly Guide[];
}): readonly Guide[] {
  // Baton starts: nothing is known yet, so nothing is missing.
  if (state.relay.origin === '') return [];
  const agents = state.agents.filter(({ id }) => id !== DEMO_AGENT);
  const hasAgent = agents.some(({ isInstalled }) => isInstalled);
  const isReachable = state.relay.isReachableByPhones;
  const open: Guide[] = [];
  // Until the first look has ended, none is listed, not even as missing.
  if (!hasAgent && agents.length > 0) open.push('agents');
  if (!isReachable && state.deviceCount === 0) open.push('relay');
  if ((isReachable || state.dismissed.includes('relay')) && state.deviceCount === 0) open.push('pair');
  return open.filter((guide) => !state.dismissed.includes(guide));
}
