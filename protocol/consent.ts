/**
 * What a person agrees to who answers an agent's question: everything that the agent gets if it is allowed. An answer carries the digest
 * of what was shown, and the host takes it only if that is what is asked. Pure but for the hash.
 */
import { toBase64Url, utf8 } from './bytes.ts';
import type { ToolContent } from './events.ts';
import type { PendingApproval } from './messages.ts';

/** What is asked, of whom and how it can be answered. Its state, its age and where it is listed do not matter. */
export type Question = Pick<PendingApproval, 'approval' | 'session' | 'title' | 'tool' | 'options'>;

const LABEL = 'baton-consent-1';

/** SHA-256 of the question, base64url. A blob counts by its own hash, so whoever shows it has to have checked that. */
export async function consentDigest(question: Question): Promise<string> {
  return toBase64Url(new Uint8Array(await crypto.subtle.digest('SHA-256', utf8(consentText(question)))));
}

/** The question as one text: two questions have the same one only if they ask the same. */
export function consentText({ approval, session, title, tool, options }: Question): string {
  return JSON.stringify([
    LABEL,
    ...[session, approval, title],
    options.map(({ id, name, kind, said }) => [id, name, kind, said ?? null]),
    tool && [
      ...[tool.id, tool.title, tool.kind, tool.input ?? null, tool.arguments ?? null, tool.isCut ?? false],
      tool.paths,
      tool.content.map(contentText),
    ],
  ]);
}

function contentText(content: ToolContent): readonly unknown[] {
  switch (content.kind) {
    case 'text':
      return ['text', content.text];
    case 'diff':
      return ['diff', content.path, content.before, content.after];
    case 'blob':
      return ['blob', content.of ?? null, content.path ?? null, content.sha256];
  }
}

/**
 * The question as one plain line of at most `maxChars`, if that says all of it; null if it does not, so that an answer which allows it
 * must not be offered beside the line alone.
 */
export function plainQuestion({ title, tool }: Question, maxChars: number): string | null {
  const isLine = (text: string) => /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(text) && !text.includes('  ');
  const { input = null, arguments: others, content = [], paths = [], isCut = false } = tool ?? {};
  if (others !== undefined || content.length > 0 || isCut) return null;
  const parts = [
    title,
    ...(input === null || input === title ? [] : [input]),
    ...paths.filter((path) => path !== input),
  ];
  const line = parts.join(' · ');
  return parts.every(isLine) && line.length <= maxChars ? line : null;
}

/** Clients that send no digest show a question up to this length, if it is one plain line. */
export const UNPROVEN_QUESTION_MAX_CHARS = 200;

/** Whether a client that sends no digest, such as a page of an earlier version, shows all of the question. */
export function isShownWithoutProof(question: Question): boolean {
  const { title, tool } = question;
  const input = tool?.input ?? title;
  // They leave out an input that stands somewhere in the title.
  const isInputShown = input === title || !title.includes(input);
  return isInputShown && plainQuestion(question, UNPROVEN_QUESTION_MAX_CHARS) !== null;
}
