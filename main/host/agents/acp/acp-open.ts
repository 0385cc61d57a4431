/** Opens a conversation with an agent process that has just been started. */

import { PROTOCOL_VERSION as ACP_VERSION, type ClientConnection, client, methods } from '@agentclientprotocol/sdk';
import { uuidv7 } from 'uuidv7';
import type { Log } from '#lib/log.ts';
import { unawaited } from '#lib/unawaited.ts';
import { type AgentProcess, AgentStartError } from '#main/process/agent-process.ts';
import type { AgentConversation, AgentEvents } from '../agent.ts';
import { AcpConversation, CANCEL_DEADLINE_MS } from './acp-conversation.ts';
import { type AgentWords, errorText, exitWords, isUnknownSession, startFailure } from './acp-errors.ts';
import type { AcpParts, AcpSession } from './acp-parts.ts';
import { Permissions } from './acp-permissions.ts';
import {
  type AcpInitializeResult,
  type AcpSessionResult,
  acpInitializeResult,
  acpSessionResult,
} from './acp-schemas.ts';
import { UpdateReducer } from './acp-updates.ts';
import { AcpStreamError, AcpWire } from './acp-wire.ts';

/** From the start of the process to its answer to `initialize`; a cold start of a large agent takes several seconds. */
export const INITIALIZE_DEADLINE_MS = 60_000;
/** For `session/new`. */
export const NEW_SESSION_DEADLINE_MS = 60_000;
/** For `session/load` and `session/resume`, which may replay a long history. */
export const LOAD_SESSION_DEADLINE_MS = 180_000;

/** Lines of one agent that are no protocol and are logged all the same. */
export const GARBAGE_LOGGED_MAX = 20;

export interface AcpDeadlines {
  readonly initializeMs: number;
  readonly newSessionMs: number;
  readonly loadSessionMs: number;
  readonly cancelMs: number;
}

export const ACP_DEADLINES: AcpDeadlines = {
  initializeMs: INITIALIZE_DEADLINE_MS,
  newSessionMs: NEW_SESSION_DEADLINE_MS,
  loadSessionMs: LOAD_SESSION_DEADLINE_MS,
  cancelMs: CANCEL_DEADLINE_MS,
};

export interface OpenAcp {
  readonly agent: AgentProcess;
  readonly words: AgentWords;
  readonly folder: string;
  /** The conversation to pick up again; absent: a new one. */
  readonly agentSession?: string | undefined;
  /** The first of these modes that the agent offers is set. */
  readonly modes: readonly string[];
  readonly events: AgentEvents;
  readonly signal?: AbortSignal | undefined;
  readonly log: Log;
  /** Baton's version, told to the agent. */
  readonly version: string;
  readonly deadlines?: AcpDeadlines;
  /** See `AgentConversation.notice`. */
  readonly notice?: string | null;
}

/** Silent until its `begin`. Rejects with `AgentStartError`, and then the agent is ended. */
export async function openAcpConversation(options: OpenAcp): Promise<AgentConversation> {
  const { agent, words, deadlines = ACP_DEADLINES } = options;
  const { conversation, wire } = assemble(options);
  const connection = client({ name: 'baton' }).connect(wire.stream);
  wire.begin();
  const giveUp = () => unawaited(agent.stop(), 'end an agent that did not start in time', options.log);
  options.signal?.addEventListener('abort', giveUp, { once: true });
  try {
    if (options.signal?.aborted) giveUp();
    options.events.onProcess?.({ pid: agent.pid, startTime: agent.startTime });
    const initialized = await initialize(connection, options, deadlines.initializeMs);
    const { session, result } = await openSession(connection, options, deadlines, initialized);
    conversation.start({ ...session, wire });
    await conversation.settleModes(result, options.modes);
    if (connection.signal.aborted) throw connection.signal.reason;
    return conversation;
  } catch (error) {
    const isLost = connection.signal.aborted;
    const fault: unknown = connection.signal.reason;
    await agent.stop();
    connection.close();
    const exit = await agent.exited;
    agent.kept?.forget();
    const cause = isLost ? new Error(fault instanceof AcpStreamError ? fault.message : `it ${exitWords(exit)}`) : error;
    throw startFailure(words, 'could not be started', cause, agent.stderrTail());
  } finally {
    options.signal?.removeEventListener('abort', giveUp);
  }
}

