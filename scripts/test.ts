/** `npm test`: everything a newcomer needs to trust Baton. Ends with one line `N passed, N failed`. */
import { requireChromium, WHAT_TO_INSTALL } from '#test/support/chromium.ts';
import { clearResults, report, runFaults, runPlaywright, runStep, runVitest } from './results.ts';
import { build } from './steps.ts';

const CHAOS_SECONDS = '30';

if (requireChromium() === null) {
  console.error(WHAT_TO_INSTALL);
  process.exit(1);
}
clearResults();
if (await build()) {
  report([
    await runStep('biome', ['check', '.']),
    await runVitest('node'),
    await runPlaywright('browser', 'e2e'),
    await runFaults(),
    await runStep('node', ['test/chaos/run.ts', '--seconds', CHAOS_SECONDS]),
  ]);
} else report([{ passed: 0, failed: 1 }]);
