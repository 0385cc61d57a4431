import { defineConfig } from 'vitest/config';

/** Real agents against the scripted model: slow, and they must be installed first. `node test/agents/run.ts` does both. */
export default defineConfig({
  test: {
    name: 'agents',
    include: ['test/agents/**/*.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    pool: 'forks',
    fileParallelism: false,
  },
});
