/** What a device or a window asks the host to do, and what it is told of it. */
import * as z from 'zod/mini';
import { FOLDER_MAX_CHARS, NOTE_MAX_CHARS, TITLE_MAX_CHARS } from './limits.ts';

const id = z.string().check(z.minLength(1), z.maxLength(200));

/** UUIDv7: sorts by time, chosen by anyone who makes the command or the session. */
export const uuid = z.string().check(z.regex(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/));

export const commandBodies = {
  prompt: z.object({ text: z.string().check(z.minLength(1)) }),
  /** Take back a prompt that is still queued. */
  'prompt.withdraw': z.object({ command: uuid }),
  /** Decide about an uncertain prompt: run it again (as a new turn) or leave it. */
  'prompt.resolve': z.object({ command: uuid, decision: z.enum(['run-again', 'dismiss']) }),
  /** Stop the running turn; with `turn`, only if it is still that prompt's: a wish that travelled for long must not stop another. */
  cancel: z.object({ turn: z.optional(uuid) }),
  answer: z.object({
    approval: id,
    option: id,
    /** `consentDigest` of the question as it was shown; absent from clients that show less than all of it. */
    digest: z.optional(z.string().check(z.regex(/^[A-Za-z0-9_-]{43}$/))),
    note: z.optional(z.string().check(z.maxLength(NOTE_MAX_CHARS))),
  }),
  /** The command's `session` is the id of the session to be made. */
  'session.new': z.object({
    agent: id,
    folder: z.string().check(z.minLength(1), z.maxLength(FOLDER_MAX_CHARS)),
    title: z.optional(z.string().check(z.maxLength(TITLE_MAX_CHARS))),
  }),
  'session.end': z.object({}),
  'session.resume': z.object({}),
  'session.rename': z.object({ title: z.string().check(z.minLength(1), z.maxLength(TITLE_MAX_CHARS)) }),
  'mode.set': z.object({ mode: id }),
} as const;

export type CommandKind = keyof typeof commandBodies;
export type CommandBody<K extends CommandKind = CommandKind> = z.infer<(typeof commandBodies)[K]>;
export type Command = {
  [K in CommandKind]: { id: string; session: string; kind: K; body: CommandBody<K> };
}[CommandKind];

/** A command as it travels. `at` is when the person made it, by the device's clock, in milliseconds since 1970. */
export const wireCommand = z.object({
  id: uuid,
  session: uuid,
  kind: z.string().check(z.maxLength(64)),
  body: z.unknown(),
  at: z.number(),
});
export type WireCommand = z.infer<typeof wireCommand>;

/** The command with its body checked, or the reason why it is refused. */
export function parseCommand(wire: WireCommand): { ok: true; value: Command } | { ok: false; error: string } {
  if (!Object.hasOwn(commandBodies, wire.kind)) {
    return {
      ok: false,
      error: `This version of Baton does not know the command "${wire.kind}". Update Baton on the computer.`,
    };
  }
  const body = commandBodies[wire.kind as CommandKind].safeParse(wire.body);
  if (!body.success) {
    const issue = body.error.issues[0];
    return { ok: false, error: `The command "${wire.kind}" is malformed at "${issue?.path.join('.') ?? ''}".` };
  }
  return { ok: true, value: { id: wire.id, session: wire.session, kind: wire.kind, body: body.data } as Command };
}

/**
 * `accepted`: stored on the computer. `dispatched`: being handed to the agent. `applied`: done, or the agent proved that it has it.
 * `uncertain`: the host died between the two, and nothing runs again by itself.
 */
export const receiptState = z.enum([
  'accepted',
  'dispatched',
  'applied',
  'rejected',
  'expired',
  'answered-elsewhere',
  'uncertain',
]);
export type ReceiptState = z.infer<typeof receiptState>;

export const receipt = z.object({
  command: uuid,
  state: receiptState,
  /** For people; present with every state that is not a success. */
  reason: z.optional(z.string()),
  at: z.number(),
});
export type Receipt = z.infer<typeof receipt>;

/** A receipt in one of these states never changes again. */
export function isFinalReceipt(state: ReceiptState): boolean {
  return state !== 'accepted' && state !== 'dispatched';
}

export const scope = z.enum(['watch', 'answer', 'full']);
/** What a device may do: see; also prompt, cancel and answer; also start, end, resume, rename. */
export type Scope = z.infer<typeof scope>;

const SCOPE_RANK: Record<Scope, number> = { watch: 0, answer: 1, full: 2 };
const NEEDED: Record<CommandKind, Scope> = {
  prompt: 'answer',
  'prompt.withdraw': 'answer',
  'prompt.resolve': 'answer',
  cancel: 'answer',
  answer: 'answer',
  'mode.set': 'full',
  'session.new': 'full',
  'session.end': 'full',
  'session.resume': 'full',
  'session.rename': 'full',
};

/** Whether a device with this scope may give this command. */
export function isAllowed(held: Scope, kind: CommandKind): boolean {
  return SCOPE_RANK[held] >= SCOPE_RANK[NEEDED[kind]];
}
