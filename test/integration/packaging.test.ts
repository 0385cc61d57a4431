/** Packs the app with electron-builder itself, round a program that only has the fuses of Electron; then runs what was packed. */
import { execFile, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readFuseWires } from '#scripts/fuse-wire.ts';
import { findFreePort } from '../support/free-port.ts';
import { ROOT } from '../support/packaging/packed-files.ts';

const PACK_WITHIN_MS = 120_000;
/** As Electron 45 ships it. */
const SHIPPED_WIRE = '101100011';
/** What electron-builder.yml asks for, in the order of the wire, and the one that it cannot set. */
const PACKED_WIRE = '110011001';

const builder = createRequire(createRequire(join(ROOT, 'package.json')).resolve('electron-builder/package.json'));
const { listPackage, extractAll } = createRequire(builder.resolve('app-builder-lib/package.json'))(
  '@electron/asar',
) as {
  listPackage(archive: string): string[];
  extractAll(archive: string, folder: string): void;
};

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'baton-test-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function makeElectron(name: string, wire: string): string {
  const electron = join(folder, name);
  mkdirSync(join(electron, 'resources'), { recursive: true });
  const fuses = Buffer.concat([
    Buffer.from('dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX'),
    Buffer.of(1, wire.length),
    Buffer.from(wire),
  ]);
  writeFileSync(join(electron, 'electron'), Buffer.concat([Buffer.from('no program: '), fuses, Buffer.from(' end')]));
  chmodSync(join(electron, 'electron'), 0o755);
  for (const file of ['LICENSE', 'LICENSES.chromium.html', 'version', 'chrome-sandbox']) {
    writeFileSync(join(electron, file), '');
  }
  return electron;
}

/** Rejects with what electron-builder printed. */
async function pack(electron: string, output: string): Promise<void> {
  const options = [`-c.electronDist=${electron}`, `-c.directories.output=${output}`];
  const program = join(ROOT, 'node_modules/electron-builder/out/cli/cli.js');
  const args = [program, '--linux', 'dir', '--config', 'electron-builder.yml', '--publish', 'never', ...options];
  try {
    await promisify(execFile)(process.execPath, args, { cwd: ROOT });
  } catch (error) {
    throw new Error((error as { stdout: string }).stdout, { cause: error });
  }
}

describe.skipIf(process.platform !== 'linux')('the packed app', () => {
  let app = '';
  let packed: string[] = [];
  beforeAll(async () => {
    const output = join(folder, 'out');
    await pack(makeElectron('electron', SHIPPED_WIRE), output);
    const unpacked = join(output, 'linux-unpacked');
    const [wire] = readFuseWires(readFileSync(join(unpacked, 'baton')));
    expect(String(wire)).toBe(PACKED_WIRE);
    const archive = join(unpacked, 'resources/app.asar');
    packed = listPackage(archive).map((path) => path.slice(1));
    app = join(folder, 'app');
    extractAll(archive, app);
  }, PACK_WITHIN_MS);

  test('holds the compiled app, its pages and its icons, and nothing of the sources', () => {
    const rooms = new Set(
      packed.filter((path) => !path.startsWith('node_modules')).map((path) => path.split('/').slice(0, 2).join('/')),
    );
    expect([...rooms].sort()).toEqual([
      'LICENSE',
      'assets',
      'assets/tray',
      'dist',
      'dist/lib',
      'dist/main',
      'dist/package.json',
      'dist/phone',
      'dist/preload',
      'dist/protocol',
      'dist/relay',
      'dist/renderer',
      'package.json',
    ]);
    expect(packed.filter((path) => /\.(map|tsx?|cts|mts|tsbuildinfo)$/.test(path))).toEqual([]);
    const named = ['dist/main/index.js', 'dist/preload/index.cjs', 'dist/renderer/index.html', 'dist/phone/build.txt'];
    expect(named.filter((path) => !packed.includes(path))).toEqual([]);
    const addons = packed.filter((path) => path.endsWith('.node'));
    expect(addons).toEqual([`node_modules/better-sqlite3/prebuilds/linux-${process.arch}.node`]);
    expect(packed.filter((path) => /^node_modules\/(preact|marked|electron|typescript)\//.test(path))).toEqual([]);
  });

  test('has all that its host needs: it starts, with database and relay, and quits', async () => {
    const args = ['--data', join(folder, 'data'), '--port', String(await findFreePort())];
    const child = spawn(process.execPath, [join(app, 'dist/main/terminal/index.js'), ...args], { cwd: folder });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (data: Buffer) => {
        const before = output;
        output += data.toString('utf8');
        const isUp = /No coding agent was found|Agents found/;
        if (isUp.test(output) && !isUp.test(before)) child.stdin.write('q');
      });
    }
    const { promise, resolve } = Promise.withResolvers<number | null>();
    child.on('close', resolve);
    expect(await promise, output).toBe(0);
    expect(output).toContain('Closed.');
  });

  test('has all that the demo agent needs', async () => {
    const child = spawn(process.execPath, [join(app, 'dist/main/demo-agent/index.js')], { cwd: folder });
    const { promise, resolve } = Promise.withResolvers<string>();
    let output = '';
    child.stdout.on('data', (data: Buffer) => {
      output += data.toString('utf8');
      if (output.includes('\n')) resolve(output);
    });
    child.stderr.on('data', (data: Buffer) => resolve(data.toString('utf8')));
    const params = { protocolVersion: 1, clientCapabilities: {} };
    child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params })}\n`);
    expect(JSON.parse(await promise)).toMatchObject({ id: 1, result: { protocolVersion: 1 } });
    child.kill();
  });
});

test.skipIf(process.platform !== 'linux')(
  'an Electron with a fuse that nobody has decided about is not packed',
  async () => {
    const packing = pack(makeElectron('newer-electron', `${SHIPPED_WIRE}1`), join(folder, 'newer'));
    await expect(packing).rejects.toThrow(/has 10 fuses and 9 are stated/);
  },
  PACK_WITHIN_MS,
);
