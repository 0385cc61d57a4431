import { createHash } from 'node:crypto';
import type { Log } from '#lib/log.ts';
import { storageFailure } from '#lib/storage-failure.ts';
import {
  type Command,
  type CommandBody,
  type CommandKind,
  parseCommand,
  type Receipt,
  type ReceiptState,
  type WireCommand,
} from '#protocol/commands.ts';
import type { Actor } from '#protocol/events.ts';
import { COMMAND_BODY_MAX_BYTES } from '#protocol/limits.ts';
import { type AccessFacts, actorOf, type Client, clientRefusal, refusalFor } from '../access.ts';
import { toReceipt, WITHDRAWN_DIGEST } from '../history/command-store.ts';
import type { History } from '../history/history.ts';

/** What is to be done about a command: looked up and decided before anything is written. */
export type Plan =
  | { kind: 'refuse'; state: Extract<ReceiptState, 'rejected' | 'expired' | 'answered-elsewhere'>; reason: string }
  | {
      kind: 'do';
      /** `applied`: all of it is done by `write`. */
      state: 'accepted' | 'applied';
      /** Stored in place of the command's own body. */
      body?: unknown;
      queue?: 'first' | 'last';
      /** Brings to paper what must come before. Outside of the transaction. */
      before?: () => void;
      /** Inside the transaction that stores the command. */
      write?: () => void;
      /** Once it is safe on disk and the receipt is on its way. */
      after?: () => void;
    };

export function reject(reason: string): Plan {
  return { kind: 'refuse', state: 'rejected', reason };
}

export type CommandHandlers = {
  [K in CommandKind]: (command: { id: string; session: string; body: CommandBody<K> }, by: Actor) => Plan;
};

/** Where commands arrive: each is stored with its receipt before anything comes of it, and happens once however often it arrives. */
export class CommandInbox {
  readonly #history: History;
  readonly #handlers: CommandHandlers;
  readonly #accessTo: (session: string) => AccessFacts;
  readonly #now: () => number;
  readonly #log: Log;

  constructor(options: {
    history: History;
    handlers: CommandHandlers;
    /** What decides who may give commands in this session now. */
    accessTo: (session: string) => AccessFacts;
    now: () => number;
    log: Log;
  }) {
    this.#history = options.history;
    this.#handlers = options.handlers;
    this.#accessTo = options.accessTo;
    this.#now = options.now;
    this.#log = options.log;
  }

  /** Never throws for what a sender can cause. A command that was seen before gets its receipt as it is now. */
  handle(from: Client, wire: WireCommand): Receipt {
    const refusal = clientRefusal(from);
    if (refusal !== null) return this.#unstored(wire, refusal);
    try {
      return this.#handle(from, wire);
    } catch (error) {
      const text = storageFailure(error);
      if (text === null) throw error;
      this.#log.error('Failed to store a command', { command: wire.id, kind: wire.kind, error });
      return this.#unstored(wire, `The computer could not store it. ${text}`);
    }
  }

  /** As `handle`, while nothing new is begun any more: a command that was seen before has its receipt all the same. */
  refuse(from: Client, wire: WireCommand, reason: string): Receipt {
    const refusal = clientRefusal(from);
    if (refusal !== null) return this.#unstored(wire, refusal);
    const measured = measure(wire);
    const known = measured && this.#history.database.isOpen && this.#known(from, wire, measured.digest);
    return known || this.#unstored(wire, reason);
  }

  #known(from: Client, wire: WireCommand, digest: string): Receipt | null {
    const known = this.#history.commands.get(wire.id);
    if (!known) return null;
    const isSame =
      known.by.device === actorOf(from).device &&
      (known.digest === digest || (known.digest === WITHDRAWN_DIGEST && wire.kind === 'prompt'));
    return isSame ? toReceipt(known) : this.#unstored(wire, 'Another command was given under this id before.');
  }

  #handle(from: Client, wire: WireCommand): Receipt {
    const by = actorOf(from);
    const measured = measure(wire);
    if (!measured) return this.#unstored(wire, 'The command is malformed.');
    const known = this.#known(from, wire, measured.digest);
    if (known) return known;
    const { plan, body } = this.#plan(from, by, wire, measured.bytes);
    if (plan.kind === 'do') plan.before?.();
    const { id, session, kind } = wire;
    const receipt = this.#history.database.transaction(() => {
      const stored = { id, by, session, kind, digest: measured.digest };
      if (plan.kind === 'refuse') {
        const { state, reason } = plan;
        return this.#history.commands.add({ ...stored, body: null, state, reason });
      }
      const { state, queue } = plan;
      const added = this.#history.commands.add({ ...stored, body: plan.body ?? body, state, ...(queue && { queue }) });
      plan.write?.();
      return added;
    });
    this.#log.info('Command', {
      command: id,
      kind,
      session,
      device: by.device?.slice(0, 8) ?? null,
      state: receipt.state,
    });
    if (plan.kind === 'do' && plan.after) this.#later(plan.after);
    return receipt;
  }

  #plan(from: Client, by: Actor, wire: WireCommand, bytes: number): { plan: Plan; body: unknown } {
    if (bytes > COMMAND_BODY_MAX_BYTES) {
      return {
        plan: reject(`It is too large: at most ${COMMAND_BODY_MAX_BYTES / 1024} KiB fit into one command.`),
        body: null,
      };
    }
    const parsed = parseCommand(wire);
    if (!parsed.ok) return { plan: reject(parsed.error), body: null };
    const command = parsed.value;
    const refusal = refusalFor(from, command.kind, this.#accessTo(command.session));
    if (refusal !== null) return { plan: reject(refusal), body: null };
    const handler = this.#handlers[command.kind] as (command: Command, by: Actor) => Plan;
    return { plan: handler(command, by), body: command.body };
  }

  /** After the receipt was returned, so that no later state of it can arrive before it. */
  #later(after: () => void): void {
    queueMicrotask(() => {
      try {
        after();
      } catch (error) {
        this.#log.error('Failed to begin an accepted command', { error });
      }
    });
  }

  #unstored(wire: WireCommand, reason: string): Receipt {
    return { command: wire.id, state: 'rejected', reason, at: this.#now() };
  }
}

/** Null if the body nests so deep that it cannot be written down. */
function measure(wire: WireCommand): { digest: string; bytes: number } | null {
  try {
    const body = canonical(wire.body);
    const digest = createHash('sha256')
      .update(JSON.stringify([wire.session, wire.kind]))
      .update(body)
      .digest('hex');
    return { digest, bytes: Buffer.byteLength(body) };
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/** JSON with its keys in order: the same body has one spelling. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).filter(([, item]) => item !== undefined);
    entries.sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonical(item)}`).join(',')}}`;
  }
  return JSON.stringify(value) ?? 'null';
}
