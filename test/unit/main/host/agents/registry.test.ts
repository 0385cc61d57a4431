import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { AgentRegistry, ENVIRONMENT_FRESH_MS } from '#main/host/agents/catalogue/registry.ts';
import { type CustomAgent, type Settings, settingsSchema } from '#main/host/settings.ts';
import { findProgram } from '#main/process/find-program.ts';
import { AgentRecorder } from '#test/support/agent-recorder.ts';

describe.skipIf(process.platform === 'win32')('on a computer with some agents', () => {
  let folder: string;
  let environment: Record<string, string>;
  let settings: Settings;
  let reads: number;
  let time: number;
  let settingsListener: (() => void) | undefined;
  const registries: AgentRegistry[] = [];

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'baton-registry-'));
    environment = { PATH: folder, KEY: 'from the shell' };
    settings = settingsSchema.parse({});
    reads = 0;
    time = 0;
  });
  afterEach(async () => {
    for (const registry of registries.splice(0)) registry.dispose();
    await rm(folder, { recursive: true });
  });

  async function program(name: string, mode = 0o755): Promise<string> {
    const path = join(folder, name);
    await writeFile(path, '#!/bin/sh\n');
    await chmod(path, mode);
    return path;
  }

  function createRegistry(isDemoOffered = false): AgentRegistry {
    const registry = new AgentRegistry({
      isDemoOffered,
      log: new AgentRecorder().log,
      settings: {
        get: () => settings,
        onDidChange: (listener) => {
          settingsListener = () => listener(settings);
          return () => {
            settingsListener = undefined;
          };
        },
      },
      readEnvironment: async () => {
        reads++;
        return environment;
      },
      now: () => time,
    });
    registries.push(registry);
    return registry;
  }

  const installed = (registry: AgentRegistry) =>
    registry.list().flatMap(({ id, isInstalled }) => (isInstalled ? [id] : []));

  test('those on the PATH are installed, and the others say what to install', async () => {
    await program('codex-acp');
    const registry = createRegistry();
    await registry.refresh();
    expect(installed(registry)).toEqual(['codex']);
    expect(registry.list().find(({ id }) => id === 'claude')).toEqual({
      id: 'claude',
      name: 'Claude Code',
      isInstalled: false,
      install: 'npm install -g @agentclientprotocol/claude-agent-acp',
    });
    await expect(registry.resolve('claude', '/p')).rejects.toMatchObject({
      name: 'AgentStartError',
      message: 'Claude Code is not installed on this computer (no claude-agent-acp on the PATH).',
      hint: 'Install it with: npm install -g @agentclientprotocol/claude-agent-acp',
    });
    await expect(registry.resolve('nothing', '/p')).rejects.toThrow('Baton does not know an agent "nothing".');
  });

  test('only the demo agent is known before they were looked for, and it can be started at once', async () => {
    const registry = createRegistry(true);
    expect(registry.list()).toEqual([{ id: 'demo', name: 'Demo agent', isInstalled: true }]);
    const { command } = await registry.resolve('demo', '/p');
    expect([command.file, command.cwd, reads]).toEqual([process.execPath, '/p', 0]);
    expect(command.args[0]).toMatch(/demo-agent[\\/]index\.(ts|js)$/);
  });

  test('a known one may be asked for before they were looked for, and is told of rightly afterwards', async () => {
    const registry = createRegistry(true);
    expect(registry.find('gemini')).toMatchObject({ id: 'gemini', isInstalled: true });
    expect(registry.find('nobody')).toBeNull();
    await registry.refresh();
    expect(registry.find('gemini')).toMatchObject({ id: 'gemini', isInstalled: false });
    expect(registry.find('nobody')).toBeNull();
  });

  test('one starts in the environment of the shell, which wins over what its profile only suggests', async () => {
    const file = await program('opencode');
    const registry = createRegistry();
    const start = await registry.resolve('opencode', '/p');
    expect(start.command).toMatchObject({ file, args: ['acp'], cwd: '/p', env: { KEY: 'from the shell' } });
    expect(start.command.env.OPENCODE_PERMISSION).toContain('"ask"');
    environment.OPENCODE_PERMISSION = 'mine';
    expect((await registry.resolve('opencode', '/p')).command.env.OPENCODE_PERMISSION).toBe('mine');
  });

  test('one of the settings is offered, may stand in for a known one, and has its own environment', async () => {
    const command = await program('mine');
    const agent: CustomAgent = { id: 'claude', name: 'My Claude', command, args: ['-x'], env: { KEY: 'mine' } };
    settings = { ...settings, customAgents: [agent] };
    const registry = createRegistry();
    await registry.refresh();
    expect(registry.list().filter(({ id }) => id === 'claude')).toEqual([
      { id: 'claude', name: 'My Claude', isInstalled: true },
    ]);
    expect((await registry.resolve('claude', '/p')).command).toMatchObject({
      file: command,
      args: ['-x'],
      env: { KEY: 'mine' },
    });
    await rm(command);
    await registry.refresh();
    await expect(registry.resolve('claude', '/p')).rejects.toThrow(
      `My Claude cannot be started: there is no program ${command}`,
    );
  });

  test('a mode of the settings comes before the asking mode of the profile', async () => {
    await program('claude-agent-acp');
    const registry = createRegistry();
    expect((await registry.resolve('claude', '/p')).modes).toEqual(['default']);
    settings = { ...settings, agentModes: { claude: 'plan' } };
    expect((await registry.resolve('claude', '/p')).modes).toEqual(['plan', 'default']);
  });

  test('a change is told once, when there is one', async () => {
    const registry = createRegistry();
    await registry.refresh();
    let changes = 0;
    const told = Promise.withResolvers<void>();
    registry.onDidChange(() => {
      changes++;
      told.resolve();
    });
    await registry.refresh();
    expect([changes, reads]).toEqual([0, 1]);
    await program('gemini');
    settingsListener?.();
    await told.promise;
    expect([changes, installed(registry), reads]).toEqual([1, ['gemini'], 1]);
  });

  test('one that was installed since is found when it is needed, also where only a new shell would look', async () => {
    const registry = createRegistry();
    await registry.refresh();
    await mkdir(join(folder, 'new'));
    await program('new/qwen');
    environment = { PATH: join(folder, 'new') };
    await expect(registry.resolve('qwen', '/p')).rejects.toThrow('not installed');
    time = ENVIRONMENT_FRESH_MS + 1;
    expect((await registry.resolve('qwen', '/p')).command.file).toBe(join(folder, 'new', 'qwen'));
    expect(reads).toBe(2);
  });

  test('a program is found by its name on the PATH or by its path, if it can be run', async () => {
    const file = await program('tool');
    await program('plain', 0o644);
    await mkdir(join(folder, 'folder'));
    await symlink(file, join(folder, 'link'));
    const find = (name: string, PATH = `relative:${folder}`) => findProgram(name, { PATH });
    expect(
      await Promise.all(
        ['tool', 'link', file, 'plain', 'folder', 'none', './tool', 'sub/tool'].map((name) => find(name)),
      ),
    ).toEqual([file, join(folder, 'link'), file, null, null, null, null, null]);
    expect(await find('tool', '.')).toBe(null);
  });
});
