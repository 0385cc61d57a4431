/** Running the steps of a script one after the other, with the child's output as it comes. */
import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { writeCompiledPackage } from './compiled-package.ts';

export const ROOT = resolve(import.meta.dirname, '..');

/** Runs a program of `node_modules/.bin` (or the PATH) in the project's folder. Resolves with its exit code; a signal counts as 1. */
export function run(program: string, args: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<number> {
  const { promise, resolve: done, reject } = Promise.withResolvers<number>();
  const child = spawn(program, args, {
    cwd: ROOT,
    stdio: 'inherit',
    shell: process.platform === 'win32',
    env: { ...process.env, ...environment },
  });
  child.on('error', reject);
  child.on('exit', (code) => done(code ?? 1));
  return promise;
}

/** Compiles these rooms and what they refer to, or all without any. Resolves with the compiler's exit code. */
export function compile(...rooms: readonly string[]): Promise<number> {
  writeCompiledPackage(ROOT);
  return run('tsc', ['-b', ...rooms]);
}

/** Compiles everything. Resolves false after saying so if that failed. */
export async function build(): Promise<boolean> {
  const isBuilt =
    (await compile()) === 0 &&
    (await run('vite', ['build', 'phone', '--logLevel', 'warn'])) === 0 &&
    (await run('vite', ['build', 'renderer', '--logLevel', 'warn'])) === 0;
  if (!isBuilt) console.error('The build failed; what the compiler said is above.');
  return isBuilt;
}
