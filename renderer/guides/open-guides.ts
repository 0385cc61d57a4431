/** Which first steps are still ahead. Pure. */
import type { AgentInfo, Guide, RelayView } from '../../preload/contract.ts';

const DEMO_AGENT = 'demo';

/** In the order in which they are done. Pairing is of no use before a phone can reach the relay. */
export function openGuides(state: {
  readonly agents: readonly AgentInfo[];
  readonly relay: RelayView;
  readonly deviceCount: number;
  readonly dismissed: readonly Guide[];
}): readonly Guide[] {
  const hasAgent = state.agents.some(({ id, isInstalled }) => isInstalled && id !== DEMO_AGENT);
  const isReachable = state.relay.isReachableByPhones;
  const open: Guide[] = [];
  if (!hasAgent) open.push('agents');
  if (!isReachable && state.deviceCount === 0) open.push('relay');
  if ((isReachable || state.dismissed.includes('relay')) && state.deviceCount === 0) open.push('pair');
  return open.filter((guide) => !state.dismissed.includes(guide));
}
