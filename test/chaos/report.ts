/** What a run says at its end. */
import { canScanMemory } from '../support/chaos/process-memory.ts';
import type { ChaosReport } from './chaos.ts';

const MIB = 1024 * 1024;
const VIOLATIONS_SHOWN_MAX = 40;

export function printReport(report: ChaosReport): void {
  const { faults, counts, connections, sync, traffic, memory, seconds, violations } = report;
  const list = (numbers: Readonly<Record<string, number>>) =>
    Object.entries(numbers)
      .map(([name, count]) => `${count} ${name}`)
      .join(', ');
  const uncertain = counts.receipts.uncertain ?? 0;
  const lines = [
    `seed         ${report.seed}: a plan of ${report.plan.faults} faults, ${report.plan.hash}`,
    `faults       ${Object.values(faults).reduce((sum, count) => sum + count, 0)}: ${list(faults)}${report.skippedFaults > 0 ? ` (and ${report.skippedFaults} left out: the host was not back yet)` : ''}`,
    `commands     ${counts.commands}: ${list(counts.receipts)}`,
    `executed     ${counts.executions} prompts by the agents, none twice; of ${uncertain} uncertain commands ${counts.uncertainExecuted} were executed`,
    `events       ${counts.events} in the host’s log, compared with both devices`,
    `sync         ${sync.snapshots} snapshots, ${sync.pages} pages of older events`,
    `connections  ${connections.host} of the host, ${connections.devices} channels of devices, ${traffic.connections} sockets`,
    `relayed      ${(traffic.bytes / MIB).toFixed(1)} MiB, read whole; ${report.logLines} lines of the relay’s log`,
    canScanMemory
      ? `memory       ${memory.scans} looks into the relay, ${(memory.bytes / MIB).toFixed(0)} MiB`
      : 'memory       not looked into: that works on Linux only',
    `time         begin ${seconds.begin.toFixed(1)} s, chaos ${seconds.chaos.toFixed(1)} s, rest ${seconds.rest.toFixed(1)} s, check ${seconds.check.toFixed(1)} s`,
  ];
  if (violations.length > 0) lines[3] = `executed     ${counts.executions} prompts by the agents`;
  console.log(lines.join('\n'));
  if (violations.length === 0) {
    console.log('Nothing was lost, nothing happened twice, the relay saw nothing.');
    return;
  }
  console.error(`\n${violations.length} violations:`);
  for (const violation of violations.slice(0, VIOLATIONS_SHOWN_MAX)) console.error(`  - ${violation}`);
  if (violations.length > VIOLATIONS_SHOWN_MAX)
    console.error(`  … and ${violations.length - VIOLATIONS_SHOWN_MAX} more`);
}
