/** `npm start`: builds if need be and runs the main job. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { build, ROOT } from './steps.ts';

if (!(await build())) process.exit(1);
console.log('The tray app is not part of this version: running the same host in this terminal.');

const host = spawn(process.execPath, [join(ROOT, 'dist/main/terminal/index.js'), ...process.argv.slice(2)], {
  stdio: 'inherit',
});
// The terminal sends Ctrl+C to both; the host decides when it is over.
process.on('SIGINT', () => {});
for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.on(signal, () => host.kill(signal));
host.on('exit', (code) => process.exit(code ?? 1));
