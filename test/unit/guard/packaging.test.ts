/** Holds electron-builder.yml against electron-builder's schema, Electron's fuses, and what the app loads and shows. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { parseLaunchArguments } from '#main/desktop/launch-arguments.ts';
import { parseUpdatePage } from '#main/desktop/system/outside-pages.ts';
import { SETTABLE_FUSES } from '#scripts/after-pack.ts';
import { LATER_FUSES } from '#scripts/fuse-wire.ts';
import {
  createPackedFilter,
  listProjectFiles,
  packageOf,
  ROOT,
  readBuilderConfiguration,
  readBuilderFile,
  readFuseSchema,
  readSettableFuses,
  validateWithBuilder,
} from '#test/support/packaging/packed-files.ts';

const configuration = readBuilderConfiguration();
const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
/** Named by electron-builder, with what better-sqlite3 calls the same. */
const SYSTEMS = [
  ['linux', 'x64', 'linux-x64'],
  ['mac', 'arm64', 'darwin-arm64'],
  ['win', 'x64', 'win32-x64'],
] as const;

describe('electron-builder.yml', () => {
  test('is valid by the schema of electron-builder, which does refuse what it does not know', async () => {
    await validateWithBuilder(readBuilderFile());
    await expect(validateWithBuilder({ ...readBuilderFile(), fuses: {} })).rejects.toThrow(/unknown property 'fuses'/);
  });

  test('says of every fuse what it is; of those that electron-builder cannot set, the hook after packing does', () => {
    const settable = readSettableFuses();
    expect(Object.keys(configuration.electronFuses).sort()).toEqual([...settable].sort());
    expect(readFuseSchema().sort()).toEqual([...settable, 'resetAdHocDarwinSignature'].sort());
    expect(settable).toHaveLength(SETTABLE_FUSES);
    expect(LATER_FUSES.map(({ place }) => place)).toEqual(LATER_FUSES.map((_, index) => SETTABLE_FUSES + index));
    expect(configuration.afterPack).toBe('./scripts/after-pack.ts');
  });

  test('hardens what can be, and leaves on only what Baton needs', () => {
    expect(configuration.electronFuses).toEqual({
      runAsNode: true,
      enableCookieEncryption: true,
      enableNodeOptionsEnvironmentVariable: false,
      enableNodeCliInspectArguments: false,
      enableEmbeddedAsarIntegrityValidation: true,
      onlyLoadAppFromAsar: true,
      loadBrowserProcessSpecificV8Snapshot: false,
      grantFileProtocolExtraPrivileges: false,
    });
    expect(configuration).toMatchObject({
      asar: true,
      asarUnpack: ['**/*.node'],
      npmRebuild: false,
      toolsets: { appimage: '1.0.3' },
      mac: { hardenedRuntime: true, notarize: true, extendInfo: { LSUIElement: true } },
      nsis: { perMachine: false },
      publish: null,
    });
  });

  test('Windows knows the app by the same name while it runs', () => {
    expect(readFileSync(join(ROOT, 'main/index.ts'), 'utf8')).toContain(`'${configuration.appId}'`);
  });

  test('the installed desktop entry has the name that Electron gives its windows', () => {
    const { executableName, syncDesktopName } = configuration.linux;
    expect([syncDesktopName, manifest.desktopName]).toEqual([true, `${executableName}.desktop`]);
  });

  test('every action of the desktop entry is listed, and says something that the app understands', () => {
    const { entry, desktopActions } = configuration.linux.desktop;
    expect(entry.Actions).toBe(
      Object.keys(desktopActions)
        .map((name) => `${name};`)
        .join(''),
    );
    const nothing = parseLaunchArguments([], '/');
    const understood = Object.fromEntries(
      Object.entries(desktopActions).map(([name, { Exec }]) => {
        const [program, ...args] = Exec.split(' ');
        expect(program).toBe(configuration.linux.executableName);
        const parsed = Object.entries(parseLaunchArguments(args, '/'));
        return [
          name,
          Object.fromEntries(parsed.filter(([key, value]) => value !== nothing[key as keyof typeof nothing])),
        ];
      }),
    );
    expect(understood).toEqual({
      open: {},
      pair: { isPairing: true },
      'remote-on': { remote: 'on' },
      'remote-off': { remote: 'off' },
      quit: { isQuit: true },
    });
  });

  test('the files that it names are there', () => {
    const named = [
      configuration.afterPack,
      ...['linux.icon', 'mac.icon', 'mac.entitlements', 'mac.entitlementsInherit', 'win.icon'].map((path) =>
        path.split('.').reduce<unknown>((value, key) => (value as Record<string, unknown>)[key], configuration),
      ),
    ] as string[];
    expect(named.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  });
});

describe('what is packed', () => {
  let loaded: string[] = [];
  beforeAll(() => {
    const entries = [
      manifest.main,
      'dist/main/demo-agent/index.js',
      'dist/main/keeper/server/index.js',
      'dist/main/terminal/index.js',
      'dist/preload/index.cjs',
    ];
    const args = ['--experimental-import-meta-resolve', join(ROOT, 'test/support/packaging/import-graph.ts')];
    const output = execFileSync(process.execPath, [...args, ...entries.map((entry) => join(ROOT, entry))], {
      encoding: 'utf8',
    });
    loaded = (JSON.parse(output) as string[]).map((file) => relative(ROOT, file).replaceAll('\\', '/'));
  });

  test('the walk through the imports finds what must be there', () => {
    const packages = new Set(loaded.filter((file) => file.startsWith('node_modules/')).map(packageOf));
    const expected = ['better-sqlite3', 'electron-log', 'electron-updater', 'ws', 'zod', '@agentclientprotocol/sdk'];
    expect(expected.filter((name) => !packages.has(`node_modules/${name}`))).toEqual([]);
    expect(loaded).toEqual(expect.arrayContaining(['dist/relay/relay.js', 'dist/main/keeper/server/keeper.js']));
    expect(loaded.length).toBeGreaterThan(200);
  });

  test.each(SYSTEMS)('for %s is everything that the app loads', (system, arch, prebuilt) => {
    const isPacked = createPackedFilter(configuration, system, arch);
    expect(loaded.filter((file) => !isPacked(file))).toEqual([]);
    const addon = (name: string) => `node_modules/better-sqlite3/prebuilds/${name}.node`;
    expect(isPacked(addon(prebuilt))).toBe(true);
    expect(SYSTEMS.filter(([, , other]) => other !== prebuilt && isPacked(addon(other)))).toEqual([]);
  });

  test('no package that the app loads is one of development, which electron-builder leaves out', () => {
    const lock = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, { dev?: boolean; devOptional?: boolean }>;
    };
    const packages = [...new Set(loaded.filter((file) => file.startsWith('node_modules/')).map(packageOf))];
    expect(packages.filter((name) => lock.packages[name]?.dev || lock.packages[name]?.devOptional)).toEqual([]);
  });

  test('are both pages whole, the preload, the tray icons, and nothing that nobody needs', () => {
    const isPacked = createPackedFilter(configuration, 'linux', 'x64');
    const files = listProjectFiles();
    const needed = files.filter(
      (file) => /^(dist\/(renderer|phone)|assets\/tray)\//.test(file) && !file.endsWith('.map'),
    );
    expect(needed).toEqual(
      expect.arrayContaining(['dist/renderer/index.html', 'dist/phone/index.html', 'dist/phone/build.txt']),
    );
    expect(needed.filter((file) => !isPacked(file))).toEqual([]);
    const allowed =
      /^(package\.json|LICENSE|assets\/tray\/.*|dist\/package\.json|dist\/(main|relay|protocol|lib)\/.*\.js|dist\/preload\/[a-z-]+\.c?js|dist\/(renderer|phone)\/.*)$/;
    expect(files.filter(isPacked).filter((file) => !allowed.test(file) || file.endsWith('.map'))).toEqual([]);
  });
});

describe('Electron', () => {
  test('is one pinned version, and the types are of that version', () => {
    const installed = JSON.parse(readFileSync(join(ROOT, 'node_modules/electron/package.json'), 'utf8'));
    expect(manifest.devDependencies.electron).toBe(installed.version);
    expect(manifest.devDependencies['electron-builder']).toMatch(/^26\./);
  });

  test('package.json says what an app and a package of Linux need, with addresses that cannot be taken for real ones', () => {
    expect(manifest).toMatchObject({ productName: 'Baton', main: 'dist/main/index.js' });
    expect(manifest.author.email).toMatch(/\.invalid$/);
    expect(new URL(manifest.homepage).hostname).toMatch(/\.invalid$/);
    // So the app never offers it as a place for updates.
    expect(parseUpdatePage(manifest.homepage)).toBeNull();
  });
});
