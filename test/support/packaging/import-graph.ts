/**
 * Which files a compiled program loads, without running it: follows every literal `import` and `require`, as Node resolves them.
 * A program of its own, because only then Node resolves for another file: `node --experimental-import-meta-resolve import-graph.ts FILE…`
 */
import { readFileSync } from 'node:fs';
import { createRequire, findPackageJSON, isBuiltin } from 'node:module';
import { extname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const SPECIFIER = /(?:\bfrom|\bimport)\s*\(?\s*['"]([^'"\n]+)['"]|\brequire\(\s*['"]([^'"\n]+)['"]\s*\)/g;
/** Comes with the program that runs, not with the app. */
const GIVEN = ['electron', 'original-fs'];

function isCommonJs(file: string): boolean {
  if (extname(file) === '.cjs') return true;
  if (extname(file) === '.mjs') return false;
  const manifest = findPackageJSON(pathToFileURL(file));
  return manifest === undefined || JSON.parse(readFileSync(manifest, 'utf8')).type !== 'module';
}

/** Whether a package says that it needs another one. What it does not name it only tries to load, and does without. */
function isDeclared(file: string, specifier: string): boolean {
  if (specifier.startsWith('.') || specifier.startsWith('#')) return true;
  const manifest = findPackageJSON(pathToFileURL(file));
  const { name, dependencies = {} } = JSON.parse(readFileSync(manifest as string, 'utf8'));
  const wanted = /^(?:@[^/]+\/)?[^/]+/.exec(specifier)?.[0] as string;
  return wanted === name || wanted in dependencies;
}

/** Null for what a package does without. */
function resolveFrom(file: string, specifier: string): string | null {
  const isPackage = file.includes(join('/', 'node_modules', '/'));
  if (isPackage && !isDeclared(file, specifier)) return null;
  try {
    if (isCommonJs(file)) return createRequire(file).resolve(specifier);
    const url = import.meta.resolve(specifier, pathToFileURL(file).href);
    return url.startsWith('file:') ? fileURLToPath(url) : null;
  } catch (error) {
    // Such as a file that only other systems have.
    if (isPackage) return null;
    throw new Error(`${file} imports ${specifier}, which is not there.`, { cause: error });
  }
}

const found = new Set<string>();
const waiting = process.argv.slice(2);
for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
  if (found.has(file)) continue;
  found.add(file);
  if (!/\.[cm]?js$/.test(file)) continue;
  for (const [, imported, required] of readFileSync(file, 'utf8').matchAll(SPECIFIER)) {
    const specifier = imported ?? required;
    if (specifier === undefined || isBuiltin(specifier) || GIVEN.includes(specifier.split('/', 1)[0] as string))
      continue;
    const target = resolveFrom(file, specifier);
    if (target !== null) waiting.push(target);
  }
}
process.stdout.write(JSON.stringify([...found].sort()));
