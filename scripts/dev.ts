/** `npm run dev`: compiles on every change, and runs the host again when it was compiled. */
import { type ChildProcess, spawn } from 'node:child_process';
import { build, ROOT } from './steps.ts';

if (!(await build())) process.exit(1);

const children: ChildProcess[] = [];
const start = (program: string, ...args: string[]) => {
  const child = spawn(program, args, {
    cwd: ROOT,
    stdio: ['inherit', 'inherit', 'inherit'],
    shell: process.platform === 'win32',
  });
  children.push(child);
  return child;
};

start('tsc', '-b', '--watch', '--preserveWatchOutput');
start('vite', 'build', 'phone', '--watch', '--logLevel', 'warn');
const host = start(
  'node',
  '--watch',
  '--watch-preserve-output',
  'dist/main/terminal/index.js',
  ...process.argv.slice(2),
);

const stop = () => {
  for (const child of children) child.kill();
};
process.on('SIGINT', stop);
process.on('SIGTERM', stop);
host.on('exit', (code) => {
  stop();
  process.exit(code ?? 0);
});
