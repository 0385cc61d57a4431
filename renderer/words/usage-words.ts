/** What a session costs the computer, in words. Pure. */
import type { UsageView } from '#preload/contract.ts';

/** "640 KB", "312 MB", "1.4 GB". */
export function bytesWords(bytes: number): string {
  if (bytes < 1000) return `${Math.round(bytes)} bytes`;
  if (bytes < 1_000_000) return `${Math.round(bytes / 1000)} KB`;
  if (bytes < 1_000_000_000) return `${Math.round(bytes / 1_000_000)} MB`;
  return `${(bytes / 1_000_000_000).toFixed(1)} GB`;
}

/** "312 MB · 4 % CPU"; null if nothing runs. CPU is of one core, so it may pass 100 %. */
export function usageWords(usage: UsageView | undefined): string | null {
  if (!usage || usage.processes === 0) return null;
  const cpu = usage.cpuPercent === null ? '' : ` · ${Math.round(usage.cpuPercent)} % CPU`;
  return `${bytesWords(usage.memoryBytes)}${cpu}`;
}

/** "3 processes, 312 MB, 4 % of one core". */
export function usageSentence(usage: UsageView | undefined): string {
  if (!usage || usage.processes === 0) return 'No process is running';
  const count = usage.processes === 1 ? '1 process' : `${usage.processes} processes`;
  const cpu = usage.cpuPercent === null ? '' : `, ${Math.round(usage.cpuPercent)} % of one core`;
  return `${count}, ${bytesWords(usage.memoryBytes)}${cpu}`;
}
