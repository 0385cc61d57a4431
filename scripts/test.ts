/** `npm test`: everything a newcomer needs to trust Baton. Ends with one line `N passed, N failed`. */
import { join } from 'node:path';
import { requireChromium, WHAT_TO_INSTALL } from '#test/support/chromium.ts';
import { clearResults, report, runFaults, runPlaywright, runStep, runVitest } from './results.ts';
import { build } from './steps.ts';

const CHAOS_SECONDS = '30';

if (requireChromium() === null) {
  console.error(WHAT_TO_INSTALL);
  process.exit(1);
}
clearResults();
// Hosts, relays, keepers and apps are started by the hundred: each need not compile the same files again.
process.env.NODE_COMPILE_CACHE ??= join(import.meta.dirname, '../node_modules/.cache/compiled');
if (await build()) {
  report([
    await runStep('biome', ['check', '.']),
    await runVitest('node'),
    await runPlaywright('browser', 'e2e'),
    await runFaults(),
    await runStep('node', ['test/chaos/run.ts', '--seconds', CHAOS_SECONDS]),
  ]);
} else report([{ passed: 0, failed: 1 }]);
