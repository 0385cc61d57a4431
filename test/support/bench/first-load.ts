/** What a browser fetches before the phone's page can do anything, in gzip bytes. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { gzipSync } from 'node:zlib';

export interface FirstLoad {
  /** Scripts that index.html names and what they import at once; paths below the folder. */
  readonly scripts: readonly string[];
  readonly scriptBytes: number;
  readonly styleBytes: number;
  /** Every other script, the service worker's included. */
  readonly laterScriptBytes: number;
}

export function measureFirstLoad(folder: string): FirstLoad {
  const html = readFileSync(join(folder, 'index.html'), 'utf8');
  const named = [...html.matchAll(/<(?:script|link)\b[^>]*?\b(?:src|href)="([^"]+)"/g)].map(([, path]) =>
    toRelative(path as string),
  );
  const scripts = new Set<string>();
  for (const script of named.filter((path) => path.endsWith('.js'))) follow(folder, script, scripts);
  const styles = named.filter((path) => path.endsWith('.css'));
  const all = readdirSync(folder, { recursive: true }).map((path) => String(path).replaceAll('\\', '/'));
  const later = all.filter((path) => path.endsWith('.js') && !scripts.has(path));
  // What stands in index.html itself counts too.
  const inline = [...html.matchAll(/<script\b[^>]*>([^<]+)<\/script>/g)].map(
    ([, text]) => gzipSync(text as string).length,
  );
  return {
    scripts: [...scripts],
    scriptBytes: sum([...scripts].map((path) => gzipBytes(folder, path))) + sum(inline),
    styleBytes: sum(styles.map((path) => gzipBytes(folder, path))),
    laterScriptBytes: sum(later.map((path) => gzipBytes(folder, path))),
  };
}

/** Static imports, not `import()`. */
function follow(folder: string, path: string, found: Set<string>): void {
  if (found.has(path)) return;
  found.add(path);
  const text = readFileSync(join(folder, path), 'utf8');
  for (const [, target] of text.matchAll(
    /(?:^|[;\s}])(?:import|export)\s*(?:[\w*${},\s]+\bfrom\s*)?["'](\.{1,2}\/[^"']+)["']/g,
  )) {
    follow(folder, posix.join(posix.dirname(path), target as string), found);
  }
}

function toRelative(path: string): string {
  return path.replace(/^\.?\//, '');
}

function gzipBytes(folder: string, path: string): number {
  return gzipSync(readFileSync(join(folder, path))).length;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}
