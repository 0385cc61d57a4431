/** Imports go one way: what each room may know. A room that is in no row is a fault as well. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { PAGE_ROOMS } from '#phone/vite.config.ts';
import { importsOf, listSources, ROOMS, ROOT, SOURCES, targetOf } from './import-tree.ts';

interface Room {
  readonly rule: string;
  /** Folders, or files. */
  readonly in: readonly string[];
  /** Folders or files of ours that it may import, beside itself. */
  readonly rooms: readonly string[];
  readonly packages?: readonly string[];
  /** Whether it may import what Node brings. */
  readonly node?: true;
}

/** Where a bundle is set up, and what an environment is declared to bring: not part of the room beside them. */
const isBeside = (file: string) => file.endsWith('/vite.config.ts') || file.endsWith('.d.ts');

const TABLE: readonly Room[] = [
  { rule: 'lib is the ground floor: it imports itself only', in: ['lib'], rooms: [] },
  { rule: 'the protocol runs anywhere', in: ['protocol'], rooms: ['lib'], packages: ['zod/mini'] },
  {
    rule: 'the relay knows the protocol, and nothing of the host or the phone',
    in: ['relay'],
    rooms: ['protocol', 'lib'],
    packages: ['ws', 'better-sqlite3', 'zod'],
    node: true,
  },
  {
    rule: 'processes are the ground floor of main: they know nothing of agents, sessions or the keeper',
    in: ['main/process'],
    rooms: ['lib'],
    node: true,
  },
  { rule: 'the wire of the keeper', in: ['main/keeper/wire'], rooms: ['main/process', 'lib'], node: true },
  {
    rule: 'the keeper stays small, and has no circle with the host',
    in: ['main/keeper/server'],
    rooms: ['main/keeper/wire', 'main/process', 'lib'],
    node: true,
  },
  {
    rule: 'the host’s end of the keeper knows nothing of what it is used for',
    in: ['main/keeper/client'],
    rooms: ['main/keeper/wire', 'main/process', 'lib'],
    node: true,
  },
  {
    rule: 'the host knows the protocol, and nothing of the relay, the terminal, the phone or Electron',
    in: ['main/host'],
    rooms: ['main/keeper/client', 'main/process', 'protocol', 'lib'],
    packages: ['ws', 'better-sqlite3', 'zod', 'uuidv7', '@agentclientprotocol/sdk', 'electron-log'],
    node: true,
  },
  {
    rule: 'which agents there are, and how to speak to one, knows nothing of sessions, devices or the history',
    in: ['main/host/agents/acp', 'main/host/agents/catalogue'],
    rooms: ['main/host/agents', 'main/host/settings.ts', 'main/process', 'protocol', 'lib'],
    packages: ['zod', 'uuidv7', '@agentclientprotocol/sdk'],
    node: true,
  },
  {
    rule: 'the history knows the protocol, and nothing of those who read and write it',
    in: ['main/host/history'],
    rooms: ['main/host/make-folder.ts', 'protocol', 'lib'],
    packages: ['better-sqlite3'],
    node: true,
  },
  {
    rule: 'what app and terminal set up alike knows the host, the relay and the protocol',
    in: ['main/setup'],
    rooms: ['main/host', 'relay', 'protocol', 'lib'],
    node: true,
  },
  {
    rule: 'the host in a terminal knows nothing of the tray app',
    in: ['main/terminal'],
    rooms: ['main/setup', 'main/host', 'protocol', 'lib'],
    packages: ['qrcode'],
    node: true,
  },
  {
    rule: 'the tray app knows the host and the contract with the window, and nothing of the window or the terminal',
    in: ['main/desktop'],
    rooms: ['main/setup', 'main/host', 'preload/contract.ts', 'protocol', 'lib'],
    packages: ['electron', 'electron-updater', 'zod', 'uuidv7'],
    node: true,
  },
  {
    rule: 'the entry and the composition root put the tray app together',
    in: ['main/index.ts', 'main/application.ts'],
    rooms: ['main/application.ts', 'main/desktop', 'main/setup', 'main/host', 'preload/contract.ts', 'lib'],
    packages: ['electron', 'electron-updater'],
    node: true,
  },
  {
    rule: 'the demo agent is an agent like any other: it knows ACP and nothing of Baton',
    in: ['main/demo-agent'],
    rooms: [],
    packages: ['@agentclientprotocol/sdk', 'zod'],
    node: true,
  },
  {
    rule: 'what every client shares knows the protocol, and nothing of Node or of a browser',
    in: ['ui/client'],
    rooms: ['ui/host-client.ts', 'protocol', 'lib'],
    packages: ['@preact/signals', 'uuidv7'],
  },
  {
    rule: 'what page and window draw alike knows the protocol, and neither of the two',
    in: ['ui'],
    rooms: ['protocol', 'lib'],
    packages: [
      ...['preact', '@preact/signals', '@tanstack/virtual-core', 'dompurify', 'marked', 'marked-cjk-friendly'],
      ...['strip-ansi', 'uuidv7', 'zod/mini'],
    ],
  },
  {
    rule: 'the phone knows the protocol and what it draws like the window, and nothing of Node',
    in: ['phone'],
    rooms: ['ui', 'protocol', 'lib'],
    packages: ['preact', '@preact/signals', 'idb', 'uuidv7', 'zod/mini'],
  },
  {
    rule: 'the phone’s client draws nothing',
    in: ['phone/core'],
    rooms: ['ui/client', 'ui/host-client.ts', 'ui/browser-environment.ts', 'protocol', 'lib'],
    packages: ['@preact/signals', 'idb', 'uuidv7', 'zod/mini'],
  },
  {
    rule: 'the window knows the contract and what it draws like the page, and nothing of the phone',
    in: ['renderer'],
    rooms: ['ui', 'preload/contract.ts', 'protocol', 'lib'],
    packages: ['preact', '@preact/signals', 'qrcode', 'uuidv7'],
  },
  {
    rule: 'the contract with the window knows the protocol',
    in: ['preload'],
    rooms: ['protocol'],
    packages: ['electron', 'zod/mini'],
  },
];

