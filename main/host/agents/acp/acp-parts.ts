/** What a conversation with an ACP agent is made of, and what of it outlives the host. */

import type { ClientConnection } from '@agentclientprotocol/sdk';
import type { Log } from '#lib/log.ts';
import type { AgentProcess } from '#main/process/agent-process.ts';
import type { AgentEvents } from '../agent.ts';
import type { Permissions, UnansweredQuestion } from './acp-permissions.ts';
import type { TextBegin, UpdateReducer } from './acp-updates.ts';
import type { AcpWire, RequestId } from './acp-wire.ts';

/** What `assemble` in `acp-open` has put together. */
export interface AcpParts {
  readonly agent: AgentProcess;
  readonly agentName: string;
  readonly folder: UpdateReducer;
  readonly permissions: Permissions;
  readonly events: AgentEvents;
  readonly log: Log;
  readonly cancelDeadlineMs: number;
  readonly notice: string | null;
}

/** What became known while it was opened. */
export interface AcpSession {
  readonly connection: ClientConnection;
  readonly wire: AcpWire;
  readonly id: string;
  readonly how: 'new' | 'loaded' | 'resumed';
  readonly version: string | undefined;
  readonly canResume: boolean;
}

/** Output that a previous host has read already, but for a text that it left unfinished. */
export interface ReadBefore {
  readonly until: number;
  readonly begin: TextBegin;
}

/** What of `AgentPosition.state` is not the folder's. */
export interface SavedRest {
  readonly isReplaying: boolean;
  /** Characters of the update at `readFrom` that belong to a text that is told already. */
  readonly skip: number;
  readonly questions: readonly UnansweredQuestion[];
  readonly refused: readonly RequestId[];
}
