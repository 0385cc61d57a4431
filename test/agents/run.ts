/** `npm run test:agents`: installs the pinned real agents and drives them against the scripted model. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installAgents } from './install.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Runs a program of a package under the Node that runs this file. */
async function run(program: string, args: readonly string[]): Promise<void> {
  const child = spawn(process.execPath, [join(root, 'node_modules', program), ...args], {
    cwd: root,
    stdio: 'inherit',
  });
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  if (code !== 0) process.exit(code ?? 1);
}

await installAgents();
await run('vitest/vitest.mjs', ['run', '--config', 'test/agents/vitest.config.ts', ...process.argv.slice(2)]);