const isUnder = (name: string, places: readonly string[]) =>
  places.some((place) => name === place || name.startsWith(`${place}/`));
const sourcesOf = (place: string) => (SOURCES.test(place) ? [place] : listSources(place));

/** `file → import` for every import that the room may not have. */
function forbiddenImports({ in: places, rooms, packages = [], node }: Room): string[] {
  const isAllowed = (name: string) =>
    isUnder(name, [...places, ...rooms, ...packages]) || (node === true && name.startsWith('node:'));
  return places
    .flatMap(sourcesOf)
    .filter((file) => !isBeside(file))
    .flatMap((file) =>
      importsOf(file)
        .filter((name) => !isAllowed(name))
        .map((name) => `${file} → ${name}`),
    );
}

describe('imports go one way', () => {
  for (const room of TABLE)
    test(room.rule, () => {
      expect(room.in.flatMap(sourcesOf).length).toBeGreaterThan(0);
      expect(forbiddenImports(room)).toEqual([]);
    });

  test('every room has a row', () => {
    const placed = new Set(TABLE.flatMap((room) => room.in.flatMap(sourcesOf)));
    expect(ROOMS.flatMap(listSources).filter((file) => !placed.has(file))).toEqual([]);
  });

  test('what every client shares touches no browser by its globals either', () => {
    const browser = /\b(?:window|document|navigator|localStorage|indexedDB)\b\.|\bset(?:Timeout|Interval)\(/;
    expect(listSources('ui/client').filter((file) => browser.test(readFileSync(join(ROOT, file), 'utf8')))).toEqual([]);
  });

  test('the styles of the window know nothing of the phone either', () => {
    const styles = ['ui', 'renderer'].flatMap((room) =>
      readdirSync(join(ROOT, room, 'styles')).map((file) => join(room, 'styles', file)),
    );
    expect(styles.filter((file) => readFileSync(join(ROOT, file), 'utf8').includes('phone/'))).toEqual([]);
  });

  test('the name of the page’s build is made of every room that it is built from', () => {
    const rooms = new Set(['phone']);
    for (const room of rooms) {
      const outside = listSources(room)
        .filter((file) => !isBeside(file))
        .flatMap(importsOf)
        .filter((name) => SOURCES.test(name));
      for (const name of outside) rooms.add(name.split('/')[0] as string);
    }
    expect([...rooms].toSorted()).toEqual([...PAGE_ROOMS].toSorted());
  });

  test('the preload imports types only: a sandboxed one is one file', () => {
    const preload = readFileSync(join(ROOT, 'preload/index.cts'), 'utf8');
    const statements = [...preload.matchAll(/^(?:import|export)\b[^;]*?\bfrom\b[^;]*;/gm)].map(([found]) => found);
    expect(statements.length).toBe(2);
    expect(statements.filter((line) => !/^import type /.test(line))).toEqual([]);
  });

  test('scripts start and build the product, and import none of it', () => {
    const found = listSources('scripts').flatMap((file) => importsOf(file).map((name) => `${file} → ${name}`));
    expect(found.filter((line) => isUnder(line.split(' → ')[1] as string, ROOMS))).toEqual([]);
  });
});

test('an import that leaves its room, or climbs more than one folder, says the room by name', () => {
  const climbing = [...ROOMS, 'test', 'scripts'].flatMap((room) =>
    listSources(room).flatMap((file) =>
      [...readFileSync(join(ROOT, file), 'utf8').matchAll(/(?:from|import)\s*\(?\s*'(\.\.\/[^'\s]+\.tsx?)'/g)]
        .map(([, name]) => name as string)
        .filter((name) => name.startsWith('../../') || !targetOf(file, name).startsWith(`${room}/`))
        .map((name) => `${file} → ${name}`),
    ),
  );
  expect(climbing).toEqual([]);
});

test('types of a page are known only where there is one', () => {
  const withPage = ['phone', 'renderer', 'scripts', 'test'];
  const libs = (file: string): string[] =>
    JSON.parse(readFileSync(join(ROOT, file), 'utf8')).compilerOptions.lib ?? libs('tsconfig.base.json');
  const found = [...ROOMS, 'scripts', 'test']
    .map((room) => `${room}/tsconfig.json`)
    .filter((file) => existsSync(join(ROOT, file)) && libs(file).some((lib) => lib.startsWith('DOM')));
  expect(found.toSorted()).toEqual(withPage.map((room) => `${room}/tsconfig.json`));
  // A file can ask for them by itself.
  const asks = ROOMS.flatMap(listSources).filter((file) =>
    /^\/\/\/ *<reference lib="dom/m.test(readFileSync(join(ROOT, file), 'utf8')),
  );
  expect(asks.filter((file) => !isUnder(file, [...withPage, 'ui']))).toEqual([]);
});
