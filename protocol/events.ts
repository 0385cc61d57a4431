/**
 * The log of a session: immutable events, numbered from 1 without gaps.
 *
 * Schemas only grow. A reader that meets a kind it does not know keeps the event and shows nothing for it,
 * so `sessionEvent` accepts any kind and `parseEventBody` tells the known ones apart.
 */
import * as z from 'zod/mini';

const text = z.string();
const id = z.string().check(z.minLength(1), z.maxLength(200));

/** What an agent's tool call shows: prose, a change to a file, or the output of a command. */
export const toolContent = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('text'), text }),
  z.object({ kind: z.literal('diff'), path: text, before: z.nullable(text), after: text }),
  /** Output above INLINE_OUTPUT_MAX_BYTES: the first part here, the whole under `blob`. */
  z.object({
    kind: z.literal('blob'),
    blob: id,
    bytes: z.number(),
    sha256: text,
    head: text,
    /** What it is the whole of; absent: output or another piece of content. */
    of: z.optional(z.enum(['input', 'arguments', 'paths'])),
    /** The file that it changes, if it is the whole of a change. */
    path: z.optional(text),
  }),
]);
export type ToolContent = z.infer<typeof toolContent>;

export const toolState = z.enum(['pending', 'running', 'done', 'failed']);
export type ToolState = z.infer<typeof toolState>;

/** The whole of a tool call as far as it is known; a later one with the same `id` replaces it. */
export const toolCall = z.object({
  id,
  title: text,
  /** ACP's ToolKind: read, edit, delete, move, search, execute, think, fetch, switch_mode, other. */
  kind: text,
  state: toolState,
  content: z.array(toolContent),
  /** Files the call touches. */
  paths: z.array(text),
  /** What the agent was asked to run, as one readable line or block; absent if the agent did not say. */
  input: z.optional(text),
  /** Every other argument that the tool gets besides what `input` tells, as JSON; absent if there is none. */
  arguments: z.optional(text),
  /** Some of it was too large to be kept, so nobody can be shown all of it. */
  isCut: z.optional(z.boolean()),
});
export type ToolCall = z.infer<typeof toolCall>;

export const planEntry = z.object({
  text,
  priority: z.enum(['high', 'medium', 'low']),
  state: z.enum(['pending', 'in_progress', 'completed']),
});
export type PlanEntry = z.infer<typeof planEntry>;

/** ACP's PermissionOptionKind: decisions are made by kind, never by an option's id. */
export const approvalOptionKind = z.enum(['allow_once', 'allow_always', 'reject_once', 'reject_always']);
export type ApprovalOptionKind = z.infer<typeof approvalOptionKind>;

export const approvalOption = z.object({
  id,
  name: text,
  kind: approvalOptionKind,
  /** What the agent called the kind, if it is none that is known: `kind` is then a guess on the safe side. Empty if it called it nothing. */
  said: z.optional(text),
});
export type ApprovalOption = z.infer<typeof approvalOption>;

export const agentMode = z.object({ id, name: text, description: z.optional(text) });
export type AgentMode = z.infer<typeof agentMode>;

/** Who did something: a paired device, or the person at the computer itself. */
export const actor = z.object({ device: z.nullable(id), name: text });
export type Actor = z.infer<typeof actor>;

export const stopReason = z.enum([
  'end_turn',
  'max_tokens',
  'max_turn_requests',
  'refusal',
  'cancelled',
  /** The agent answered the prompt with an error. */
  'error',
  /** The agent or Baton itself died in the middle of the turn. */
  'interrupted',
]);
export type StopReason = z.infer<typeof stopReason>;

export const approvalOutcome = z.enum([
  'selected',
  /** The turn was cancelled while the question was open. */
  'cancelled',
  /** The agent took the question back. */
  'withdrawn',
  /** The agent that asked is gone. */
  'expired',
]);
export type ApprovalOutcome = z.infer<typeof approvalOutcome>;

/** What a person is told of a question that is over, where no more is known than its outcome. */
export const APPROVAL_OUTCOME_WORDS: Record<ApprovalOutcome, string> = {
  selected: 'It was answered.',
  cancelled: 'The turn was stopped before the question was answered.',
  withdrawn: 'The agent no longer asks this.',
  expired: 'The agent that asked is gone.',
};