/** Puts a conversation together with the wire that brings it what the agent says. */
export function assemble(
  options: Pick<OpenAcp, 'agent' | 'words' | 'agentSession' | 'events' | 'log' | 'deadlines' | 'notice'>,
): { conversation: AcpConversation; wire: AcpWire; parts: AcpParts } {
  const { agent, words, agentSession, events, log, deadlines = ACP_DEADLINES, notice = null } = options;
  const permissions = new Permissions((id, answer, mark) => wire.answer(id, answer, mark));
  const parts: AcpParts = {
    agent,
    agentName: words.name,
    folder: new UpdateReducer(uuidv7),
    permissions,
    events,
    log,
    cancelDeadlineMs: deadlines.cancelMs,
    notice,
  };
  const conversation = new AcpConversation(parts, agentSession);
  const { output, outlet } = conversation;
  const wire: AcpWire = new AcpWire(agent, {
    onOutput: (take) => {
      outlet.tellTogether(take);
      // A host that dies while it is silent begins this conversation again, and reads nothing of this a second time.
      if (outlet.kind === 'silent') agent.kept?.acknowledge(wire.position);
    },
    onUpdate: (params, place) => output.handleUpdate(params, place),
    onQuestion: (id, params, place) => output.handleQuestion(id, params, place),
    onWithdrawn: (id) => permissions.withdraw(id),
    onPromptAnswer: (command, answer) => conversation.handlePromptAnswer(command, answer),
    onGarbage: logGarbage(words.name, log),
  });
  return { conversation, wire, parts };
}

/** Says what the agent prints besides the protocol, until it has said enough. */
function logGarbage(name: string, log: Log): (line: string) => void {
  let count = 0;
  return (line) => {
    count += 1;
    if (count <= GARBAGE_LOGGED_MAX) log.warn(`${name} printed a line that is not part of the protocol: ${line}`);
    if (count === GARBAGE_LOGGED_MAX) log.warn(`${name} prints more such lines; they are not logged.`);
  };
}

async function initialize(
  connection: ClientConnection,
  options: OpenAcp,
  deadlineMs: number,
): Promise<AcpInitializeResult> {
  const answer = await ask(connection, methods.agent.initialize, deadlineMs, {
    protocolVersion: ACP_VERSION,
    clientInfo: { name: 'baton', title: 'Baton', version: options.version },
    clientCapabilities: { fs: { readTextFile: false, writeTextFile: false }, terminal: false },
  });
  const result = acpInitializeResult.parse(answer);
  if (result.protocolVersion !== ACP_VERSION) {
    throw new AgentStartError(
      `${options.words.name} speaks version ${result.protocolVersion} of the Agent Client Protocol; Baton speaks version ${ACP_VERSION}.`,
      result.protocolVersion > ACP_VERSION ? 'Update Baton.' : `Update ${options.words.name}.`,
    );
  }
  return result;
}

async function openSession(
  connection: ClientConnection,
  options: OpenAcp,
  deadlines: AcpDeadlines,
  initialized: AcpInitializeResult,
): Promise<{ session: Omit<AcpSession, 'wire'>; result: AcpSessionResult }> {
  const { agentSession, words } = options;
  const place = { cwd: options.folder, mcpServers: [] };
  const capabilities = initialized.agentCapabilities;
  const canResumeWithoutReplay = capabilities?.sessionCapabilities?.resume !== undefined;
  const canLoad = capabilities?.loadSession === true;
  const known = { connection, version: initialized.agentInfo?.version, canResume: canResumeWithoutReplay || canLoad };
  if (agentSession === undefined) {
    const result = acpSessionResult.parse(
      await ask(connection, methods.agent.session.new, deadlines.newSessionMs, place),
    );
    if (!result.sessionId) throw new Error('it made a session without an id');
    return { session: { ...known, id: result.sessionId, how: 'new' }, result };
  }
  if (!known.canResume) {
    throw new AgentStartError(`${words.name} cannot continue an earlier conversation.`, 'Start a new session.');
  }
  const method = canResumeWithoutReplay ? methods.agent.session.resume : methods.agent.session.load;
  try {
    const answer = await ask(connection, method, deadlines.loadSessionMs, { sessionId: agentSession, ...place });
    const how = canResumeWithoutReplay ? ('resumed' as const) : ('loaded' as const);
    return { session: { ...known, id: agentSession, how }, result: acpSessionResult.parse(answer ?? {}) };
  } catch (error) {
    if (!isUnknownSession(error)) throw error;
    const said = `${words.name} could not continue this conversation: ${errorText(error)}`;
    throw new AgentStartError(said, 'Start a new session; this one can still be read.', { cause: error });
  }
}

/** A request that is withdrawn, and fails, when its deadline passes. */
async function ask(
  connection: ClientConnection,
  method: string,
  deadlineMs: number,
  params: unknown,
): Promise<unknown> {
  const signal = AbortSignal.timeout(deadlineMs);
  try {
    return await connection.agent.request<unknown>(method, params, {
      cancellationSignal: signal,
      stopWaitingOnCancel: true,
    });
  } catch (error) {
    if (!signal.aborted) throw error;
    throw new Error(`it did not answer "${method}" within ${Math.round(deadlineMs / 1000)} s`, { cause: error });
  }
}
