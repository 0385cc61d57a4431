/** What one kind of client can reach of the host: the sessions it may see, their history, and the inbox for its commands. */
import type { Receipt, WireCommand } from '#protocol/commands.ts';
import type { Client } from '../access.ts';
import type { History } from '../history/history.ts';
import type { StateSource } from '../remote/state-feed.ts';
import type { SyncSource } from '../remote/sync.ts';
import type { StreamingText, Supervisor } from '../sessions/supervisor.ts';

export interface HostApi extends SyncSource, StateSource {
  readonly hostName: string;
  readonly build: string;
  streaming(session: string): readonly StreamingText[];
  blob(session: string, blob: string): string | null;
  /** Executes a command at most once and answers its receipt. */
  handleCommand(from: Client, command: WireCommand): Receipt;
  /** Whether there is a receipt of this command on disk. */
  isStored(command: string): boolean;
}

export function createHostApi(options: {
  history: History;
  supervisor: Supervisor;
  hostName: string;
  /** Names the build of the phone's page that belongs to this host. */
  build: string;
  state: HostApi['state'];
  isVisible: HostApi['isVisible'];
}): HostApi {
  const { history, supervisor, hostName, build, state, isVisible } = options;
  const { events, epoch } = history;
  return {
    ...{ hostName, build, epoch, state, isVisible },
    handleCommand: (from, command) => supervisor.handleCommand(from, command),
    isDeleted: (session) => history.deletion.isDeleted(session),
    last: (session) => events.last(session),
    storedAfter: (session, seq, limit) => events.storedAfter(session, seq, limit),
    storedBefore: (session, seq, limit) => events.storedBefore(session, seq, limit),
    blob: (session, blob) => events.blob(session, blob),
    streaming: (session) => supervisor.streaming(session),
    isStored: (command) => history.commands.get(command) !== null,
  };
}
