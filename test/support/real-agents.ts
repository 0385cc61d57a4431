/** The pinned real agents, each with a home of its own and the scripted model in place of its vendor's. */
import { mkdir, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import type { CustomAgent } from '#main/host/settings.ts';
import { agentFolder } from '../agents/install.ts';
import type { PinnedAgent } from '../agents/pins.ts';

export interface RealAgent {
  readonly id: PinnedAgent;
  readonly name: string;
  /** The program, to be found as a person's would be: on PATH or by its path. */
  readonly program: string;
  readonly args: readonly string[];
  /** Its whole environment: a HOME in `home`, and the model at `modelUrl`. */
  readonly env: Readonly<Record<string, string>>;
}

/**
 * The agent as installed by `installAgent`, set up to run in `home` (an empty folder that lives as long as the agent's
 * conversations) against the model server at `modelUrl`.
 */
export async function setUpRealAgent(agent: PinnedAgent, home: string, modelUrl: string): Promise<RealAgent> {
  return SET_UP[agent](home, modelUrl);
}

/** As an agent of the settings, for a host that is to start it by `id`. */
export function asCustomAgent(agent: RealAgent): CustomAgent {
  return { id: agent.id, name: agent.name, command: agent.program, args: [...agent.args], env: { ...agent.env } };
}

const SET_UP: Record<PinnedAgent, (home: string, modelUrl: string) => Promise<RealAgent>> = {
  async claude(home, modelUrl) {
    return {
      id: 'claude',
      name: 'Claude Code',
      program: programOf('claude', 'claude-agent-acp'),
      args: [],
      env: {
        ...isolatedEnvironment('claude', home),
        ANTHROPIC_BASE_URL: modelUrl,
        ANTHROPIC_API_KEY: 'sk-ant-loopback-test-key',
        CLAUDE_CODE_MAX_RETRIES: '1',
        DISABLE_AUTOUPDATER: '1',
        CLAUDE_CODE_ENABLE_PROMPT_SUGGESTION: 'false',
        CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
      },
    };
  },
  async opencode(home, modelUrl) {
    const config = {
      $schema: 'https://opencode.ai/config.json',
      autoupdate: false,
      share: 'disabled',
      model: 'scripted/scripted-model',
      small_model: 'scripted/scripted-model',
      provider: {
        scripted: {
          npm: '@ai-sdk/openai-compatible',
          name: 'Scripted',
          options: { baseURL: `${modelUrl}/v1`, apiKey: 'loopback-test-key' },
          models: {
            'scripted-model': { name: 'Scripted model', tool_call: true, limit: { context: 100_000, output: 10_000 } },
          },
        },
      },
    };
    const folder = join(home, '.config', 'opencode');
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'opencode.json'), JSON.stringify(config, null, 2));
    return {
      id: 'opencode',
      name: 'OpenCode',
      program: programOf('opencode', 'opencode'),
      args: ['acp'],
      env: {
        ...isolatedEnvironment('opencode', home),
        OPENCODE_PERMISSION: JSON.stringify({ edit: 'ask', bash: 'ask', webfetch: 'ask' }),
        OPENCODE_DISABLE_AUTOUPDATE: '1',
        OPENCODE_DISABLE_MODELS_FETCH: '1',
        OPENCODE_DISABLE_LSP_DOWNLOAD: '1',
        OPENCODE_DISABLE_DEFAULT_PLUGINS: '1',
      },
    };
  },
};

function programOf(agent: PinnedAgent, program: string): string {
  return join(agentFolder(agent), 'node_modules', '.bin', program);
}

function isolatedEnvironment(agent: PinnedAgent, home: string): Record<string, string> {
  const bin = join(agentFolder(agent), 'node_modules', '.bin');
  return {
    HOME: home,
    XDG_CONFIG_HOME: join(home, '.config'),
    XDG_DATA_HOME: join(home, '.local', 'share'),
    XDG_STATE_HOME: join(home, '.local', 'state'),
    XDG_CACHE_HOME: join(home, '.cache'),
    PATH: [bin, dirname(process.execPath), '/usr/local/bin', '/usr/bin', '/bin'].join(delimiter),
    LANG: 'C.UTF-8',
    SHELL: '/bin/bash',
  };
}
