/** Pure: whether the promise was kept. Each violation is one sentence. */
import { isDeepStrictEqual } from 'node:util';
import { isFinalReceipt } from '#protocol/commands.ts';
import { parseEvent, type SessionEvent, type WireEvent } from '#protocol/events.ts';
import type { DeviceEvidence, Evidence, HostEvidence, SentCommand } from './evidence.ts';

export interface Verdict {
  readonly violations: string[];
  readonly counts: {
    readonly events: number;
    readonly commands: number;
    /** Final receipts, by state. */
    readonly receipts: Record<string, number>;
    readonly executions: number;
    /** Of the uncertain prompts: those that the agent did execute, once. */
    readonly uncertainExecuted: number;
  };
}

export function verify(evidence: Evidence): Verdict {
  const { host, devices } = evidence;
  const commands = devices.flatMap((device) => device.commands);
  const receipts: Record<string, number> = {};
  for (const { state } of commands) receipts[state] = (receipts[state] ?? 0) + 1;
  const executed = countEach(evidence.journal);
  const uncertainExecuted = commands.filter(({ kind, state, body }) => {
    return kind === 'prompt' && state === 'uncertain' && (executed.get(textOf(body)) ?? 0) > 0;
  }).length;
  return {
    violations: [
      ...checkLog(host),
      ...devices.flatMap((device) => checkCopy(host, device)),
      ...commands.flatMap((command) => checkReceipt(host, command)),
      ...checkExecutions(evidence, executed, commands),
      ...checkEffects(host, commands),
    ],
    counts: {
      events: [...host.events.values()].reduce((sum, log) => sum + log.length, 0),
      commands: commands.length,
      receipts,
      executions: evidence.journal.length,
      uncertainExecuted,
    },
  };
}

function checkLog(host: HostEvidence): string[] {
  return [...host.events].flatMap(([session, log]) => {
    const gap = log.findIndex((event, index) => event.seq !== index + 1);
    return gap < 0 ? [] : [`The host's log of session ${session} has a gap at ${gap + 1}.`];
  });
}

function checkCopy(host: HostEvidence, device: DeviceEvidence): string[] {
  const sessions = new Set([...host.events.keys(), ...device.events.keys()]);
  return [...sessions].flatMap((session) => {
    const [log, copy] = [host.events.get(session) ?? [], device.events.get(session) ?? []];
    if (isDeepStrictEqual(copy, log)) return [];
    return [`${device.name} does not have session ${session} as the host has it: ${describeDifference(log, copy)}.`];
  });
}

function describeDifference(log: readonly WireEvent[], copy: readonly WireEvent[]): string {
  const at = log.findIndex((event, index) => !isDeepStrictEqual(event, copy[index]));
  if (at < 0) return `${copy.length} events instead of ${log.length}`;
  const found = copy[at];
  const what = found ? `${found.seq} (${found.kind})` : 'nothing';
  return `${copy.length} events for ${log.length}; where the host has ${log[at]?.seq} (${log[at]?.kind}) it has ${what}`;
}

function checkReceipt(host: HostEvidence, { id, kind, state }: SentCommand): string[] {
  const stored = host.commands.get(id);
  if (stored === undefined) return [`The ${kind} ${id} never reached the host; its device says "${state}".`];
  if (!isFinalReceipt(stored)) return [`The ${kind} ${id} has no final receipt: it is "${stored}".`];
  return stored === state ? [] : [`The ${kind} ${id} is "${stored}" on the host and "${state}" on its device.`];
}

/** How often each prompt may, and must, stand in the agent's journal. */
function expectedExecutions(state: string): readonly [min: number, max: number] {
  if (state === 'applied') return [1, 1];
  return state === 'uncertain' ? [0, 1] : [0, 0];
}

function checkExecutions(
  { keeperKills, journal }: Evidence,
  executed: ReadonlyMap<string, number>,
  commands: readonly SentCommand[],
): string[] {
  const prompts = commands.filter(({ kind }) => kind === 'prompt');
  const known = new Set(prompts.map(({ body }) => textOf(body)));
  const wrong = prompts.flatMap(({ id, state, body }) => {
    const times = executed.get(textOf(body)) ?? 0;
    const [min, max] = expectedExecutions(state);
    return times >= min && times <= max
      ? []
      : [`The prompt ${id} is "${state}", and the agent executed it ${times} times.`];
  });
  const strange = new Set(journal.filter((text) => !known.has(text)));
  const uncertain = commands.filter(({ state }) => state === 'uncertain').length;
  return [
    ...wrong,
    ...[...strange].map((text) => `The agent executed what nobody sent: "${text.slice(0, 80)}".`),
    ...(uncertain > 0 && keeperKills === 0
      ? [`${uncertain} commands are uncertain, though the keeper was never killed.`]
      : []),
  ];
}

/** What a command did to the log, it did once. */
function checkEffects(host: HostEvidence, commands: readonly SentCommand[]): string[] {
  const events = [...host.events.values()].flat().flatMap((event) => parseEvent(event) ?? []);
  const effects = countEach(events.flatMap((event) => effectOf(event) ?? []));
  const twice = [...effects].filter(([, times]) => times > 1);
  const missing = commands.flatMap(({ id, kind, state, body, session }) => {
    const effect = wantedEffect({ id, kind, state, body, session });
    return effect === null || effects.has(effect)
      ? []
      : [`The ${kind} ${id} is "${state}", but the log has no ${effect}.`];
  });
  return [...twice.map(([effect, times]) => `${effect} stands in the log ${times} times.`), ...missing];
}

/** A name for what may happen once only; null for everything else. */
function effectOf(event: SessionEvent): string | null {
  switch (event.kind) {
    case 'prompt':
      return `prompt of ${event.body.command}`;
    case 'turn.started':
      return `turn of ${event.body.command}`;
    case 'turn.ended':
      return `end of the turn of ${event.body.command}`;
    case 'command.uncertain':
      return `doubt about ${event.body.command}`;
    case 'approval.answered':
      return `answer to ${event.body.approval}`;
    case 'approval.resolved':
      return `end of the question ${event.body.approval}`;
    case 'session.renamed':
      return event.body.by === null ? null : `title "${event.body.title}"`;
    default:
      return null;
  }
}

function wantedEffect({ id, kind, state, body }: SentCommand): string | null {
  if (state === 'uncertain') return `doubt about ${id}`;
  if (state !== 'applied') return null;
  if (kind === 'prompt') return `end of the turn of ${id}`;
  if (kind === 'answer') return `answer to ${(body as { approval: string }).approval}`;
  return kind === 'session.rename' ? `title "${(body as { title: string }).title}"` : null;
}

function textOf(body: unknown): string {
  return (body as { text: string }).text;
}

function countEach(values: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}
