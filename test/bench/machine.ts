/** On what, and of what, the figures are. */
import { execFileSync } from 'node:child_process';
import { cpus, release, totalmem } from 'node:os';
import { ROOT } from '../support/bench/measured-process.ts';
import { findChromium } from '../support/chromium.ts';

export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly memoryGib: number;
  readonly system: string;
  readonly node: string;
  readonly chromium: string;
  /** "abc1234", with "and changes" if the tree was not clean; "unknown" without git. */
  readonly commit: string;
}

export function describeMachine(): Machine {
  const all = cpus();
  const chromium = findChromium();
  const commit = tryRun('git', ['rev-parse', '--short', 'HEAD']);
  const isChanged = tryRun('git', ['status', '--porcelain']) !== '';
  return {
    processor: all[0]?.model.trim() ?? 'unknown',
    cores: all.length,
    memoryGib: Math.round(totalmem() / 1024 ** 3),
    system: `${process.platform} ${release()}`,
    node: process.versions.node,
    chromium: (chromium && tryRun(chromium, ['--version', '--no-sandbox'])) || 'none',
    commit: commit ? `${commit}${isChanged ? ' and changes' : ''}` : 'unknown',
  };
}

function tryRun(program: string, args: readonly string[]): string | null {
  try {
    return execFileSync(program, args, { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return null;
  }
}
