/** Makes what an agent says fit the log: large outputs become blobs, endless texts become several events. Pure but for the hash. */
import { createHash } from 'node:crypto';
import type { NewEvent, ToolCall, ToolContent } from '#protocol/events.ts';
import { INLINE_OUTPUT_MAX_BYTES } from '#protocol/limits.ts';

/** How much of a blob is shown in its event. */
export const BLOB_HEAD_CHARS = 4_000;
/** A change to one file above this is kept as a blob; below, it travels as a diff. */
export const DIFF_INLINE_MAX_BYTES = 512 * 1024;
/** All of one tool call's content that stays in its event. */
export const TOOL_INLINE_MAX_BYTES = 1024 * 1024;
/** Pieces of content per tool call; what follows is joined into one blob. */
export const TOOL_PIECES_MAX = 200;
export const TOOL_PATHS_MAX = 200;
/** A longer message is told in several events, so that each can travel. */
export const MESSAGE_EVENT_MAX_CHARS = 512 * 1024;
/** Of titles, names and other one-liners that an agent makes up. */
export const AGENT_LINE_MAX_CHARS = 2_000;
/** Of an option's or an entry's id: the protocol's limit for ids. */
export const AGENT_ID_MAX_CHARS = 200;
export const PLAN_ENTRIES_MAX = 500;
export const APPROVAL_OPTIONS_MAX = 20;
export const OPTION_NAME_MAX_CHARS = 200;

export interface LargeText {
  /** Hex. */
  readonly sha256: string;
  readonly bytes: number;
  readonly text: string;
}

/** The event, or the events it has to be told in. `keep` is called with each text that must be stored as a blob. */
export function fitEvent(event: NewEvent, keep: (large: LargeText) => void): NewEvent[] {
  switch (event.kind) {
    case 'message':
    case 'thought':
      return splitText(event.body.text).map((text, index) => ({
        kind: event.kind,
        body: { id: index === 0 ? fitId(event.body.id) : `${fitId(event.body.id).slice(0, 180)}~${index + 1}`, text },
      }));
    case 'tool':
      return [{ kind: 'tool', body: fitTool(event.body, keep) }];
    case 'approval.requested': {
      const { tool, title, options } = event.body;
      const fitted = {
        ...event.body,
        title: fitLine(title),
        tool: tool && fitTool(tool, keep),
        options: options
          .slice(0, APPROVAL_OPTIONS_MAX)
          .map((option) => ({ ...option, name: fitLine(option.name, OPTION_NAME_MAX_CHARS) })),
      };
      return [{ kind: 'approval.requested', body: fitted }];
    }
    case 'plan': {
      const entries = event.body.entries.slice(0, PLAN_ENTRIES_MAX);
      return [{ kind: 'plan', body: { entries: entries.map((entry) => ({ ...entry, text: fitLine(entry.text) })) } }];
    }
    default:
      return [event];
  }
}

export function fitTool(tool: ToolCall, keep: (large: LargeText) => void): ToolCall {
  const content = new ToolFitter(keep).fit(tool);
  const { input, ...rest } = tool;
  return {
    ...rest,
    id: fitId(tool.id),
    title: fitLine(tool.title),
    kind: tool.kind.slice(0, AGENT_ID_MAX_CHARS),
    paths: tool.paths.slice(0, TOOL_PATHS_MAX).map((path) => fitLine(path)),
    content,
    ...(input !== undefined && { input: headOf(input, INLINE_OUTPUT_MAX_BYTES / 4) }),
  };
}

class ToolFitter {
  readonly #keep: (large: LargeText) => void;
  #inlineBytes = 0;

  constructor(keep: (large: LargeText) => void) {
    this.#keep = keep;
  }

  fit(tool: ToolCall): ToolContent[] {
    const fitted: ToolContent[] = [];
    // What an agent was asked to run is never lost, however long it is.
    if (tool.input !== undefined && tool.input.length > INLINE_OUTPUT_MAX_BYTES / 4)
      fitted.push(this.#toBlob(tool.input));
    for (const piece of tool.content.slice(0, TOOL_PIECES_MAX)) fitted.push(this.#fitPiece(piece));
    const rest = tool.content.slice(TOOL_PIECES_MAX);
    if (rest.length > 0) fitted.push(this.#toBlob(rest.map(textOf).join('\n\n')));
    return fitted;
  }

  #fitPiece(piece: ToolContent): ToolContent {
    if (piece.kind === 'blob') return piece;
    const bytes = Buffer.byteLength(textOf(piece));
    const limit = piece.kind === 'diff' ? DIFF_INLINE_MAX_BYTES : INLINE_OUTPUT_MAX_BYTES;
    if (bytes > limit || this.#inlineBytes + bytes > TOOL_INLINE_MAX_BYTES) return this.#toBlob(textOf(piece));
    this.#inlineBytes += bytes;
    return piece;
  }

  #toBlob(text: string): ToolContent {
    // One text has one hash: a lone surrogate is stored as the replacement character, and so it is hashed.
    const wellFormed = text.toWellFormed();
    const bytes = Buffer.byteLength(wellFormed);
    const sha256 = createHash('sha256').update(wellFormed).digest('hex');
    this.#keep({ sha256, bytes, text: wellFormed });
    return { kind: 'blob', blob: sha256, bytes, sha256, head: headOf(wellFormed, BLOB_HEAD_CHARS) };
  }
}

function textOf(piece: ToolContent): string {
  if (piece.kind === 'text') return piece.text;
  if (piece.kind === 'blob') return piece.head;
  return piece.before === null
    ? `New file ${piece.path}\n\n${piece.after}`
    : `${piece.path}, before:\n\n${piece.before}\n\n${piece.path}, after:\n\n${piece.after}`;
}

function splitText(text: string): string[] {
  if (text.length <= MESSAGE_EVENT_MAX_CHARS) return [text];
  const parts: string[] = [];
  for (let at = 0; at < text.length; ) {
    const part = headOf(text.slice(at, at + MESSAGE_EVENT_MAX_CHARS + 1), MESSAGE_EVENT_MAX_CHARS);
    parts.push(part);
    at += part.length;
  }
  return parts;
}

/** The first `chars` UTF-16 units, without cutting a character in two. */
function headOf(text: string, chars: number): string {
  if (text.length <= chars) return text;
  const last = text.charCodeAt(chars - 1);
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? chars - 1 : chars);
}

export function fitLine(text: string, maxChars = AGENT_LINE_MAX_CHARS): string {
  return text.length <= maxChars ? text : `${headOf(text, maxChars - 1)}…`;
}

/** The id itself, or a hash in its place if the protocol could not carry it. */
export function fitId(id: string): string {
  if (id.length > 0 && id.length <= AGENT_ID_MAX_CHARS) return id;
  return createHash('sha256').update(id).digest('hex');
}
