/** The agents Baton knows: how each is started, installed and logged in to, and how it is made to ask. */
import { fileURLToPath } from 'node:url';
import type { CustomAgent } from '#main/host/settings.ts';
import type { Environment } from '#main/process/shell-environment.ts';

export interface AgentProfile {
  readonly id: string;
  readonly name: string;
  /** A program's name, looked for on PATH, or its path. */
  readonly program: string;
  readonly args: readonly string[];
  /** Added to the environment. */
  readonly env?: Environment;
  /** Added to the environment, unless the person has set these variables. */
  readonly defaultEnv?: Environment;
  /** What to run to install it; absent if Baton cannot say. */
  readonly install?: string;
  /** How a person logs in to it, as a sentence. */
  readonly loginHint: string;
  /** A new session starts in the first of these modes that the agent offers: one in which it asks a person. */
  readonly modes: readonly string[];
}

export const DEMO_AGENT_ID = 'demo';

export const KNOWN_AGENTS: readonly AgentProfile[] = [
  {
    id: 'claude',
    name: 'Claude Code',
    program: 'claude-agent-acp',
    args: [],
    install: 'npm install -g @agentclientprotocol/claude-agent-acp',
    loginHint: 'Run `claude` in a terminal on this computer, log in with /login, then try again.',
    // Its own default is `auto`, where a model decides and no question reaches a person.
    modes: ['default'],
  },
  {
    id: 'codex',
    name: 'Codex',
    program: 'codex-acp',
    args: [],
    install: 'npm install -g @agentclientprotocol/codex-acp',
    loginHint: 'Run `codex login` in a terminal on this computer, then try again.',
    // Its own default sends questions to a reviewing model.
    modes: ['workspace-write', 'read-only'],
  },
  {
    id: 'opencode',
    name: 'OpenCode',
    program: 'opencode',
    args: ['acp'],
    // Its own default is to ask nothing.
    defaultEnv: { OPENCODE_PERMISSION: JSON.stringify({ edit: 'ask', bash: 'ask', webfetch: 'ask' }) },
    install: 'npm install -g opencode-ai',
    loginHint: 'Run `opencode auth login` in a terminal on this computer, then try again.',
    modes: ['build'],
  },
  {
    id: 'copilot',
    name: 'GitHub Copilot',
    program: 'copilot',
    args: ['--acp'],
    install: 'npm install -g @github/copilot',
    loginHint: 'Run `copilot` in a terminal on this computer, log in with /login, then try again.',
    modes: [],
  },
  {
    id: 'qwen',
    name: 'Qwen Code',
    program: 'qwen',
    args: ['--acp'],
    install: 'npm install -g @qwen-code/qwen-code',
    loginHint: 'Run `qwen` in a terminal on this computer and log in, then try again.',
    modes: ['default'],
  },
  {
    id: 'gemini',
    name: 'Gemini CLI',
    program: 'gemini',
    args: ['--acp'],
    install: 'npm install -g @google/gemini-cli',
    loginHint: 'Run `gemini` in a terminal on this computer and log in, then try again.',
    modes: ['default'],
  },
];

/** The profile of an agent from the settings. */
export function customProfile(agent: CustomAgent): AgentProfile {
  return {
    id: agent.id,
    name: agent.name,
    program: agent.command,
    args: agent.args,
    env: agent.env,
    loginHint: `Log in to ${agent.name} in a terminal on this computer, then try again.`,
    modes: [],
  };
}

/** The demo agent, which comes with Baton and runs in the program that runs Baton. */
export function demoProfile(): AgentProfile {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const settings = Object.entries(process.env).flatMap(([name, value]) =>
    name.startsWith('BATON_DEMO_') && value !== undefined ? [[name, value]] : [],
  );
  return {
    id: DEMO_AGENT_ID,
    name: 'Demo agent',
    program: process.execPath,
    args: [fileURLToPath(new URL(`../../../demo-agent/index.${extension}`, import.meta.url))],
    env: { ...Object.fromEntries(settings), ...(process.versions.electron ? { ELECTRON_RUN_AS_NODE: '1' } : {}) },
    loginHint: 'The demo agent needs no login.',
    modes: ['ask'],
  };
}
