/** Reading JSON of which little is known, without pretending to know more. */
export type Json = unknown;

export function field(value: Json, name: string): Json {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

export function text(value: Json): string {
  return typeof value === 'string' ? value : '';
}

export function list(value: Json): readonly Json[] {
  return Array.isArray(value) ? value : [];
}

/** The text of content that is a string or a list of parts with a `text`. */
export function contentText(value: Json): string {
  return typeof value === 'string'
    ? value
    : list(value)
        .map((part) => text(field(part, 'text')))
        .join('\n');
}

/** What a person wrote, without the notes that agents add around it. */
export function withoutNotes(value: string): string {
  return value
    .replace(/<(system-reminder|environment_context|user_instructions|INSTRUCTIONS)>[\s\S]*?<\/\1>/g, '')
    .trim();
}
