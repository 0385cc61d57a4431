/** A link to a ManualHost, and what it told the test. */
import { HostLink } from '#phone/core/host-link.ts';
import type { FromHost } from '#protocol/messages.ts';
import { ManualEnvironment, until } from './manual-environment.ts';
import type { Behaviour, ManualPair } from './manual-host.ts';

export function startLink(pair: ManualPair, behaviour?: Partial<Behaviour>) {
  const environment = new ManualEnvironment();
  const host = pair.serve(environment, behaviour);
  const heard: FromHost[] = [];
  let drops = 0;
  const link = new HostLink({
    environment,
    identity: pair.identity,
    build: 'test',
    bye: null,
    isHeldElsewhere: false,
    onOpened: () => {},
    onMessage: (message) => {
      heard.push(message);
      if (message.type === 'bye') link.handleBye({ reason: message.reason, at: message.at });
    },
    onProof: () => {},
    onDropped: () => {
      drops += 1;
    },
  });
  const kind = () => link.status.value.kind;
  return { environment, host, heard, link, kind, drops: () => drops };
}

export async function startConnectedLink(pair: ManualPair, behaviour?: Partial<Behaviour>) {
  const started = startLink(pair, behaviour);
  await until('connected', () => started.kind() === 'connected');
  return started;
}
