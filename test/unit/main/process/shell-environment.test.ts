import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { cleanEnvironment, readShellEnvironment } from '#main/process/shell-environment.ts';
import { AgentRecorder } from '#test/support/agent-recorder.ts';

test('what Baton’s own starters put into the environment is left out', () => {
  const path = ['/clone/node_modules/.bin', '/usr/bin', '/lib/node-gyp-bin', '/home/me/.local/bin'].join(delimiter);
  const inherited = {
    PATH: path,
    HOME: '/home/me',
    npm_config_cache: 'x',
    npm_lifecycle_event: 'start',
    NODE_OPTIONS: '--inspect',
    ELECTRON_RUN_AS_NODE: '1',
    BATON_DATA: 'x',
    CLAUDECODE: '1',
    PWD: '/clone',
    NODE_EXTRA_CA_CERTS: '/ca.pem',
    NOTHING: undefined,
  };
  expect(cleanEnvironment(inherited)).toEqual({
    PATH: ['/usr/bin', '/home/me/.local/bin'].join(delimiter),
    HOME: '/home/me',
    NODE_EXTRA_CA_CERTS: '/ca.pem',
  });
});

describe.skipIf(process.platform === 'win32')('the environment of the login shell', () => {
  let folder: string;
  const recorder = new AgentRecorder();
  const inherited = { PATH: '/usr/bin:/bin', INHERITED: 'yes', NODE_OPTIONS: '--inspect' };

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'baton-shell-'));
    recorder.lines.length = 0;
  });
  afterEach(() => rm(folder, { recursive: true }));

  /** A shell that runs these lines as its start-up files, and then what it was asked to. */
  async function shell(startUp: string): Promise<string> {
    const path = join(folder, 'shell');
    await writeFile(path, `#!/bin/sh\n${startUp}\n[ "$1$2$3" = "-i-l-c" ] && eval "$4"\n`);
    await chmod(path, 0o755);
    return path;
  }
  const read = async (startUp: string, limits: { deadlineMs?: number; maxBytes?: number } = {}) =>
    readShellEnvironment({ log: recorder.log, inherited, shell: await shell(startUp), ...limits });

  test('has what its start-up files add, whatever they print around it and however many lines a value has', async () => {
    const environment = await read(
      'echo "Welcome!"; set -x; export ADDED="one\ntwo" PATH="/opt/bin:$PATH"; trap "echo bye" EXIT',
    );
    expect(environment).toEqual({ INHERITED: 'yes', ADDED: 'one\ntwo', PATH: '/opt/bin:/usr/bin:/bin' });
    expect(recorder.lines).toEqual([]);
  });

  test('is had even if the start-up files leave a program behind', async () => {
    expect(await read('export ADDED=1; sleep 1000 &')).toMatchObject({ ADDED: '1' });
  });

  const fallback = { PATH: '/usr/bin:/bin', INHERITED: 'yes' };

  test.each([
    ['ends without an answer', 'exit 3', {}, /ended \(3\) without an answer/],
    ['waits for something', 'sleep 1000', { deadlineMs: 100 }, /did not answer within 100 ms/],
    ['prints without end', 'yes', { maxBytes: 100_000 }, /printed more than 100000 bytes/],
  ])('is the inherited one if the shell %s, and the log says why', async (_what, startUp, limits, reason) => {
    expect(await read(startUp, limits)).toEqual(fallback);
    expect(recorder.lines).toEqual([expect.stringMatching(reason)]);
  });

  test('is the inherited one if there is no such shell', async () => {
    expect(await readShellEnvironment({ log: recorder.log, inherited, shell: join(folder, 'none') })).toEqual(fallback);
    expect(recorder.lines[0]).toMatch(/could not be run/);
  });

  test.each(['/bin/bash', '/bin/sh'])('can be had from %s', async (real) => {
    expect(
      await readShellEnvironment({ log: recorder.log, inherited: { ...inherited, HOME: folder }, shell: real }),
    ).toMatchObject({
      INHERITED: 'yes',
      HOME: folder,
    });
    expect(recorder.lines).toEqual([]);
  });
});
