/**
 * `dist/package.json`: tells Node what `#room/…` means below `dist`. The sources import each other by these names, which the project's own
 * `package.json` leads to the sources; compiled files have to find compiled ones. (Node looks at the nearest `package.json`.)
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What `dist/package.json` says, for a project whose own one names rooms as `"#room/*.ts": "./room/*.ts"`. */
export function compiledPackage(manifest: { imports: Readonly<Record<string, string>> }): object {
  const compiled = Object.entries(manifest.imports).map(([name, path]) => [name, path.replace(/\.tsx?$/, '.js')]);
  return { type: 'module', imports: Object.fromEntries(compiled) };
}

/** Writes it, if it does not say that already: a compiler that watches would see a change. */
export function writeCompiledPackage(root: string): void {
  const file = join(root, 'dist/package.json');
  const text = `${JSON.stringify(compiledPackage(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))), null, 2)}\n`;
  try {
    if (readFileSync(file, 'utf8') === text) return;
  } catch {
    // Not there yet.
  }
  mkdirSync(join(root, 'dist'), { recursive: true });
  writeFileSync(file, text);
}

if (import.meta.main) writeCompiledPackage(join(import.meta.dirname, '..'));
