/** Which relay Baton uses, and that it is there: the one the person chose, or one of our own. */
import { join } from 'node:path';
import type { Log } from '#lib/log.ts';
import { parseRelayOrigin } from '#protocol/relay-auth.ts';
import type { Settings } from '../host/settings.ts';
import { startEmbeddedRelay } from './embedded-relay.ts';

export interface OpenRelayOptions {
  readonly settings: Settings;
  /** In place of the one in the settings; null: our own. */
  readonly address?: string | null | undefined;
  /** Of our own; by default the one in the settings. */
  readonly port?: number | undefined;
  readonly dataFolder: string;
  readonly phoneFolder: string | null;
  readonly log: Log;
}

/** `relayOrigin`: what the host dials. `phoneOrigin`: where phones find the relay and its page. */
export type OpenedRelay =
  | { kind: 'ready'; relayOrigin: string; phoneOrigin: string; isOwn: boolean; stop(): Promise<void> }
  | { kind: 'refused'; text: string };

/**
 * Starts our own relay, or names the other one without dialling it. Our own has one port and one file: the previous one must have
 * stopped before another is opened on the same data folder.
 */
export async function openRelay(options: OpenRelayOptions): Promise<OpenedRelay> {
  const { settings, dataFolder, phoneFolder, log } = options;
  const settingsFile = join(dataFolder, 'settings.json');
  const address = options.address === undefined ? settings.relay : options.address;
  if (address !== null) {
    const origin = parseRelayOrigin(address);
    if (origin !== null) {
      return { kind: 'ready', relayOrigin: origin, phoneOrigin: origin, isOwn: false, stop: () => Promise.resolve() };
    }
    const where = options.address === undefined ? `"relay" in ${settingsFile} is ` : '';
    return refuse(
      `${where}"${address}"${where === '' ? ' is' : ', which is'} not the address of a relay. ${RELAY_LIKE}`,
    );
  }
  const { relayPublicUrl } = settings;
  const publicOrigin = relayPublicUrl === null ? null : parseRelayOrigin(relayPublicUrl);
  if (relayPublicUrl !== null && publicOrigin === null) {
    return refuse(
      `"relayPublicUrl" in ${settingsFile} is "${relayPublicUrl}", which is no https address. It looks like https://computer.example.`,
    );
  }
  const port = options.port ?? settings.relayPort;
  const started = await startEmbeddedRelay({ port, publicOrigin, dataFolder, phoneFolder, log });
  if (started.kind === 'refused') return started;
  const { origin, origins, stop } = started;
  const phoneOrigin = publicOrigin !== null && origins.includes(publicOrigin) ? publicOrigin : origin;
  return { kind: 'ready', relayOrigin: origin, phoneOrigin, isOwn: true, stop };
}

const RELAY_LIKE = 'It looks like https://relay.example.';

function refuse(text: string): OpenedRelay {
  return { kind: 'refused', text };
}
