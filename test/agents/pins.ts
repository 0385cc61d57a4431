/** The real agents that `npm run test:agents` runs, in exactly these versions. */
export const PINNED_AGENTS = {
  claude: { package: '@agentclientprotocol/claude-agent-acp', version: '0.101.0' },
  opencode: { package: 'opencode-ai', version: '1.18.33' },
} as const;

export type PinnedAgent = keyof typeof PINNED_AGENTS;
