import { chmodSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { silentLog } from '#lib/log.ts';
import { openSettings, settingsSchema } from '#main/host/settings.ts';
import { temporaryFolder } from './history/support.ts';

const DEFAULTS = {
  ...settingsSchema.parse({}),
  relay: null,
  remoteControl: false,
  projects: [],
  customAgents: [],
  agentModes: {},
  verbose: false,
};
const open = (path: string) => openSettings({ path, now: () => 1_700_000_000_000, log: silentLog });

test('without a file the defaults apply, remote control is off, and nothing is written', () => {
  const path = join(temporaryFolder(), 'settings.json');
  const settings = open(path);
  expect(settings.get()).toEqual(DEFAULTS);
  expect(settings.notice).toBeNull();
  expect(existsSync(path)).toBe(false);
});

test('a change is on disk, readable by its owner only, and told', () => {
  const folder = join(temporaryFolder(), 'new', 'data');
  const path = join(folder, 'settings.json');
  const settings = open(path);
  const told: boolean[] = [];
  const dispose = settings.onDidChange(({ remoteControl }) => told.push(remoteControl));
  const agent = { id: 'mine', name: 'Mine', command: '/bin/mine', args: ['--acp'], env: { KEY: 'x' } };
  settings.update({ remoteControl: true, customAgents: [agent] });
  dispose();
  settings.update({ projects: ['/home/ada/baton'] });
  expect(told).toEqual([true]);
  expect(open(path).get()).toEqual({
    ...DEFAULTS,
    remoteControl: true,
    customAgents: [agent],
    projects: ['/home/ada/baton'],
  });
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(readdirSync(folder)).toEqual(['settings.json']);
});

test('an agent of the person’s own needs an id, a name and a command', () => {
  const path = join(temporaryFolder(), 'settings.json');
  writeFileSync(path, JSON.stringify({ customAgents: [{ id: 'mine', name: 'Mine', command: 'mine' }] }));
  expect(open(path).get().customAgents).toEqual([{ id: 'mine', name: 'Mine', command: 'mine', args: [], env: {} }]);
});

test.each([
  ['not JSON', '{"relay": ', 'it is not valid JSON'],
  ['of another shape', '{"remoteControl": "yes"}', '"remoteControl"'],
  ['with a project that is no path', '{"projects": ["here"]}', '"projects.0": an absolute path'],
  ['a list', '[]', '""'],
])('a file that is %s is kept under another name, and the person is told', (_name, text, problem) => {
  const folder = temporaryFolder();
  const path = join(folder, 'settings.json');
  writeFileSync(path, text);
  const settings = open(path);
  expect(settings.get()).toEqual(DEFAULTS);
  const aside = `${path}.bad-2023-11-14T22-13-20.000Z`;
  expect(settings.notice).toContain(problem);
  expect(settings.notice).toContain(aside);
  expect(readFileSync(aside, 'utf8')).toBe(text);
  settings.update({ verbose: true });
  expect(open(path).notice).toBeNull();
});

test('a change that cannot be written changes nothing', () => {
  const folder = temporaryFolder();
  const path = join(folder, 'file', 'settings.json');
  writeFileSync(join(folder, 'file'), '');
  const settings = openSettings({ path: join(folder, 'settings.json'), now: () => 0, log: silentLog });
  expect(() => open(path)).toThrow(/Failed to read the settings/);
  expect(() => settings.update({ projects: ['not absolute'] })).toThrow();
  expect(settings.get()).toEqual(DEFAULTS);
});

test('a left-over of an interrupted write does not loosen the rights of the next one', () => {
  const path = join(temporaryFolder(), 'settings.json');
  writeFileSync(`${path}.new`, 'half');
  chmodSync(`${path}.new`, 0o644);
  open(path).update({ verbose: true });
  expect(statSync(path).mode & 0o777).toBe(0o600);
});
