/**
 * The parts of ACP v1 that agents send and Baton reads, parsed leniently: real agents leave out required fields, send null for
 * absent ones and use kinds that no schema knows. What cannot be understood becomes absent; only what Baton needs is required.
 * Source: the JSON schema `schema/v1` of `@agentclientprotocol/sdk`.
 */
import * as z from 'zod/mini';

/** The value if it fits the schema, else absent. */
function maybe<T extends z.ZodMiniType>(schema: T) {
  return z.catch(z.optional(schema), undefined);
}

/** The items of an array that fit; empty if it is no array. */
function fitting<T extends z.ZodMiniType>(item: T) {
  const pick = (values: unknown[]): z.output<T>[] =>
    values.flatMap((value) => {
      const parsed = item.safeParse(value);
      return parsed.success ? [parsed.data] : [];
    });
  return z.pipe(z.catch(z.array(z.unknown()), []), z.transform(pick));
}

/** As `fitting`, but absent if there is no array, which in an update means "unchanged". */
function maybeFitting<T extends z.ZodMiniType>(item: T) {
  return z.pipe(
    maybe(z.array(z.unknown())),
    z.transform((values: unknown[] | undefined) => values && fitting(item).parse(values)),
  );
}

const maybeString = maybe(z.string());
const anyValue = z.optional(z.unknown());

const contentBlock = z.object({
  type: z.string(),
  text: maybeString,
  name: maybeString,
  uri: maybeString,
  mimeType: maybeString,
  resource: maybe(z.object({ uri: maybeString, text: maybeString })),
});
export type AcpContentBlock = z.infer<typeof contentBlock>;

/** What fits no other schema of a union, as it came: nothing that a person is to decide by is left out. */
const anythingElse = z.pipe(
  z.unknown(),
  z.transform((raw: unknown) => ({ type: 'unknown' as const, raw })),
);

const toolContentItem = z.union([
  z.object({ type: z.literal('content'), content: contentBlock }),
  z.object({ type: z.literal('diff'), path: z.string(), oldText: maybeString, newText: z.string() }),
  z.object({ type: z.literal('terminal'), terminalId: z.string() }),
  anythingElse,
]);
export type AcpToolContent = z.infer<typeof toolContentItem>;

export const acpToolCall = z.object({
  toolCallId: z.string(),
  title: maybeString,
  kind: maybeString,
  status: maybe(z.enum(['pending', 'in_progress', 'completed', 'failed'])),
  content: maybeFitting(toolContentItem),
  locations: maybeFitting(
    z.union([
      z.object({ path: z.string() }),
      z.pipe(
        z.unknown(),
        z.transform((raw: unknown) => ({ path: JSON.stringify(raw) })),
      ),
    ]),
  ),
  rawInput: anyValue,
  rawOutput: anyValue,
});
export type AcpToolCall = z.infer<typeof acpToolCall>;

const chunk = z.object({ content: contentBlock, messageId: maybeString });

const planEntry = z.object({
  content: z.string(),
  priority: z.catch(z.enum(['high', 'medium', 'low']), 'medium'),
  status: z.catch(z.enum(['pending', 'in_progress', 'completed']), 'pending'),
});

const selectOption = z.object({ value: z.string(), name: maybeString, description: maybeString });
const configOption = z.object({
  id: z.string(),
  category: maybeString,
  type: maybeString,
  currentValue: anyValue,
  /** A flat list, or a list of groups. */
  options: fitting(z.union([selectOption, z.object({ options: z.array(selectOption) })])),
});
const configOptions = maybeFitting(configOption);
export type AcpConfigOption = z.infer<typeof configOption>;

/** The updates Baton shows; all others are left alone. */
export const acpUpdate = z.discriminatedUnion('sessionUpdate', [
  z.extend(chunk, { sessionUpdate: z.literal('user_message_chunk') }),
  z.extend(chunk, { sessionUpdate: z.literal('agent_message_chunk') }),
  z.extend(chunk, { sessionUpdate: z.literal('agent_thought_chunk') }),
  z.extend(acpToolCall, { sessionUpdate: z.literal('tool_call') }),
  z.extend(acpToolCall, { sessionUpdate: z.literal('tool_call_update') }),
  z.object({ sessionUpdate: z.literal('plan'), entries: fitting(planEntry) }),
  z.object({ sessionUpdate: z.literal('current_mode_update'), currentModeId: z.string() }),
  z.object({ sessionUpdate: z.literal('config_option_update'), configOptions }),
  z.object({ sessionUpdate: z.literal('session_info_update'), title: maybeString }),
]);
export type AcpUpdate = z.infer<typeof acpUpdate>;

/** The params of `session/update`; the update itself is parsed on its own, so that an unknown one does no harm. */
export const acpUpdateParams = z.object({ sessionId: z.string(), update: z.unknown() });

/** A call that cannot be understood is one of which everything is still to be shown. */
const askedToolCall = z.union([
  acpToolCall,
  z.pipe(
    z.unknown(),
    z.transform((raw: unknown) => (raw === undefined || raw === null ? undefined : toolCallOf(raw))),
  ),
]);

function toolCallOf(raw: unknown): AcpToolCall {
  const { title } = z.object({ title: maybeString }).safeParse(raw).data ?? {};
  return { toolCallId: '', title, content: undefined, locations: undefined, rawInput: raw };
}

export const acpPermissionParams = z.object({
  sessionId: z.string(),
  toolCall: askedToolCall,
  options: fitting(z.object({ optionId: z.string(), name: maybeString, kind: maybeString })),
});
export type AcpPermissionParams = z.infer<typeof acpPermissionParams>;

const flag = z.catch(z.boolean(), false);
const capability = maybe(z.object({}));

export const acpInitializeResult = z.object({
  protocolVersion: z.number(),
  agentInfo: maybe(z.object({ name: maybeString, version: maybeString })),
  agentCapabilities: maybe(
    z.object({ loadSession: flag, sessionCapabilities: maybe(z.object({ resume: capability })) }),
  ),
});
export type AcpInitializeResult = z.infer<typeof acpInitializeResult>;

/** What `session/new`, `session/load` and `session/resume` answer; only the first has an id. */
export const acpSessionResult = z.object({
  sessionId: maybeString,
  modes: maybe(
    z.object({
      currentModeId: z.string(),
      availableModes: fitting(z.object({ id: z.string(), name: maybeString, description: maybeString })),
    }),
  ),
  configOptions,
});
export type AcpSessionResult = z.infer<typeof acpSessionResult>;

export const acpPromptResult = z.object({
  stopReason: z.catch(z.enum(['end_turn', 'max_tokens', 'max_turn_requests', 'refusal', 'cancelled']), 'end_turn'),
  _meta: anyValue,
});
