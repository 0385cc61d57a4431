import type { Clock } from '#lib/clock.ts';
import type { Log } from '#lib/log.ts';
import type { AgentStarter } from '../agents/agent.ts';
import type { History } from '../history/history.ts';
import type { Approvals } from './approvals.ts';
import type { SessionJournal } from './session-journal.ts';
import type { OpenText } from './streams.ts';
import type { Writer } from './writer.ts';

/** What all sessions of a host share. */
export interface SessionContext {
  readonly history: History;
  readonly journal: SessionJournal;
  readonly writer: Writer;
  readonly approvals: Approvals;
  readonly starter: AgentStarter;
  readonly clock: Clock;
  readonly log: Log;
  readonly emitStream: (session: string, text: OpenText) => void;
  /** The session is over and its agent is gone. */
  readonly onOver: (session: string) => void;
}
