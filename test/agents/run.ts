/** `npm run test:agents`: real agents, pinned, against a scripted model on loopback; first the host alone, then the whole path. */
import { clearResults, report, runPlaywright, runVitest } from '#scripts/results.ts';
import { build } from '#scripts/steps.ts';
import { requireChromium, WHAT_TO_INSTALL } from '../support/chromium.ts';
import { installAgents } from './install.ts';

if (requireChromium() === null) {
  console.error(WHAT_TO_INSTALL);
  process.exit(1);
}
await installAgents();
clearResults();
report((await build()) ? [await runVitest('agents'), await runPlaywright('agents')] : [{ passed: 0, failed: 1 }]);
