/** The host of version 56aa5b1 in a terminal. What it prints and which keys it takes are those of that version. */
import { startTerminalHost, type TerminalHost } from '../terminal-host.ts';

/** What the host lets a device do, by the key that says so. */
export type AllowKey = 'a' | 's' | 'w';

/** `program`: as `unpackOldHost` gives it. */
export function startOldHost(
  program: string,
  args: readonly string[],
  environment: NodeJS.ProcessEnv = {},
): TerminalHost {
  return startTerminalHost(args, { BATON_DEMO_PACE_MS: '1', ...environment }, program);
}

/** Shows a pairing code, if none is on view yet. Resolves with its link. */
export async function showOldLink(host: TerminalHost, isFirst: boolean): Promise<string> {
  const from = isFirst ? 0 : host.output().length;
  if (!isFirst) host.press('p');
  return (await host.untilPrinted(/https?:\/\/\S+\/p#\S+/, from))[0];
}

/** Lets the device in that asks next, if it shows the digits that the host prints. `ask` resolves with the digits of the device. */
export async function allowOnOldHost(host: TerminalHost, key: AllowKey, ask: () => Promise<string>): Promise<void> {
  const from = host.output().length;
  const shown = await ask();
  const [, first, second] = await host.untilPrinted(/digits:\s+(\d{3}) (\d{3})/, from);
  if (`${first}${second}` !== shown) throw new Error(`The device shows ${shown}, the host ${first}${second}.`);
  host.press(key);
}

/** Revokes a device by its name. */
export async function revokeOnOldHost(host: TerminalHost, name: string): Promise<void> {
  const from = host.output().length;
  host.press('d');
  const [, number = ''] = await host.untilPrinted(new RegExp(`(\\d) {2}${name} ·`), from);
  await host.untilPrinted(/Press a number to revoke/, from);
  host.press(number);
  await host.untilPrinted(new RegExp(`Revoke “${name}”`), from);
  host.press('y');
  await host.untilPrinted(new RegExp(`“${name}” is revoked`), from);
}
