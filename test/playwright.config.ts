import { defineConfig } from '@playwright/test';
import { chromiumArguments, findChromium } from './support/chromium.ts';

const executablePath = findChromium();

export default defineConfig({
  testDir: '.',
  outputDir: '../test-results',
  fullyParallel: false,
  // One of them for pages alone, two for those that wait for hosts, relays and agents.
  workers: 3,
  timeout: 90_000,
  expect: { timeout: 15_000 },
  forbidOnly: Boolean(process.env.CI),
  use: {
    // A trace costs a third of the time: run what failed again with --trace on.
    trace: 'off',
    screenshot: 'only-on-failure',
    launchOptions: { ...(executablePath ? { executablePath } : {}), args: chromiumArguments() },
  },
  projects: [
    { name: 'browser', testMatch: 'browser/**/*.spec.ts', workers: 1 },
    { name: 'e2e', testMatch: 'e2e/**/*.spec.ts', workers: 2, use: { actionTimeout: 20_000 } },
    { name: 'agents', testMatch: 'agents/**/*.spec.ts', timeout: 240_000, workers: 1 },
  ],
});
