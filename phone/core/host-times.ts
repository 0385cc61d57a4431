/** Translates the host's times to this device's clock. Pure. */
import type { SessionEvent } from '#protocol/events.ts';
import type { HostState } from '#protocol/messages.ts';

/** `offset`: how far the host's clock is ahead, in milliseconds. */
export function translateState(state: HostState, offset: number): HostState {
  if (offset === 0) return state;
  return {
    ...state,
    sessions: state.sessions.map((session) => ({
      ...session,
      since: session.since - offset,
      createdAt: session.createdAt - offset,
      updatedAt: session.updatedAt - offset,
    })),
    approvals: state.approvals.map((approval) => ({ ...approval, askedAt: approval.askedAt - offset })),
    folders: state.folders.map((folder) => ({
      ...folder,
      lastUsedAt: folder.lastUsedAt === null ? null : folder.lastUsedAt - offset,
    })),
  };
}

export function translateEvent(event: SessionEvent, offset: number): SessionEvent {
  return offset === 0 ? event : { ...event, at: event.at - offset };
}
