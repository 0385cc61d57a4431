/**
 * The demo agent behind a launcher that does not care whether anybody listens: when the host is gone, both work on, as real agents do.
 * Only a signal ends them.
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';

const DEMO_AGENT = join(import.meta.dirname, '../../../main/demo-agent/index.ts');

const agent = spawn(process.execPath, [DEMO_AGENT], { stdio: ['pipe', 'pipe', 'inherit'] });
process.stdout.on('error', () => {}); // Nobody listens any more.
agent.stdin.on('error', () => {});
// The end of our input is not passed on.
process.stdin.on('data', (bytes: Buffer) => agent.stdin.write(bytes));
agent.stdout.on('data', (bytes: Buffer) => process.stdout.write(bytes));
agent.on('exit', () => process.exit());
