/**
 * `npm run dist`: compiles from nothing, then packs the tray app for this system with electron-builder (electron-builder.yml) into
 * dist/packages. What follows `--` goes to electron-builder: `npm run dist -- --dir` stops before the installers, `-- --arm64` packs for
 * another processor.
 */
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build, ROOT, run } from './steps.ts';

const COMPILED = join(ROOT, 'dist');
const PACKAGES = 'packages';

// Everything below `dist/main` and its like is packed: also what was compiled from a source that is gone.
if (existsSync(COMPILED)) {
  for (const name of readdirSync(COMPILED)) {
    if (name !== PACKAGES) rmSync(join(COMPILED, name), { recursive: true, force: true });
  }
}
if (!(await build())) process.exit(1);
const options = ['--config', 'electron-builder.yml', '--publish', 'never', ...process.argv.slice(2)];
process.exit(await run('electron-builder', options));
