import { describe, expect, test } from 'vitest';
import { agentId, joinCommand, splitCommand } from '#renderer/words/agent-draft.ts';
import { draftOf, isSameChoice, readDraft, readOrigin, testedAddress } from '#renderer/words/relay-draft.ts';

describe('the address of a relay', () => {
  test('is an origin: a scheme is added, and the name is normalised', () => {
    const read = [
      'relay.example',
      ' https://Relay.Example/ ',
      'https://relay.example:8443',
      'http://127.0.0.1:8377',
    ].map(readOrigin);
    expect(read).toEqual([
      { ok: true, value: 'https://relay.example' },
      { ok: true, value: 'https://relay.example' },
      { ok: true, value: 'https://relay.example:8443' },
      { ok: true, value: 'http://127.0.0.1:8377' },
    ]);
  });

  test.each([
    ['', /Type the address/],
    ['https://', /is no address/],
    ['http://relay.example', /must begin with https/],
    ['ftp://relay.example', /must begin with https/],
    ['https://relay.example/path', /leave out everything after https:\/\/relay\.example/],
    ['https://me:secret@relay.example', /leave out everything/],
    ['https://relay.example/?a=1', /leave out everything/],
  ])('is refused with words: %s', (typed, words) => {
    const read = readOrigin(typed);
    expect(read.ok ? '' : read.error).toMatch(words);
  });

  test('an own relay may have a public address, and a foreign one has none', () => {
    expect(readDraft({ kind: 'own', address: 'ignored', publicUrl: '' })).toEqual({
      ok: true,
      value: { address: null, publicUrl: null },
    });
    const own = readDraft({ kind: 'own', address: '', publicUrl: 'studio.ts.net' });
    expect(own).toEqual({ ok: true, value: { address: null, publicUrl: 'https://studio.ts.net' } });
    expect(readDraft({ kind: 'other', address: 'relay.example', publicUrl: 'https://old.example' })).toEqual({
      ok: true,
      value: { address: 'https://relay.example', publicUrl: null },
    });
  });

  test('what is chosen comes back as it was typed, and a test dials what phones would use', () => {
    const choice = { address: null, publicUrl: 'https://studio.ts.net' };
    const back = readDraft(draftOf(choice));
    expect(back.ok && isSameChoice(back.value, choice)).toBe(true);
    expect(isSameChoice(choice, { address: null, publicUrl: null })).toBe(false);
    expect(testedAddress(choice)).toBe('https://studio.ts.net');
    expect(testedAddress({ address: 'https://relay.example', publicUrl: null })).toBe('https://relay.example');
    expect(testedAddress({ address: null, publicUrl: null })).toBeNull();
  });
});

describe('a custom agent', () => {
  test('gets an id that the settings accept and that nobody has', () => {
    expect(agentId('Größter Agent!', [])).toBe('gro-ter-agent');
    expect(agentId('Claude', ['claude', 'claude-2'])).toBe('claude-3');
    expect(agentId('日本', [])).toBe('agent');
    expect(agentId('x'.repeat(200), [])).toMatch(/^[a-z0-9][a-z0-9._-]{0,63}$/);
  });

  test('has a program and arguments: blanks divide, quotes hold together', () => {
    expect(splitCommand(`  "/opt/my agent"  --name 'a "b"' --x=""`)).toEqual({
      ok: true,
      value: ['/opt/my agent', '--name', 'a "b"', '--x='],
    });
    expect(splitCommand('C:\\tools\\agent.exe --acp')).toEqual({ ok: true, value: ['C:\\tools\\agent.exe', '--acp'] });
    expect(splitCommand('   ')).toMatchObject({ ok: false });
    expect(splitCommand("agent 'x")).toMatchObject({ ok: false });
    expect(joinCommand('/opt/my agent', ['--acp'])).toBe('"/opt/my agent" --acp');
  });
});
