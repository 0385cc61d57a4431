import { accessSync, constants, statSync } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';
import type { Actor } from '#protocol/events.ts';
import { QUEUED_PROMPTS_MAX, SESSIONS_MAX } from '#protocol/limits.ts';
import type { AgentInfo } from '#protocol/messages.ts';
import type { History } from '../history/history.ts';
import type { SessionRecord } from '../history/session-store.ts';
import { type CommandHandlers, type Plan, reject } from './command-inbox.ts';
import { hasConversation } from './resumable.ts';
import type { Session } from './session.ts';
import type { SessionJournal } from './session-journal.ts';
import { titleFromFolder } from './titles.ts';

const ENDED = 'This session has ended.';

export interface CommandContext {
  readonly history: History;
  readonly journal: SessionJournal;
  readonly findAgent: (id: string) => AgentInfo | null;
  /** The living side of a session that has not ended. */
  readonly session: (id: string) => Session;
  /** Whether the agent of a session that has ended is still on its way out. */
  readonly isLeaving: (id: string) => boolean;
}

/** The session, if commands can still be given in it; else why not. That it exists was decided by `access.ts`. */
export function openSession(
  journal: SessionJournal,
  id: string,
): { ok: true; record: SessionRecord } | { ok: false; plan: Plan } {
  const record = journal.record(id);
  if (record.state === 'ended') return { ok: false, plan: reject(ENDED) };
  return { ok: true, record };
}

export function queueRefusal(history: History, session: string): Plan | null {
  if (history.commands.countQueued(session) < QUEUED_PROMPTS_MAX) return null;
  return reject(`${QUEUED_PROMPTS_MAX} prompts wait in this session already.`);
}

type SessionKinds = 'session.new' | 'session.end' | 'session.resume' | 'session.rename' | 'mode.set' | 'cancel';

/** Commands that begin, end and change sessions. */
export function createSessionHandlers(context: CommandContext): Pick<CommandHandlers, SessionKinds> {
  const { history, journal, session } = context;
  return {
    'session.new'({ session: id, body }, by) {
      if (history.sessions.get(id)) return reject('A session with this id exists already.');
      const agent = findRunnable(context, body.agent, body.folder);
      if (!agent.ok) return agent.plan;
      const folder = resolve(body.folder);
      const given = body.title?.trim() ?? '';
      const title = given === '' ? titleFromFolder(folder) : given;
      const created = { agent: agent.info.id, agentName: agent.info.name, folder, title };
      return {
        kind: 'do',
        state: 'accepted',
        write() {
          history.sessions.add({ id, ...created, titleFrom: given === '' ? 'folder' : 'person', state: 'starting' });
          journal.append(id, { kind: 'session.created', body: { ...created, by } });
          history.audit.append({ by, action: 'session.new', session: id, detail: { agent: agent.info.id, folder } });
        },
        after: () => session(id).wake(),
      };
    },

    'session.end'({ id, session: target }, by) {
      if (journal.record(target).state === 'ended') return { kind: 'do', state: 'applied' };
      const live = session(target);
      return {
        kind: 'do',
        state: 'accepted',
        before: () => live.flush(),
        write() {
          journal.end(target, by, id);
          history.audit.append({ by, action: 'session.end', session: target, detail: {} });
        },
        after: () => live.end(id),
      };
    },

    'session.resume'({ session: target }, by) {
      const record = journal.record(target);
      const { state } = record;
      if (state === 'ended') return reopen(context, record, by);
      if (state === 'idle' || state === 'working' || state === 'waiting') return { kind: 'do', state: 'applied' };
      return { kind: 'do', state: 'accepted', after: () => session(target).wake() };
    },

    'session.rename'({ session: target, body }, by) {
      const title = body.title.replaceAll(/\s+/g, ' ').trim();
      if (title === '') return reject('A title must have at least one letter.');
      return { kind: 'do', state: 'applied', write: () => journal.retitle(target, title, 'person', by) };
    },

    'mode.set'({ id, session: target, body }, by) {
      const found = openSession(journal, target);
      if (!found.ok) return found.plan;
      const { state, modes } = found.record;
      if (state !== 'idle' && state !== 'working' && state !== 'waiting') {
        return reject('The agent is not running. Resume the session first.');
      }
      if (!modes.some((mode) => mode.id === body.mode)) return reject(`The agent has no mode "${body.mode}".`);
      return { kind: 'do', state: 'accepted', after: () => session(target).setMode(id, body.mode, by) };
    },

    cancel({ id, session: target, body }) {
      const found = openSession(journal, target);
      if (!found.ok) return found.plan;
      const { turn } = found.record;
      if (turn === null) return reject('Nothing is running in this session.');
      if (body.turn !== undefined && body.turn !== turn)
        return reject('What was to be stopped is over already; something else runs now.');
      return {
        kind: 'do',
        state: 'accepted',
        write: () => journal.endApprovals(target, { kind: 'turn-cancelled' }),
        after: () => session(target).cancel(id),
      };
    },
  };
}

/** An agent that can be started in this folder now; else why not. */
function findRunnable(
  { history, findAgent }: CommandContext,
  id: string,
  folder: string,
): { ok: true; info: AgentInfo } | { ok: false; plan: Plan } {
  const refuse = (reason: string) => ({ ok: false as const, plan: reject(reason) });
  if (history.sessions.countOpen() >= SESSIONS_MAX) {
    return refuse(`${SESSIONS_MAX} sessions are open; end one of them first.`);
  }
  const info = findAgent(id);
  if (!info) return refuse(`The agent "${id}" is not known on the computer.`);
  if (!info.isInstalled) {
    const install = info.install === undefined ? '' : ` To install it: ${info.install}`;
    return refuse(`${info.name} is not installed on the computer.${install}`);
  }
  const problem = folderProblem(folder);
  return problem === null ? { ok: true, info } : refuse(problem);
}

/** A session that has ended goes on where it was, if its agent can pick the conversation up. */
function reopen(context: CommandContext, record: SessionRecord, by: Actor): Plan {
  const { history, journal, session, isLeaving } = context;
  const { id, agent, agentName, folder } = record;
  if (!hasConversation(history, record)) {
    return reject(`This session has ended, and ${agentName} has nothing of it to pick up. Start a new one.`);
  }
  if (isLeaving(id)) return reject('The agent of this session is still being ended. Try again in a moment.');
  const found = findRunnable(context, agent, folder);
  if (!found.ok) return found.plan;
  return {
    kind: 'do',
    state: 'accepted',
    write() {
      journal.move(id, { kind: 'reopened' }, `${by.name} resumed the session.`);
      history.audit.append({ by, action: 'session.resume', session: id, detail: {} });
    },
    after: () => session(id).wake(),
  };
}

/** Why no session can be started in this folder; null if one can. */
function folderProblem(folder: string): string | null {
  if (!isAbsolute(folder)) return 'The folder must be given with its whole path.';
  try {
    if (!statSync(folder).isDirectory()) return `${folder} is not a folder.`;
    accessSync(folder, constants.R_OK | constants.X_OK);
    return null;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return `There is no folder ${folder} on the computer.`;
    return `The folder ${folder} cannot be read.`;
  }
}
