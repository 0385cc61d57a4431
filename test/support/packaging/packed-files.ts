/** What electron-builder would put into the app, asked of its own matcher. */
import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';

export const ROOT = resolve(import.meta.dirname, '../../..');

/** Its parts are not dependencies of ours, so they are asked for from where they are. */
const builder = createRequire(createRequire(join(ROOT, 'package.json')).resolve('electron-builder/package.json'));
const builderLibrary = createRequire(builder.resolve('app-builder-lib/package.json'));

export interface BuilderConfiguration {
  readonly appId: string;
  readonly electronFuses: Readonly<Record<string, boolean>>;
  readonly linux: {
    readonly executableName: string;
    readonly syncDesktopName: boolean;
    readonly desktop: {
      readonly entry: Readonly<Record<string, string>>;
      readonly desktopActions: Readonly<Record<string, { Name: string; Exec: string }>>;
    };
  };
  readonly [key: string]: unknown;
}

/** As written, for the schema. */
export function readBuilderFile(): Record<string, unknown> {
  const yaml = builderLibrary('js-yaml') as { load(text: string): Record<string, unknown> };
  return yaml.load(readFileSync(join(ROOT, 'electron-builder.yml'), 'utf8'));
}

/** As electron-builder understands it: lists of patterns become sets of files, which changes what they mean. */
export function readBuilderConfiguration(): BuilderConfiguration {
  const { doMergeConfigs } = builderLibrary('./out/util/config/config.js') as {
    doMergeConfigs(configurations: unknown[]): BuilderConfiguration;
  };
  return doMergeConfigs([readBuilderFile()]);
}

/** Rejects with electron-builder's own words. */
export async function validateWithBuilder(configuration: unknown): Promise<void> {
  const { validateConfiguration } = builderLibrary('./out/util/config/config.js') as {
    validateConfiguration(configuration: unknown, log: { isEnabled: boolean }): Promise<void>;
  };
  await validateConfiguration(configuration, { isEnabled: false });
}

/** Names of the fuses that the @electron/fuses of electron-builder knows, as electron-builder writes them, in the order of the wire. */
export function readSettableFuses(): string[] {
  const { FuseV1Options } = builderLibrary('@electron/fuses') as { FuseV1Options: Record<string, string | number> };
  return Object.entries(FuseV1Options)
    .filter((entry): entry is [string, number] => typeof entry[1] === 'number')
    .sort(([, one], [, other]) => one - other)
    .map(([name]) => `${name.slice(0, 1).toLowerCase()}${name.slice(1)}`);
}

/** What a fuse may be called in electron-builder.yml. */
export function readFuseSchema(): string[] {
  const schema = builderLibrary('./scheme.json') as {
    definitions: { FuseOptionsV1: { properties: Record<string, unknown> } };
  };
  return Object.keys(schema.definitions.FuseOptionsV1.properties);
}

type Filter = (file: string, stat: object) => boolean;
interface Matcher {
  readonly from: string;
  createFilter(): Filter;
}
interface MatcherModule {
  getMainFileMatchers(...args: unknown[]): Matcher[];
  getNodeModuleFileMatcher(...args: unknown[]): Matcher;
}

/** Answers for a path below the project whether it is packed for this system. */
export function createPackedFilter(
  configuration: BuilderConfiguration,
  system: 'linux' | 'mac' | 'win',
  arch: string,
): (path: string) => boolean {
  const { getMainFileMatchers, getNodeModuleFileMatcher } = builderLibrary('./out/fileMatcher.js') as MatcherModule;
  const expand = (pattern: string) => pattern.replaceAll('$' + '{arch}', arch);
  const log = { isEnabled: false };
  const info = {
    projectDir: ROOT,
    buildResourcesDir: 'build',
    isPrepackedAppAsar: false,
    config: configuration,
    debugLogger: log,
  };
  const own = configuration[system];
  const output = join(ROOT, 'dist/packages');
  const sets = getMainFileMatchers(ROOT, '/app', expand, own, { info }, output, false);
  const modules = getNodeModuleFileMatcher(ROOT, '/app', expand, own, info);
  const filters = sets.map((matcher) => ({ from: `${matcher.from}/`, filter: matcher.createFilter() }));
  const moduleFilter = modules.createFilter();
  return (path) => {
    const file = join(ROOT, path);
    const stat = lstatSync(file);
    // A set that begins below node_modules takes from there as from anywhere.
    if (filters.some(({ from, filter }) => file.startsWith(from) && filter(file, stat))) return true;
    return path.startsWith('node_modules/') && moduleFilter(file, Object.assign(stat, { moduleFullFilePath: path }));
  };
}

/** Every file below the project but those of git and of dependencies. */
export function listProjectFiles(): string[] {
  const skipped = ['.git', 'node_modules', join('dist', 'packages')];
  const walk = (folder: string): string[] =>
    readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
      const path = join(folder, entry.name);
      if (skipped.includes(path)) return [];
      return entry.isDirectory() ? walk(path) : [path];
    });
  return walk('.').map((path) => path.replaceAll('\\', '/'));
}

/** The package that a file in node_modules belongs to, as the lock file names it: `node_modules/ws`. */
export function packageOf(path: string): string {
  return /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? '';
}