/** Bodies of all events, by kind. */
export const eventBodies = {
  'session.created': z.object({ agent: id, agentName: text, folder: text, title: text, by: actor }),
  /** The agent runs and is ready for a prompt. `how` says whether it remembers what went before. */
  'session.started': z.object({
    how: z.enum(['new', 'loaded', 'resumed']),
    agentSession: text,
    agentVersion: z.optional(text),
  }),
  /** The agent died, or Baton did. `text` says what happened in words a person reads. */
  'session.interrupted': z.object({ text }),
  /** The agent could not be started. `hint` says what to do next. */
  'session.failed': z.object({ text, hint: z.optional(text) }),
  'session.ended': z.object({ by: actor, text }),
  'session.renamed': z.object({ title: text, by: z.nullable(actor) }),
  /** A prompt was accepted and stored. `command` is the id of the command that brought it. */
  prompt: z.object({
    command: id,
    text,
    by: actor,
    /** A note that goes with a denied approval. */ note: z.optional(z.boolean()),
  }),
  /** A prompt that was still queued was taken back and never reached the agent. */
  'prompt.withdrawn': z.object({ command: id, by: z.nullable(actor), text: z.optional(text) }),
  /** Baton began to hand the prompt to the agent. Written before the first byte goes out. */
  'turn.started': z.object({ command: id }),
  /** The agent has shown that it has the prompt: it answered something. */
  'turn.acknowledged': z.object({ command: id }),
  'turn.ended': z.object({ command: id, stop: stopReason, error: z.optional(text) }),
  /** It cannot be known whether the agent got this command; a person decides what to do. */
  'command.uncertain': z.object({ command: id, kind: text, text }),
  /** A person decided about an uncertain command; if it runs again, it does so under the id of the command that decided. */
  'command.resolved': z.object({ command: id, decision: z.enum(['run-again', 'dismiss']), by: actor }),
  message: z.object({ id, text }),
  thought: z.object({ id, text }),
  tool: toolCall,
  plan: z.object({ entries: z.array(planEntry) }),
  mode: z.object({ current: id, available: z.array(agentMode), by: z.nullable(actor) }),
  'approval.requested': z.object({
    approval: id,
    title: text,
    tool: z.nullable(toolCall),
    options: z.array(approvalOption),
  }),
  /** A person chose; the choice is stored, but it is not yet proven that the agent has it. */
  'approval.answered': z.object({ approval: id, option: approvalOption, by: actor, note: z.optional(text) }),
  /** The end of a question. `selected`: the choice was handed to the agent. */
  'approval.resolved': z.object({ approval: id, outcome: approvalOutcome, text: z.optional(text) }),
  /** A sentence from Baton itself, such as "Restarted the agent (2 of 5)". */
  notice: z.object({ level: z.enum(['info', 'warning', 'error']), text }),
} as const;

export type EventKind = keyof typeof eventBodies;
export type EventBody<K extends EventKind = EventKind> = z.infer<(typeof eventBodies)[K]>;
/** An event before it has a place in the log. */
export type NewEvent = { [K in EventKind]: { kind: K; body: EventBody<K> } }[EventKind];
/** A known event with its place. `at` is milliseconds since 1970, by the host's clock. */
export type SessionEvent = NewEvent & { seq: number; at: number };

/** An event as it travels: its body is checked only by who shows it. */
export const wireEvent = z.object({
  seq: z.int().check(z.positive()),
  at: z.number(),
  kind: z.string().check(z.maxLength(64)),
  body: z.unknown(),
});
export type WireEvent = z.infer<typeof wireEvent>;

/** The event with its body checked, or null for a kind this build does not know or a body that does not fit it. */
export function parseEvent(event: WireEvent): SessionEvent | null {
  if (!Object.hasOwn(eventBodies, event.kind)) return null;
  const body = eventBodies[event.kind as EventKind].safeParse(event.body);
  return body.success ? ({ seq: event.seq, at: event.at, kind: event.kind, body: body.data } as SessionEvent) : null;
}
