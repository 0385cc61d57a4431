import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, onTestFinished, test } from 'vitest';
import { CloseCode } from '#protocol/close-codes.ts';
import { HELP, parseCommandLine } from '#relay/command-line.ts';
import { connectHost } from '#test/support/relay-clients.ts';
import { makeFolder } from './relay-fixture.ts';

const ENTRY = resolve(import.meta.dirname, '../../../relay/index.ts');
const HOME = { HOME: '/home/ada' };

test('without arguments the relay listens on loopback and keeps its data under the home folder', () => {
  expect(parseCommandLine([], HOME)).toEqual({
    kind: 'run',
    port: 8787,
    host: '127.0.0.1',
    publicOrigins: [],
    dataFolder: '/home/ada/.local/state/baton-relay',
    phoneFolder: null,
    trustProxy: false,
    isVerbose: false,
  });
  expect(parseCommandLine([], { ...HOME, XDG_STATE_HOME: '/state' })).toMatchObject({
    dataFolder: '/state/baton-relay',
  });
});

test('every option is understood', () => {
  const args =
    '--port 0 --host 0.0.0.0 --public-url wss://relay.example/ --public-url other.example --data /d --phone /p';
  expect(parseCommandLine([...args.split(' '), '--trust-proxy', '--verbose'], HOME)).toEqual({
    kind: 'run',
    port: 0,
    host: '0.0.0.0',
    publicOrigins: ['https://relay.example', 'https://other.example'],
    dataFolder: '/d',
    phoneFolder: '/p',
    trustProxy: true,
    isVerbose: true,
  });
});

test('a mistake is answered by one sentence', () => {
  const mistakes = [
    ['--port', '80a'],
    ['--port', '65536'],
    ['--public-url', 'http://relay.example'],
    ['--prot', '1'],
    ['extra'],
  ];
  const answers = mistakes.map((args) => parseCommandLine(args, HOME));
  expect(answers.map((answer) => (answer.kind === 'error' ? answer.text : answer))).toEqual([
    '--port must be a number from 0 to 65535, not "80a".',
    '--port must be a number from 0 to 65535, not "65536".',
    expect.stringMatching(/^--public-url must look like https:\/\/relay\.example, not "http:\/\/relay\.example"/),
    expect.stringMatching(/^Unknown option '--prot'.*See --help\.$/),
    expect.stringMatching(/^Unexpected argument 'extra'.*See --help\.$/),
  ]);
});

test('the help names every option', () => {
  const words = ['--port', '--host', '--public-url', '--data', '--phone', '--trust-proxy', '--verbose', '--help'];
  expect(words.filter((word) => !HELP.includes(`  ${word}`))).toEqual([]);
});

async function start(...args: string[]): Promise<ChildProcess> {
  const phone = await makeFolder();
  await writeFile(join(phone, 'index.html'), '<!doctype html>');
  const child = spawn(process.execPath, [ENTRY, '--phone', phone, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  return child;
}

async function outcome(child: ChildProcess): Promise<{ code: number | null; stderr: string }> {
  let stderr = '';
  child.stderr?.on('data', (text) => {
    stderr += text;
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stderr };
}

async function firstLine(child: ChildProcess): Promise<Record<string, unknown>> {
  if (!child.stdout) throw new Error('The relay has no output.');
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  return JSON.parse(line) as Record<string, unknown>;
}

test('a port in use is one clear sentence and exit code 1', async () => {
  const taken = createServer();
  taken.listen(0, '127.0.0.1');
  await once(taken, 'listening');
  onTestFinished(() => {
    taken.close();
  });
  const address = taken.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  expect(await outcome(await start('--port', String(port), '--data', await makeFolder()))).toEqual({
    code: 1,
    stderr: `Port ${port} on 127.0.0.1 is in use by another program; choose another port.\n`,
  });
});

test('a data folder that cannot be written is one clear sentence and exit code 1', async () => {
  const folder = await makeFolder();
  await writeFile(join(folder, 'file'), '');
  expect(await outcome(await start('--port', '0', '--data', join(folder, 'file', 'data')))).toEqual({
    code: 1,
    stderr: expect.stringMatching(/^Cannot write to the data folder .*\/file\/data \([A-Z]+\)\.\n$/),
  });
});

test('listening for everybody without a public URL is one clear sentence and exit code 1', async () => {
  const data = await makeFolder();
  expect(await outcome(await start('--port', '0', '--host', '0.0.0.0', '--data', data))).toEqual({
    code: 1,
    stderr: 'A relay on 0.0.0.0 needs a public URL, the address under which clients reach it.\n',
  });
});

test.each(['SIGTERM', 'SIGINT'] as const)('%s lets clients know and ends with exit code 0', async (signal) => {
  const data = join(await makeFolder(), 'made', 'by', 'the relay');
  const child = await start('--port', '0', '--data', data);
  const { origin } = await firstLine(child);
  const host = await connectHost(String(origin));
  child.kill(signal);
  await host.socket.expect('restarting');
  expect((await host.socket.closed).code).toBe(CloseCode.restarting);
  expect(await outcome(child)).toEqual({ code: 0, stderr: '' });
});

test('after SIGKILL the same data folder can be used again at once', async () => {
  const data = await makeFolder();
  const first = await start('--port', '0', '--data', data);
  await firstLine(first);
  first.kill('SIGKILL');
  await once(first, 'close');
  const second = await start('--port', '0', '--data', data);
  expect(await firstLine(second)).toMatchObject({ message: 'The relay listens' });
});
