/** Every name and every value in a JSON value, as text. */
export function leavesOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(leavesOf);
  if (value !== null && typeof value === 'object') {
    return Object.entries(value).flatMap(([name, inner]) => [name, ...leavesOf(inner)]);
  }
  return [typeof value === 'string' ? value : JSON.stringify(value)];
}
