import { SESSIONS_MAX } from '#protocol/limits.ts';
import type { AgentInfo, FolderInfo, HostState, PendingApproval, SessionSummary } from '#protocol/messages.ts';
import { canSee, canSeeComputer, isRemoteControlOn, type Viewer } from '../access.ts';
import type { History } from '../history/history.ts';
import type { SessionRecord } from '../history/session-store.ts';
import type { Settings } from '../settings.ts';
import { hasConversation } from './resumable.ts';
import { titleFromFolder } from './titles.ts';

export const FOLDERS_MAX = 200;
/** Open questions in one state, oldest first; the others follow as these are answered. Each is shown whole or not at all. */
export const APPROVALS_SHOWN_MAX = 200;
/** The same, in UTF-16 units of JSON; the oldest is shown however large it is. */
export const APPROVALS_SHOWN_MAX_CHARS = 1024 * 1024;

/** The whole state, as far as `viewer` may see it. `diskTrouble`: why nothing can be stored now. */
export function buildHostState(options: {
  history: History;
  settings: Settings;
  agents: readonly AgentInfo[];
  viewer: Viewer;
  diskTrouble: string | null;
}): HostState {
  const { history, settings, agents, viewer, diskTrouble } = options;
  if (!canSeeComputer(viewer, settings)) {
    return { sessions: [], approvals: [], agents: [], folders: [], isRemoteControlEnabled: false };
  }
  const records = history.sessions
    .shown(SESSIONS_MAX)
    .filter((record) => canSee(viewer, { settings, session: { kind: 'known', record } }));
  const installed = new Set(agents.flatMap(({ id, isInstalled }) => (isInstalled ? [id] : [])));
  const shown = new Set(records.map(({ id }) => id));
  return {
    sessions: records.map((record) => summarise(history, record, (agent) => installed.has(agent))),
    ...pendingApprovals(history, shown),
    agents: [...agents],
    folders: knownFolders(history, settings),
    isRemoteControlEnabled: isRemoteControlOn(settings),
    ...(diskTrouble === null ? {} : { diskTrouble }),
  };
}

function summarise(history: History, record: SessionRecord, isInstalled: (agent: string) => boolean): SessionSummary {
  const { id, title, agent, agentName, folder, state, since, detail, mode, modes, createdAt } = record;
  return {
    id,
    title,
    agent,
    agentName,
    folder,
    state,
    since,
    detail,
    seq: history.events.last(id),
    queued: history.commands.countQueued(id),
    mode,
    modes,
    createdAt,
    updatedAt: history.events.lastAt(id) ?? createdAt,
    ...(state === 'ended' && { canResume: isInstalled(agent) && hasConversation(history, record) }),
  };
}

function pendingApprovals(
  history: History,
  shown: ReadonlySet<string>,
): Pick<HostState, 'approvals' | 'approvalsLeftOut'> {
  const pending = history.approvals.pending().filter(({ session }) => shown.has(session));
  const approvals: PendingApproval[] = [];
  let chars = 0;
  for (const { approval, session, title, tool, options, askedAt } of pending) {
    const question = { approval, session, title, tool, options, askedAt };
    chars += JSON.stringify(question).length;
    const fits = approvals.length < APPROVALS_SHOWN_MAX && chars <= APPROVALS_SHOWN_MAX_CHARS;
    if (!fits && approvals.length > 0) break;
    approvals.push(question);
  }
  const leftOut = pending.length - approvals.length;
  return { approvals, ...(leftOut > 0 && { approvalsLeftOut: leftOut }) };
}

/** The person's projects and the folders of past sessions, the one used last first. */
function knownFolders(history: History, settings: Settings): FolderInfo[] {
  const used = new Map(history.sessions.folders().map(({ path, lastUsedAt }) => [path, lastUsedAt]));
  const paths = new Set([...used.keys(), ...settings.projects]);
  return [...paths]
    .map((path) => ({ path, name: titleFromFolder(path), lastUsedAt: used.get(path) ?? null }))
    .sort((a, b) => (b.lastUsedAt ?? 0) - (a.lastUsedAt ?? 0))
    .slice(0, FOLDERS_MAX);
}
