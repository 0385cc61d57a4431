import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { createLog, formatLine, redact, shorten } from '#main/host/log.ts';
import { temporaryFolder } from './history/support.ts';

const HOME = '/home/ada';

test.each([
  ['the home folder', 'opened /home/ada/code/x.txt', 'opened ~/code/x.txt'],
  ['an Anthropic key', 'key sk-ant-api03-abc_DEF-123', 'key [redacted]'],
  ['a GitHub token', 'used ghp_abcdefghijklmnop1234', 'used [redacted]'],
  ['an AWS key id', 'AKIAABCDEFGHIJKLMNOP', '[redacted]'],
  ['a JSON web token', 'got eyJhbGciOi.eyJzdWIi.c2ln', 'got [redacted]'],
  ['a bearer header', 'Authorization: Bearer abc.def-123', 'Authorization: Bearer [redacted]'],
  ['an assignment', 'with OPENAI_API_KEY=short FOO=bar', 'with OPENAI_API_KEY=[redacted] FOO=bar'],
  ['a field', '{"apiKey":"a \\" b","psk":"x","name":"y"}', '{"apiKey":"[redacted]","psk":"[redacted]","name":"y"}'],
  [
    'a pairing link',
    'scan https://relay.example/p#1.abc.def.ghi-_.jkl now',
    'scan https://relay.example/p#[redacted] now',
  ],
  ['a command’s id', 'command 01890000-0000-7000-8000-000000000001', 'command 01890000-0000-7000-8000-000000000001'],
  [
    'a path',
    'at file:///opt/baton/dist/main/host/sessions/supervisor.js:12:3',
    'at file:///opt/baton/dist/main/host/sessions/supervisor.js:12:3',
  ],
])('%s comes out as it should', (_what, line, expected) => {
  expect(redact(line, HOME)).toBe(expected);
});

test('no key of 24 bytes or more comes through, in any spelling, anywhere in a line', () => {
  for (let round = 0; round < 300; round += 1) {
    const key = randomBytes(24 + (round % 40));
    for (const text of [key.toString('base64url'), key.toString('hex')]) {
      expect(redact(`before ${text} after`, HOME)).toBe('before [redacted] after');
      expect(redact(`{"x":"${text}"}`, HOME)).toBe('{"x":"[redacted]"}');
    }
  }
});

test('a line is one line, with its fields, its errors and their causes, and never fails', () => {
  const error = Object.assign(new Error('outer', { cause: new TypeError('inner') }), { code: 'EWHAT' });
  const loop: Record<string, unknown> = {};
  loop.self = loop;
  const line = formatLine('Failed\nto do', { error, big: 10n, bytes: new Uint8Array(5), loop, text: 'a\nb' });
  expect(line).not.toMatch(/[\r\n]/);
  for (const part of [
    'Failed ⏎ to do',
    '"message":"outer"',
    '"code":"EWHAT"',
    '"message":"inner"',
    '"10"',
    '[5 bytes]',
    '[…]',
  ]) {
    expect(line).toContain(part);
  }
});

test('a long line is cut, but never in the middle of a key', () => {
  for (let length = 7_900; length < 8_000; length += 7) {
    const line = shorten(
      `${'word '.repeat(length / 5)}${randomBytes(48).toString('base64url')} after`.padEnd(9_000, ' more'),
    );
    expect(redact(line, HOME)).toMatch(/^(word )+(\[redacted\] .*)?…$/);
  }
});

test('the file is readable by its owner only, holds no secret, and leaves out debug lines', () => {
  const folder = join(temporaryFolder(), 'logs');
  const log = createLog({ folder, isVerbose: false, home: HOME });
  const print = vi.spyOn(console, 'info');
  log.info('Started', { folder: '/home/ada/x', token: 'hunter2' });
  log.debug('Detail');
  log.error('Failed', { error: new Error('no sk-abcdefghijkl') });
  const path = join(folder, 'baton.log');
  const text = readFileSync(path, 'utf8');
  expect(text).toMatch(/^\S+ \[info\] {1,2}Started \{"folder":"~\/x","token":"\[redacted\]"\}$/m);
  expect(text).toContain('no [redacted]');
  expect(text).not.toContain('Detail');
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(print).not.toHaveBeenCalled();
});

test('a file that has grown too large is put aside, and there is only ever one old file', () => {
  const folder = temporaryFolder();
  for (let round = 0; round < 3; round += 1) {
    writeFileSync(join(folder, 'baton.log'), 'x'.repeat(5 * 1024 * 1024 + 1));
    createLog({ folder, isVerbose: false }).info('Next');
  }
  expect(readdirSync(folder).sort()).toEqual(['baton.log', 'baton.old.log']);
  for (const file of readdirSync(folder)) expect(statSync(join(folder, file)).mode & 0o777).toBe(0o600);
});

test('a verbose log also speaks on stderr, and there too without secrets', () => {
  const written: string[] = [];
  const write = vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    written.push(String(text));
    return true;
  });
  createLog({ folder: temporaryFolder(), isVerbose: true, home: HOME }).debug('Detail', { at: '/home/ada/x' });
  write.mockRestore();
  expect(written.join('')).toMatch(/\[debug\] Detail \{"at":"~\/x"\}\n$/);
});

test('a log that cannot be written says nothing on the screen, and stops nobody', () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'baton.log'));
  const entry = join(import.meta.dirname, '../../../../main/host/log.ts');
  const script = `import { createLog } from ${JSON.stringify(entry)};
    const log = createLog({ folder: ${JSON.stringify(folder)}, isVerbose: false });
    log.error('One'); log.info('Two'); process.exitCode = 7;`;
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    encoding: 'utf8',
  });
  expect({ status, stdout, stderr }).toEqual({ status: 7, stdout: '', stderr: '' });
});
