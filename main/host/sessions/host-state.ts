import { SESSIONS_MAX } from '#protocol/limits.ts';
import type { AgentInfo, FolderInfo, HostState, PendingApproval, SessionSummary } from '#protocol/messages.ts';
import type { History } from '../history/history.ts';
import type { SessionRecord } from '../history/session-store.ts';
import type { Settings } from '../settings.ts';
import { titleFromFolder } from './titles.ts';

/** What all approvals in one state may show of their tools; the log has the whole. */
export const APPROVALS_CONTENT_MAX_BYTES = 1024 * 1024;
export const FOLDERS_MAX = 200;
/** Open questions in one state, oldest first; the others follow as these are answered. */
export const APPROVALS_SHOWN_MAX = 200;

/** The whole state. `isForDevices`: without what remote control is off for. `trouble`: why nothing can be stored now. */
export function buildHostState(options: {
  history: History;
  settings: Settings;
  agents: readonly AgentInfo[];
  isForDevices: boolean;
  trouble: string | null;
}): HostState {
  const { history, settings, agents, isForDevices, trouble } = options;
  const isOff = isForDevices && !settings.remoteControl;
  if (isOff) return { sessions: [], approvals: [], agents: [], folders: [], isRemoteControlEnabled: false };
  const records = history.sessions.shown(SESSIONS_MAX).filter((record) => !isForDevices || record.isRemote);
  const shown = new Set(records.map(({ id }) => id));
  return {
    sessions: records.map((record) => summarise(history, record, trouble)),
    approvals: pendingApprovals(history, shown),
    agents: [...agents],
    folders: knownFolders(history, settings),
    isRemoteControlEnabled: settings.remoteControl,
  };
}

function summarise(history: History, record: SessionRecord, trouble: string | null): SessionSummary {
  const { id, title, agent, agentName, folder, state, since, detail, mode, modes, createdAt } = record;
  return {
    id,
    title,
    agent,
    agentName,
    folder,
    state,
    since,
    detail: trouble !== null && state !== 'ended' ? trouble : detail,
    seq: history.events.last(id),
    queued: history.commands.countQueued(id),
    mode,
    modes,
    createdAt,
    updatedAt: history.events.lastAt(id) ?? createdAt,
  };
}

function pendingApprovals(history: History, shown: ReadonlySet<string>): PendingApproval[] {
  let bytes = 0;
  return history.approvals
    .pending()
    .filter(({ session }) => shown.has(session))
    .slice(0, APPROVALS_SHOWN_MAX)
    .map(({ approval, session, title, tool, options, askedAt }) => {
      bytes += tool ? JSON.stringify(tool.content).length : 0;
      const shownTool = tool && bytes > APPROVALS_CONTENT_MAX_BYTES ? { ...tool, content: [] } : tool;
      return { approval, session, title, tool: shownTool, options, askedAt };
    });
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
