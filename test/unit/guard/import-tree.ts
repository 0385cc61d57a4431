/** What the guards read of the tree: its source files, and what each imports. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';

export const ROOT = resolve(import.meta.dirname, '../../..');
export const SOURCES = /\.(ts|tsx|cts|mts)$/;
/** The rooms of the product, as package imports name them. */
export const ROOMS = ['lib', 'protocol', 'relay', 'ui', 'phone', 'renderer', 'preload', 'main'] as const;

/** Paths from the project's root, in no order. */
export function listSources(folder: string): string[] {
  if (!existsSync(join(ROOT, folder))) return [];
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && SOURCES.test(entry.name))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)));
}

/** What a file imports: paths from the project's root, or names of packages. */
export function importsOf(file: string): string[] {
  const text = readFileSync(join(ROOT, file), 'utf8');
  const found = [...text.matchAll(/(?:from|import)\s*\(?\s*['"]([^'"\s]+)['"]/g)].map((match) => match[1] as string);
  return found.map((name) => targetOf(file, name));
}

/** Path from the project's root of a file of ours; else the name of the package. */
export function targetOf(file: string, name: string): string {
  if (name.startsWith('#')) return name.slice(1);
  return name.startsWith('.') ? relative(ROOT, resolve(ROOT, file, '..', name)) : name;
}
