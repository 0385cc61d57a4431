/** What only this computer does to a session: everything else, the window does as a client of the host. */
import { AT_COMPUTER } from '#main/host/at-computer.ts';
import { type CallHandlers, type FindHost, fail, succeed, withHost } from './call-handlers.ts';

type SessionChannel = 'session.set-remote' | 'session.link';

export function createSessionCalls(options: {
  findHost: FindHost;
  phoneOrigin: () => string | null;
}): Pick<CallHandlers, SessionChannel> {
  const { findHost, phoneOrigin } = options;
  return {
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
  };
}
