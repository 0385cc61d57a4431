import { expect, onTestFinished, test } from 'vitest';
import { readOwnMemory } from '#main/host/own-memory.ts';
import { startAgentProcess } from '#main/process/start-agent-process.ts';

test('what Baton takes is told apart from its keeper, and a keeper that is gone takes nothing', async () => {
  const args = ['-e', 'process.stdin.resume(); console.log("ready")'];
  const keeper = await startAgentProcess({ file: process.execPath, args, env: {}, cwd: process.cwd() });
  onTestFinished(() => keeper.stop());
  await keeper.stdout.getReader().read();
  const { host, keeper: kept } = await readOwnMemory(keeper.pid);
  // Each is a Node of its own, this one with a test runner in it.
  expect(kept).toBeGreaterThan(5_000_000);
  expect(host).toBeGreaterThan(kept ?? 0);
  await keeper.stop();
  expect((await readOwnMemory(keeper.pid)).keeper).toBeNull();
  expect((await readOwnMemory(null)).keeper).toBeNull();
});
