import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { Diagnosis } from '#main/host/doctor/check.ts';
import { parseArguments } from '#main/terminal/arguments.ts';
import { makeFolder, startHost, startRelay } from '#test/support/test-host.ts';

const ENTRY = resolve(import.meta.dirname, '../../../../main/terminal/index.ts');
const SHELL = { SHELL: '/bin/sh' };

/** The command as a process of its own. `onOutput` is called with everything that was printed so far. */
async function run(
  args: readonly string[],
  onOutput: (printed: string, child: { kill(signal: 'SIGINT'): unknown }) => void = () => {},
) {
  const child = spawn(process.execPath, [ENTRY, 'doctor', ...args], { env: { ...process.env, ...SHELL } });
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (data: Buffer) => {
      printed += data.toString('utf8');
      onOutput(printed, child);
    });
  }
  const { promise, resolve: end } = Promise.withResolvers<number | null>();
  child.on('close', end);
  return { code: await promise, printed };
}

const linesOf = (printed: string) => printed.trimEnd().split('\n');

test('one line per check, a sentence, and 0 while another Baton goes on undisturbed; --json says the same', async () => {
  const baton = await startHost();
  onTestFinished(() => baton.stop());
  await baton.pairDevice('Phone');
  const path = join(baton.folder, 'settings.json');
  const settings = JSON.parse(readFileSync(path, 'utf8'));
  const agent = { id: 'mine', name: 'Mine', command: process.execPath, args: [], env: {} };
  writeFileSync(path, JSON.stringify({ ...settings, customAgents: [agent] }));
  const { status } = baton.host.remote;
  const given = ['--data', baton.folder, '--relay', baton.relay.origin];

  const { code, printed } = await run(given);
  expect(printed).toContain('✓ Sign-in           The relay accepts this computer’s signature and knows it.');
  expect(printed).toContain('✓ History           Another Baton has it open, as it should while one runs.');
  expect(printed).toMatch(/✓ Devices {11}“Phone” was last seen /);
  const checks = linesOf(printed).slice(0, -2);
  expect(checks.filter((line) => !/^[✓–] \S/.test(line))).toEqual([]);
  expect(linesOf(printed).slice(-2)).toEqual(['', 'Nothing is wrong with what could be checked.']);
  expect(code).toBe(0);

  const json = await run([...given, '--json']);
  const diagnosis = JSON.parse(json.printed) as Diagnosis;
  expect(diagnosis).toMatchObject({ isOk: true, text: 'Nothing is wrong with what could be checked.' });
  expect(diagnosis.checks).toHaveLength(linesOf(printed).length - 2);
  expect(baton.host.remote.status).toEqual(status);
});

test('what is wrong first is the sentence, the exit code is 1, and nothing is made or set aside', async () => {
  const folder = makeFolder();
  const path = join(folder, 'settings.json');
  writeFileSync(path, '{"relayPort": "many"}');
  const { code, printed } = await run(['--data', folder, '--relay', 'http://127.0.0.1:1']);
  expect(linesOf(printed).at(-1)).toMatch(
    /^The settings in .* cannot be read \("relayPort": .*\); correct the file, or/,
  );
  expect(printed).toContain('✗ Connection (TCP)  Nothing listens at port 1 of that computer. Start the relay');
  expect(code).toBe(1);
  expect(readdirSync(folder)).toEqual(['settings.json']);

  const none = join(folder, 'none');
  expect((await run(['--data', none])).printed).toContain('– Relay             Baton’s own; it begins when');
  expect(existsSync(none)).toBe(false);
});

test('Ctrl+C ends it at once, whatever it waits for', async () => {
  const mute = createServer(() => {});
  await new Promise<void>((listening) => mute.listen(0, '127.0.0.1', listening));
  onTestFinished(() => void mute.close());
  const address = `http://127.0.0.1:${(mute.address() as AddressInfo).port}`;
  const { code } = await run(['--data', makeFolder(), '--relay', address], (printed, child) => {
    if (printed.includes('Relay ')) child.kill('SIGINT');
  });
  expect(code).toBe(130);
});

test('keys that cannot be read are said first, and the relay is tested all the same', async () => {
  const folder = makeFolder();
  const relay = await startRelay(folder);
  onTestFinished(() => relay.stop({ graceful: false }));
  writeFileSync(join(folder, 'keys.json'), 'not keys');
  const { code, printed } = await run(['--data', folder, '--relay', relay.origin]);
  expect(linesOf(printed).at(-1)).toMatch(/^This computer's keys cannot be read; restore them from a backup, or move/);
  expect(printed).toContain('– Sign-in           It was not tried, without this computer’s keys.');
  expect(printed).toMatch(/✓ Round trip {8}There and back in \d+ ms\./);
  expect(code).toBe(1);
});

test('the command line says what the doctor does not know', () => {
  const parse = (...args: string[]) => parseArguments(args, '/here');
  expect(parse('doctor', '--data', 'x', '--json')).toEqual({
    kind: 'doctor',
    value: { data: '/here/x', relay: null, port: null, isJson: true },
  });
  expect(parse('doctor', '--demo')).toEqual({ kind: 'wrong', text: '--demo means nothing to the doctor.' });
  expect(parse('--json')).toEqual({ kind: 'wrong', text: '--json is for the doctor only.' });
  expect(parse('docter')).toEqual({ kind: 'wrong', text: '"docter" is not understood.' });
  expect(parse('doctor', 'who')).toEqual({ kind: 'wrong', text: '"who" is not understood.' });
});
