import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { PAGE_ROOMS } from '#phone/vite.config.ts';
import { terminalCommand } from '#scripts/terminal-command.ts';
import { importsOf, listSources, ROOMS, ROOT, SOURCES, targetOf } from './import-tree.ts';

/** `file → import` for every import of a room that is not allowed. */
function forbiddenImports(folder: string, isAllowed: (name: string) => boolean): string[] {
  return listSources(folder).flatMap((file) =>
    importsOf(file)
      .filter((name) => !isAllowed(name))
      .map((name) => `${file} → ${name}`),
  );
}

const isBuiltIn = (name: string) => name.startsWith('node:');
const isIn =
  (...folders: string[]) =>
  (name: string) =>
    folders.some((folder) => name.startsWith(`${folder}/`));
const isPackage =
  (...packages: string[]) =>
  (name: string) =>
    packages.some((one) => name === one || name.startsWith(`${one}/`));

describe('imports go one way', () => {
  test('lib is the ground floor: it imports itself only', () => {
    expect(listSources('lib').length).toBeGreaterThan(8);
    expect(forbiddenImports('lib', isIn('lib'))).toEqual([]);
  });

  test('protocol runs anywhere: it imports itself, lib and zod/mini', () => {
    expect(forbiddenImports('protocol', (name) => isIn('protocol', 'lib')(name) || name === 'zod/mini')).toEqual([]);
  });

  test('the relay knows the protocol and nothing of the host or the phone', () => {
    const packages = isPackage('ws', 'better-sqlite3', 'zod');
    expect(
      forbiddenImports('relay', (name) => isIn('relay', 'protocol', 'lib')(name) || isBuiltIn(name) || packages(name)),
    ).toEqual([]);
  });

  test('the host knows the protocol and nothing of the relay, the terminal, the phone or Electron', () => {
    const packages = isPackage('ws', 'better-sqlite3', 'zod', 'uuidv7', '@agentclientprotocol/sdk', 'electron-log');
    const rooms = isIn('main/host', 'main/keeper/client', 'main/process', 'protocol', 'lib');
    expect(forbiddenImports('main/host', (name) => rooms(name) || isBuiltIn(name) || packages(name))).toEqual([]);
  });

  test('processes are the ground floor of main: they know nothing of agents, sessions or the keeper', () => {
    const found = forbiddenImports('main/process', (name) => isIn('main/process', 'lib')(name) || isBuiltIn(name));
    expect(found).toEqual([]);
  });

  test('the keeper stays small: it knows its wire, processes and Node, and has no circle with the host', () => {
    const wire = isIn('main/keeper/wire', 'main/process', 'lib');
    const sides = { wire, server: isIn('main/keeper/server'), client: isIn('main/keeper/client') };
    const found = Object.entries(sides).flatMap(([side, own]) =>
      forbiddenImports(`main/keeper/${side}`, (name) => own(name) || wire(name) || isBuiltIn(name)),
    );
    expect(found).toEqual([]);
    expect(listSources('main/keeper/server').length).toBeGreaterThan(3);
  });

  test('the phone knows the protocol and what it draws like the window, and nothing of Node', () => {
    const isOutside = (name: string) => isBuiltIn(name) || isIn('main', 'relay', 'renderer', 'preload', 'test')(name);
    const files = forbiddenImports('phone', (name) => !isOutside(name));
    expect(files.filter((found) => !found.startsWith('phone/vite.config.ts'))).toEqual([]);
  });

  test('what every client shares knows the protocol, and nothing of Node or of a browser', () => {
    const isAllowed = (name: string) =>
      isIn('ui/client', 'protocol', 'lib')(name) ||
      name === 'ui/host-client.ts' ||
      isPackage('@preact/signals', 'uuidv7')(name);
    expect(forbiddenImports('ui/client', isAllowed)).toEqual([]);
    const browser = /\b(?:window|document|navigator|localStorage|indexedDB)\b\.|\bset(?:Timeout|Interval)\(/;
    expect(listSources('ui/client').filter((file) => browser.test(readFileSync(join(ROOT, file), 'utf8')))).toEqual([]);
  });

  test('the name of the page’s build is made of every room that it is built from', () => {
    const rooms = new Set(['phone']);
    for (const room of rooms) {
      const outside = listSources(room)
        .filter((file) => !file.endsWith('vite.config.ts'))
        .flatMap(importsOf)
        .filter((name) => SOURCES.test(name));
      for (const name of outside) rooms.add(name.split('/')[0] as string);
    }
    expect([...rooms].toSorted()).toEqual([...PAGE_ROOMS].toSorted());
  });

  test('what both bodies share knows the host, the relay and the protocol', () => {
    const rooms = isIn('main/setup', 'main/host', 'relay', 'protocol', 'lib');
    expect(forbiddenImports('main/setup', (name) => rooms(name) || isBuiltIn(name))).toEqual([]);
  });

  test('the host in a terminal knows nothing of the tray app', () => {
    const rooms = isIn('main/terminal', 'main/setup', 'main/host', 'protocol', 'lib');
    expect(forbiddenImports('main/terminal', (name) => rooms(name) || isBuiltIn(name) || name === 'qrcode')).toEqual(
      [],
    );
  });

  test('the shell knows the host and the contract with the window, and nothing of the window itself or the terminal', () => {
    const rooms = isIn('main/desktop', 'main/setup', 'main/host', 'protocol', 'lib');
    const packages = isPackage('electron', 'electron-updater', 'zod', 'uuidv7');
    const isAllowed = (name: string) =>
      rooms(name) || name === 'preload/contract.ts' || isBuiltIn(name) || packages(name);
    expect(forbiddenImports('main/desktop', isAllowed)).toEqual([]);
  });

  test('what page and window draw alike knows the protocol, and neither of the two', () => {
    const packages = isPackage(
      'preact',
      '@preact/signals',
      '@tanstack/virtual-core',
      'dompurify',
      'marked',
      'uuidv7',
      'zod/mini',
    );
    expect(forbiddenImports('ui', (name) => isIn('ui', 'protocol', 'lib')(name) || packages(name))).toEqual([]);
  });

  test('the window knows the contract, the protocol and what it draws like the page, and nothing of the phone', () => {
    const isAllowed = (name: string) =>
      isIn('renderer', 'ui', 'protocol', 'lib')(name) ||
      name === 'preload/contract.ts' ||
      isPackage('preact', '@preact/signals', 'qrcode', 'uuidv7')(name);
    const found = forbiddenImports('renderer', isAllowed);
    expect(found.filter((line) => !line.startsWith('renderer/vite.config.ts'))).toEqual([]);
    // Styles too, which no compiler looks at.
    const styles = ['ui', 'renderer'].flatMap((room) =>
      readdirSync(join(ROOT, room, 'styles')).map((file) => join(room, 'styles', file)),
    );
    expect(styles.filter((file) => readFileSync(join(ROOT, file), 'utf8').includes('phone/'))).toEqual([]);
  });

  test('the preload imports types only: a sandboxed one is one file', () => {
    const preload = readFileSync(join(ROOT, 'preload/index.cts'), 'utf8');
    const statements = [...preload.matchAll(/^(?:import|export)\b[^;]*?\bfrom\b[^;]*;/gm)].map(([found]) => found);
    expect(statements.length).toBe(2);
    expect(statements.filter((line) => !/^import type /.test(line))).toEqual([]);
    const isAllowed = (name: string) => isIn('preload', 'protocol')(name) || name === 'electron' || name === 'zod/mini';
    expect(forbiddenImports('preload', isAllowed)).toEqual([]);
  });

  test('Electron is imported only by the entry, the composition root and the desktop room, and as types by the preload', () => {
    const rooms = ['main', 'protocol', 'relay', 'ui', 'phone', 'renderer', 'preload', 'scripts'];
    const found = rooms.flatMap((room) =>
      forbiddenImports(room, (name) => !/^electron(\/(main|renderer|common))?$/.test(name)),
    );
    expect(found.some((line) => line.startsWith('main/index.ts '))).toBe(true);
    expect(
      found.filter((line) => !/^main\/(index|application)\.ts |^main\/desktop\/|^preload\/index\.cts /.test(line)),
    ).toEqual([]);
  });
});

test('an import that leaves its room, or climbs more than one folder, says the room by name', () => {
  const rooms = ['lib', 'protocol', 'relay', 'ui', 'phone', 'renderer', 'preload', 'main', 'test', 'scripts'];
  const climbing = rooms.flatMap((room) =>
    listSources(room).flatMap((file) =>
      [...readFileSync(join(ROOT, file), 'utf8').matchAll(/(?:from|import)\s*\(?\s*'(\.\.\/[^'\s]+\.tsx?)'/g)]
        .map(([, name]) => name as string)
        .filter((name) => name.startsWith('../../') || !targetOf(file, name).startsWith(`${room}/`))
        .map((name) => `${file} → ${name}`),
    ),
  );
  expect(climbing).toEqual([]);
});

test('a promise that nobody waits for is marked by unawaited, which says what was attempted, and never by void', () => {
  const bare = /(?:^|[^=:<|,] |=> )void (?:this|[a-z#(])[\w.#(]*\(/;
  const found = ROOMS.flatMap(listSources).flatMap((file) =>
    readFileSync(join(ROOT, file), 'utf8')
      .split('\n')
      .filter((line) => bare.test(line) && !/^\s*(?:\*|\/)/.test(line))
      .map((line) => `${file}: ${line.trim()}`),
  );
  expect(found).toEqual([]);
});

test('every process has the one crash policy, and nobody else listens for what was not caught', () => {
  const entries = ['main/index.ts', 'main/terminal/index.ts', 'main/keeper/server/index.ts', 'relay/index.ts'];
  const installs = (file: string) =>
    /\b(?:surviveCrashes|installCrashHandlers)\(/.test(readFileSync(join(ROOT, file), 'utf8'));
  expect(entries.filter((file) => !installs(file))).toEqual([]);
  const listens = ROOMS.flatMap(listSources).filter((file) =>
    /'(?:uncaughtException|unhandledRejection)'/.test(readFileSync(join(ROOT, file), 'utf8')),
  );
  expect(listens).toEqual(['lib/crash-policy.ts']);
});

describe('the machine', () => {
  test('npm scripts run on the Node that the project brings, 22.12 or newer', () => {
    const [major, minor] = process.versions.node.split('.').map(Number) as [number, number];
    expect(major > 22 || (major === 22 && minor >= 12)).toBe(true);
    const own = execFileSync(join(ROOT, 'node_modules/.bin/node'), ['--version'], { encoding: 'utf8' }).trim();
    const { devDependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    expect(own).toBe(`v${devDependencies.node}`);
    expect(process.version).toBe(own);
  });

  test('npm run host gives Node the same as npm start does', () => {
    const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    expect(scripts.host).toContain(`node ${terminalCommand('.').join(' ').replaceAll('\\', '/')}`);
  });

  test('every dependency is pinned to one version, and the lock file names no registry', () => {
    const { dependencies, devDependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    const ranges = Object.entries({ ...dependencies, ...devDependencies }).filter(
      ([, version]) => !/^\d+\.\d+\.\d+$/.test(String(version)),
    );
    expect(ranges).toEqual([]);
    expect(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')).not.toMatch(/"resolved":/);
  });
});

test('files and types are named for the noun inside, never for a place to put things', () => {
  const rooms = ['lib', 'protocol', 'relay', 'ui', 'phone', 'renderer', 'preload', 'main', 'scripts', 'test'];
  const files = rooms.flatMap(listSources).filter((file) => !file.startsWith('test/fixtures/'));
  const inName = /(?:^|[-/])(?:desk|manager|helper|util)s?(?:[-./]|$)/;
  const inType = /\b(?:class|interface|type|enum) (\w*(?:Desk|Manager|Helper|Util)s?(?![a-z])\w*)/g;
  const found = files.flatMap((file) => [
    ...(inName.test(file) ? [file] : []),
    ...[...readFileSync(join(ROOT, file), 'utf8').matchAll(inType)].map(([, name]) => `${file}: ${name}`),
  ]);
  expect(found).toEqual([]);
});

test('no source file has grown past what one noun needs', () => {
  const rooms = ['main', 'preload', 'renderer', 'protocol', 'relay', 'ui', 'phone', 'scripts'];
  const long = rooms
    .flatMap(listSources)
    .map((file) => [file, readFileSync(join(ROOT, file), 'utf8').split('\n').length] as const)
    .filter(([, lines]) => lines > 400);
  expect(long).toEqual([]);
});

test('the pieces that a fresh clone needs are there', () => {
  const needed = [
    '.ci/run',
    'LICENSE',
    'README.md',
    'CHANGELOG.md',
    'protocol/README.md',
    'relay/Dockerfile',
    'electron-builder.yml',
    'assets/logo.svg',
  ];
  expect(needed.filter((file) => !statSync(join(ROOT, file), { throwIfNoEntry: false })?.isFile())).toEqual([]);
});
