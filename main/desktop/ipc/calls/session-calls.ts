/** Sessions as the person at the computer commands them: by the same commands, with the same receipts, as from a phone. */
import { uuidv7 } from 'uuidv7';
import { THIS_COMPUTER } from '#main/host/access.ts';
import { AT_COMPUTER } from '#main/host/at-computer.ts';
import type { Host } from '#main/host/host.ts';
import type { Result } from '#preload/contract.ts';
import { type CommandBody, type CommandKind, isFinalReceipt, type Receipt } from '#protocol/commands.ts';
import { type CallHandlers, type FindHost, fail, succeed, withHost } from './call-handlers.ts';

type SessionChannel =
  | 'session.start'
  | 'session.end'
  | 'session.resume'
  | 'session.rename'
  | 'session.set-remote'
  | 'session.link'
  | 'approval.answer';

/** Gives the host a command of the person at the computer. */
export function command<Kind extends CommandKind>(
  host: Host,
  session: string,
  kind: Kind,
  body: CommandBody<Kind>,
  now: number,
): Result<null> {
  const receipt = host.supervisor.handleCommand(THIS_COMPUTER, { id: uuidv7(), session, kind, body, at: now });
  return isFailure(receipt) ? fail(receipt.reason ?? 'Baton refused it.') : succeed(null);
}

function isFailure({ state }: Receipt): boolean {
  return isFinalReceipt(state) && state !== 'applied';
}

export function createSessionCalls(options: {
  findHost: FindHost;
  phoneOrigin: () => string | null;
  now: () => number;
}): Pick<CallHandlers, SessionChannel> {
  const { findHost, phoneOrigin, now } = options;
  return {
    'session.start': ({ agent, folder, title }) =>
      withHost(findHost, (host) => {
        const session = uuidv7();
        const body = { agent, folder, ...(title !== null && { title }) };
        const begun = command(host, session, 'session.new', body, now());
        return begun.ok ? succeed({ session }) : begun;
      }),
    'session.end': ({ session }) => withHost(findHost, (host) => command(host, session, 'session.end', {}, now())),
    'session.resume': ({ session }) =>
      withHost(findHost, (host) => command(host, session, 'session.resume', {}, now())),
    'session.rename': ({ session, title }) =>
      withHost(findHost, (host) => command(host, session, 'session.rename', { title }, now())),
    'session.set-remote': ({ session, isRemote }) =>
      withHost(findHost, (host) =>
        host.supervisor.setSessionRemote(session, isRemote, AT_COMPUTER)
          ? succeed(null)
          : fail('This session is not known any more.'),
      ),
    'session.link': ({ session }) =>
      withHost(findHost, (host) => {
        const origin = phoneOrigin();
        if (origin === null || host.history.sessions.get(session) === null)
          return fail('This session is not known any more.');
        return succeed({ link: `${origin}/s/${encodeURIComponent(host.hostId)}/${encodeURIComponent(session)}` });
      }),
    'approval.answer': ({ session, approval, option }) =>
      withHost(findHost, (host) => command(host, session, 'answer', { approval, option }, now())),
  };
}
