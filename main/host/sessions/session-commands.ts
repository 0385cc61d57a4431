import { accessSync, constants, statSync } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';
import { QUEUED_PROMPTS_MAX, SESSIONS_MAX } from '#protocol/limits.ts';
import type { AgentInfo } from '#protocol/messages.ts';
import type { History } from '../history/history.ts';
import type { SessionRecord } from '../history/session-store.ts';
import { type CommandHandlers, type Plan, reject } from './command-desk.ts';
import type { Session } from './session.ts';
import type { SessionJournal } from './session-journal.ts';
import { titleFromFolder } from './titles.ts';

const UNKNOWN_SESSION = 'This session is not known on the computer.';
const ENDED = 'This session has ended.';

export interface CommandContext {
  readonly history: History;
  readonly journal: SessionJournal;
  readonly findAgent: (id: string) => AgentInfo | null;
  /** The living side of a session that has not ended. */
  readonly session: (id: string) => Session;
}

/** The session, if commands can still be given in it; else why not. */
export function openSession(
  history: History,
  id: string,
): { ok: true; record: SessionRecord } | { ok: false; plan: Plan } {
  const record = history.sessions.get(id);
  if (!record) return { ok: false, plan: reject(UNKNOWN_SESSION) };
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
  const { history, journal, findAgent, session } = context;
  return {
    'session.new'({ session: id, body }, by) {
      if (history.sessions.get(id)) return reject('A session with this id exists already.');
      if (history.deletion.isDeleted(id)) return reject('This session was deleted on the computer.');
      if (history.sessions.countOpen() >= SESSIONS_MAX) {
        return reject(`${SESSIONS_MAX} sessions are open; end one of them first.`);
      }
      const agent = findAgent(body.agent);
      if (!agent) return reject(`The agent "${body.agent}" is not known on the computer.`);
      if (!agent.isInstalled) {
        const install = agent.install === undefined ? '' : ` To install it: ${agent.install}`;
        return reject(`${agent.name} is not installed on the computer.${install}`);
      }
      const problem = folderProblem(body.folder);
      if (problem !== null) return reject(problem);
      const folder = resolve(body.folder);
      const given = body.title?.trim() ?? '';
      const title = given === '' ? titleFromFolder(folder) : given;
      const created = { agent: agent.id, agentName: agent.name, folder, title };
      return {
        kind: 'do',
        state: 'accepted',
        write() {
          history.sessions.add({ id, ...created, titleFrom: given === '' ? 'folder' : 'person', state: 'starting' });
          journal.append(id, { kind: 'session.created', body: { ...created, by } });
          history.audit.append({ by, action: 'session.new', session: id, detail: { agent: agent.id, folder } });
        },
        after: () => session(id).wake(),
      };
    },

    'session.end'({ id, session: target }, by) {
      const record = history.sessions.get(target);
      if (!record) return reject(UNKNOWN_SESSION);
      if (record.state === 'ended') return { kind: 'do', state: 'applied' };
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

    'session.resume'({ session: target }) {
      const found = openSession(history, target);
      if (!found.ok) return found.plan;
      const { state } = found.record;
      if (state === 'idle' || state === 'working' || state === 'waiting') return { kind: 'do', state: 'applied' };
      return { kind: 'do', state: 'accepted', after: () => session(target).wake() };
    },

    'session.rename'({ session: target, body }, by) {
      if (!history.sessions.get(target)) return reject(UNKNOWN_SESSION);
      const title = body.title.replaceAll(/\s+/g, ' ').trim();
      if (title === '') return reject('A title must have at least one letter.');
      return { kind: 'do', state: 'applied', write: () => journal.retitle(target, title, 'person', by) };
    },

    'mode.set'({ id, session: target, body }, by) {
      const found = openSession(history, target);
      if (!found.ok) return found.plan;
      const { state, modes } = found.record;
      if (state !== 'idle' && state !== 'working' && state !== 'waiting') {
        return reject('The agent is not running. Resume the session first.');
      }
      if (!modes.some((mode) => mode.id === body.mode)) return reject(`The agent has no mode "${body.mode}".`);
      return { kind: 'do', state: 'accepted', after: () => session(target).setMode(id, body.mode, by) };
    },

    cancel({ id, session: target, body }) {
      const found = openSession(history, target);
      if (!found.ok) return found.plan;
      const { turn } = found.record;
      if (turn === null) return reject('Nothing is running in this session.');
      if (body.turn !== undefined && body.turn !== turn)
        return reject('What was to be stopped is over already; something else runs now.');
      return {
        kind: 'do',
        state: 'accepted',
        write: () => journal.closeApprovals(target, 'unanswered', 'cancelled', 'The turn was cancelled.'),
        after: () => session(target).cancel(id),
      };
    },
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
