/** What an agent asks, on its way through the host to a client: the real parts, without a process. */
import { acpPermissionParams } from '#main/host/agents/acp/acp-schemas.ts';
import { ToolCalls } from '#main/host/agents/acp/acp-tools.ts';
import { fitEvent } from '#main/host/history/fit-event.ts';
import type { ApprovalOption } from '#protocol/events.ts';
import type { PendingApproval } from '#protocol/messages.ts';
import type { AskedCall } from './asked-calls.ts';

const OPTIONS: ApprovalOption[] = [
  { id: 'yes', name: 'Yes', kind: 'allow_once' },
  { id: 'no', name: 'No', kind: 'reject_once' },
];

export interface ToldQuestion {
  readonly question: PendingApproval;
  /** The whole texts of its blobs, by their ids. */
  readonly blobs: Readonly<Record<string, string>>;
}

export function tellQuestion(call: AskedCall, session: string, approval: string): ToldQuestion {
  const { toolCall } = acpPermissionParams.parse({
    sessionId: 's',
    toolCall: { toolCallId: 't', ...call },
    options: [],
  });
  const calls = new ToolCalls(() => 'new');
  if (toolCall) calls.fold(toolCall);
  const tool = calls.get('t') ?? null;
  const blobs: Record<string, string> = {};
  const asked = { approval, title: tool?.title ?? 'Asked', tool, options: OPTIONS };
  const [event] = fitEvent({ kind: 'approval.requested', body: asked }, ({ sha256, text }) => {
    blobs[sha256] = text;
  });
  if (event?.kind !== 'approval.requested') throw new Error('Nothing is asked.');
  return { question: { ...event.body, session, askedAt: Date.now() }, blobs };
}
