/** Makes what an agent says fit the log: large outputs become blobs, endless texts become several events. Pure but for the hash. */
import { createHash } from 'node:crypto';
import { textHead } from '#lib/text-head.ts';
import type { NewEvent, ToolCall, ToolContent } from '#protocol/events.ts';
import { INLINE_OUTPUT_MAX_BYTES } from '#protocol/limits.ts';

/** How much of a blob is shown in its event. */
export const BLOB_HEAD_CHARS = 4_000;
/** Pieces of content per tool call; what follows is joined into one blob. */
export const TOOL_PIECES_MAX = 200;

/** What of a tool call stays in its event. What is larger is kept whole as a blob, and begins in the event. */
export interface ToolLimits {
  /** Of what was asked, and of its other arguments, each. */
  readonly inputChars: number;
  readonly outputBytes: number;
  /** Of a change to one file: it travels as a diff, not as text. */
  readonly diffBytes: number;
  /** All of one tool call's content. */
  readonly contentBytes: number;
  readonly pieces: number;
  readonly paths: number;
  readonly headChars: number;
}

export const TOOL_LIMITS: ToolLimits = {
  inputChars: 16 * 1024,
  outputBytes: INLINE_OUTPUT_MAX_BYTES,
  diffBytes: 512 * 1024,
  contentBytes: 1024 * 1024,
  pieces: TOOL_PIECES_MAX,
  paths: 200,
  headChars: BLOB_HEAD_CHARS,
};
/** Many questions travel together, in every state. */
export const QUESTION_LIMITS: ToolLimits = {
  inputChars: 4 * 1024,
  outputBytes: 8 * 1024,
  diffBytes: 32 * 1024,
  contentBytes: 48 * 1024,
  pieces: 16,
  paths: 32,
  headChars: 1_000,
};
/** A longer path is told whole in the blob of all paths. */
export const PATH_MAX_CHARS = 2_000;
/** A longer message is told in several events, so that each can travel. */
export const MESSAGE_EVENT_MAX_CHARS = 512 * 1024;
/** Of titles, names and other one-liners that an agent makes up. */
export const AGENT_LINE_MAX_CHARS = 2_000;
/** Of an option's or an entry's id: the protocol's limit for ids. */
export const AGENT_ID_MAX_CHARS = 200;
export const PLAN_ENTRIES_MAX = 500;
export const APPROVAL_OPTIONS_MAX = 200;
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
      return [{ kind: 'tool', body: fitTool(event.body, keep, TOOL_LIMITS) }];
    case 'approval.requested': {
      const { tool, title, options } = event.body;
      const fitted = {
        ...event.body,
        title: fitLine(title),
        tool: tool && fitTool(tool, keep, QUESTION_LIMITS),
        options: options.slice(0, APPROVAL_OPTIONS_MAX).map((option) => ({
          ...option,
          name: fitLine(option.name, OPTION_NAME_MAX_CHARS),
          ...(option.said !== undefined && { said: fitLine(option.said, OPTION_NAME_MAX_CHARS) }),
        })),
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

/** Nothing of what the tool gets is left out: what does not stay is in a blob. */
export function fitTool(tool: ToolCall, keep: (large: LargeText) => void, limits: ToolLimits): ToolCall {
  const { input, arguments: others, paths, ...rest } = tool;
  const blobs = new BlobMaker(keep, limits.headChars);
  const first: ToolContent[] = [];
  const head = (text: string, of: BlobOf) => {
    if (text.length <= limits.inputChars) return text;
    first.push(blobs.make(text, of));
    return textHead(text, limits.headChars);
  };
  const fittedInput = input === undefined ? undefined : head(input, 'input');
  const fittedOthers = others === undefined ? undefined : head(others, 'arguments');
  if (paths.length > limits.paths || paths.some((path) => path.length > PATH_MAX_CHARS)) {
    first.push(blobs.make(paths.join('\n'), 'paths'));
  }
  return {
    ...rest,
    id: fitId(tool.id),
    title: fitLine(tool.title),
    kind: textHead(tool.kind, AGENT_ID_MAX_CHARS),
    paths: paths.slice(0, limits.paths).map((path) => fitLine(path, PATH_MAX_CHARS)),
    content: [...first, ...fitContent(tool.content, blobs, limits)],
    ...(fittedInput !== undefined && { input: fittedInput }),
    ...(fittedOthers !== undefined && { arguments: fittedOthers }),
    ...(blobs.isLossy && { isCut: true }),
  };
}

function fitContent(content: readonly ToolContent[], blobs: BlobMaker, limits: ToolLimits): ToolContent[] {
  let inlineBytes = 0;
  const fitted = content.slice(0, limits.pieces).map((piece): ToolContent => {
    if (piece.kind === 'blob') return piece;
    const bytes = Buffer.byteLength(textOf(piece));
    const limit = piece.kind === 'diff' ? limits.diffBytes : limits.outputBytes;
    if (bytes > limit || inlineBytes + bytes > limits.contentBytes)
      return blobs.make(textOf(piece), undefined, pathOf(piece));
    inlineBytes += bytes;
    return piece;
  });
  const rest = content.slice(limits.pieces);
  return rest.length === 0 ? fitted : [...fitted, blobs.make(rest.map(textOf).join('\n\n'))];
}

type BlobOf = NonNullable<Extract<ToolContent, { kind: 'blob' }>['of']>;

class BlobMaker {
  readonly #keep: (large: LargeText) => void;
  readonly #headChars: number;
  /** A text had halves of characters, which no blob can hold. */
  isLossy = false;

  constructor(keep: (large: LargeText) => void, headChars: number) {
    this.#keep = keep;
    this.#headChars = headChars;
  }

  make(text: string, of?: BlobOf, path?: string): ToolContent {
    // One text has one hash: a lone surrogate is stored as the replacement character, and so it is hashed.
    const wellFormed = text.toWellFormed();
    if (wellFormed !== text) this.isLossy = true;
    const bytes = Buffer.byteLength(wellFormed);
    const sha256 = createHash('sha256').update(wellFormed).digest('hex');
    this.#keep({ sha256, bytes, text: wellFormed });
    const head = textHead(wellFormed, this.#headChars);
    return {
      kind: 'blob',
      blob: sha256,
      bytes,
      sha256,
      head,
      ...(of !== undefined && { of }),
      ...(path !== undefined && { path }),
    };
  }
}

function pathOf(piece: ToolContent): string | undefined {
  return piece.kind === 'diff' && piece.path.length <= PATH_MAX_CHARS ? piece.path : undefined;
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
    const part = textHead(text.slice(at, at + MESSAGE_EVENT_MAX_CHARS + 1), MESSAGE_EVENT_MAX_CHARS);
    parts.push(part);
    at += part.length;
  }
  return parts;
}

export function fitLine(text: string, maxChars = AGENT_LINE_MAX_CHARS): string {
  return text.length <= maxChars ? text : `${textHead(text, maxChars - 1)}…`;
}

/** The id itself, or a hash in its place if the protocol could not carry it. */
export function fitId(id: string): string {
  if (id.length > 0 && id.length <= AGENT_ID_MAX_CHARS) return id;
  return createHash('sha256').update(id).digest('hex');
}
