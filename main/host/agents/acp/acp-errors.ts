/** Words for what goes wrong with an agent. Pure. */
import { RequestError } from '@agentclientprotocol/sdk';
import { textHead } from '#lib/text-head.ts';
import { AgentStartError } from '#main/process/agent-process.ts';
import { lastWords } from '../stderr-words.ts';

/** JSON-RPC error codes that ACP gives a meaning. */
const AUTH_REQUIRED = -32000;
/** An unknown session is told in one of three ways, depending on the agent. */
const UNKNOWN_SESSION_CODES: readonly number[] = [-32002, -32602, -32603];

/** What the SDK puts before an error's own words, or in their place. */
const INTERNAL_ERROR = /^Internal error(: |$)/;
/** Longest part of an agent's own words that goes into a message for a person. */
export const ERROR_MAX_CHARS = 2_000;

/** What the agent said of a failure: its message and, if that says more, its data. */
export function errorText(error: unknown): string {
  if (!(error instanceof Error)) return cut(String(error));
  const detail = error instanceof RequestError ? detailText(error.data) : undefined;
  const message = error.message.replace(INTERNAL_ERROR, '').trim() || detail || 'The agent answered with an error.';
  return cut(detail === undefined || message.includes(detail) ? message : `${message}: ${detail}`);
}

function detailText(data: unknown): string | undefined {
  if (typeof data === 'string') return data.trim() || undefined;
  if (typeof data !== 'object' || data === null) return undefined;
  const fields = data as Readonly<Record<string, unknown>>;
  for (const name of ['details', 'message', 'error', 'reason', 'errorMessage']) {
    const value = fields[name];
    if (typeof value === 'string' && value.trim() !== '') return value.trim();
    const inner = typeof value === 'object' && value !== null ? detailText(value) : undefined;
    if (inner !== undefined) return inner;
  }
  return undefined;
}

/**
 * An error that an agent reports only in the `_meta` of an answer that looks like success: `error` at its top, or one level down,
 * as a text or as an object with a message.
 */
export function metaError(meta: unknown): string | undefined {
  if (typeof meta !== 'object' || meta === null) return undefined;
  const fields = meta as Readonly<Record<string, unknown>>;
  for (const level of [fields, ...Object.values(fields)]) {
    if (typeof level !== 'object' || level === null || !('error' in level)) continue;
    const text = detailText({ error: level.error });
    if (text !== undefined) return cut(text);
  }
  return undefined;
}

export function isAuthRequired(error: unknown): boolean {
  return error instanceof RequestError && error.code === AUTH_REQUIRED;
}

export function isUnknownSession(error: unknown): boolean {
  return error instanceof RequestError && UNKNOWN_SESSION_CODES.includes(error.code);
}

/** What a person needs to know of an agent in order to help it. */
export interface AgentWords {
  readonly name: string;
  /** How a person logs in to it, as a sentence. */
  readonly loginHint: string;
}

/** The error for an agent that failed before its conversation was open, with the end of what it wrote to stderr. */
export function startFailure(agent: AgentWords, what: string, error: unknown, stderr: string): AgentStartError {
  if (error instanceof AgentStartError) return error;
  const options = { cause: error };
  if (isAuthRequired(error)) {
    return new AgentStartError(`${agent.name} is not logged in: ${errorText(error)}`, agent.loginHint, options);
  }
  const text = errorText(error);
  const said = lastWords(stderr, text);
  return new AgentStartError(`${agent.name} ${what}: ${text}${said === '' ? '' : `\n${said}`}`, undefined, options);
}

function cut(text: string): string {
  return text.length <= ERROR_MAX_CHARS ? text : `${textHead(text, ERROR_MAX_CHARS - 1)}…`;
}

/** How a process ended, as the rest of a sentence. */
export function exitWords({ code, signal }: { code: number | null; signal: string | null }): string {
  return signal === null ? `ended with exit code ${code}` : `was ended by ${signal}`;
}
