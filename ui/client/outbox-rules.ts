/** What may become of a command on its way to the host, wherever it is kept. Pure. */
import { utf8 } from '#protocol/bytes.ts';
import {
  type CommandBody,
  type CommandKind,
  isFinalReceipt,
  parseCommand,
  type Receipt,
  type ReceiptState,
  type WireCommand,
} from '#protocol/commands.ts';
import { COMMAND_BODY_MAX_BYTES } from '#protocol/limits.ts';
import { OUTBOX_FINISHED_KEPT_MS, OUTBOX_FINISHED_MAX, OUTBOX_OPEN_MAX } from './limits.ts';

export interface OutboxCommand {
  readonly id: string;
  readonly session: string;
  readonly kind: CommandKind;
  readonly body: CommandBody;
  /** When the person made it. */
  readonly at: number;
  /** The host's last word; null before the first. */
  readonly receipt: ReceiptState | null;
  readonly reason: string | null;
  readonly finishedAt: number | null;
}

export const TOO_LATE = 'It is already on its way to the computer and cannot be taken back.';

/** Throws with words if the command is malformed or too large. */
export function checkCommand(command: WireCommand): void {
  const parsed = parseCommand(command);
  if (!parsed.ok) throw new Error(parsed.error);
  if (utf8(JSON.stringify(command.body)).length > COMMAND_BODY_MAX_BYTES) {
    throw new Error(`That is too long: one message may have ${COMMAND_BODY_MAX_BYTES / 1024 / 1024} MiB.`);
  }
}

/** Throws with words if no more may wait. */
export function checkRoom(commands: readonly OutboxCommand[]): void {
  if (commands.filter(isOpen).length < OUTBOX_OPEN_MAX) return;
  throw new Error(`${OUTBOX_OPEN_MAX} commands already wait on this device. Wait until the computer has taken some.`);
}

export function isOpen(command: OutboxCommand): boolean {
  return command.receipt === null || !isFinalReceipt(command.receipt);
}

/** The host's word on a command; null if it changes nothing: a finished command never changes again, and none goes back a step. */
export function takeReceipt(
  command: OutboxCommand,
  receipt: Receipt,
  now: number,
): Pick<OutboxCommand, 'receipt' | 'reason' | 'finishedAt'> | null {
  const { state, reason = null } = receipt;
  if (!isOpen(command) || command.receipt === state) return null;
  if (command.receipt === 'dispatched' && state === 'accepted') return null;
  return { receipt: state, reason, finishedAt: isFinalReceipt(state) ? now : null };
}

/** What this channel has to carry, in order. `sent`: what it has carried already. */
export function commandsToSend<Kept extends OutboxCommand>(
  commands: readonly Kept[],
  sent: ReadonlySet<string>,
): readonly Kept[] {
  // A prompt that was taken back is not sent for the first time; one that the host has, it answers for by itself.
  const withdrawn = new Set(
    commands.flatMap((one) => (isOpen(one) && one.kind === 'prompt.withdraw' ? [targetOf(one.body)] : [])),
  );
  return commands.filter((one) => isOpen(one) && !sent.has(one.id) && !withdrawn.has(one.id));
}

/** Finished commands that no screen needs any more. */
export function outdatedCommands<Kept extends OutboxCommand>(commands: readonly Kept[], now: number): readonly Kept[] {
  const finished = commands.filter((one) => !isOpen(one));
  const oldest = now - OUTBOX_FINISHED_KEPT_MS;
  const excess = finished.length - OUTBOX_FINISHED_MAX;
  return finished.filter((one, index) => index < excess || (one.finishedAt ?? 0) < oldest);
}

/** The command that a `prompt.withdraw` is about. */
export function targetOf(body: CommandBody): string {
  return (body as CommandBody<'prompt.withdraw'>).command;
}
