/**
 * Lets a compiled Electron app run in plain Node: `node --import ./test/electron/register.ts dist/main/index.js`.
 * Anyone who imports or requires `electron` gets the stand-in.
 */
import { readFileSync } from 'node:fs';
import { createRequire, registerHooks } from 'node:module';
import { join } from 'node:path';

const STAND_IN = new URL('./electron.ts', import.meta.url).href;
const { version } = JSON.parse(
  readFileSync(createRequire(import.meta.url).resolve('electron/package.json'), 'utf8'),
) as { version: string };

registerHooks({
  resolve(specifier, context, next) {
    if (specifier !== 'electron' && specifier !== 'electron/main') return next(specifier, context);
    return { url: STAND_IN, format: 'module-typescript', shortCircuit: true };
  },
});

const define = (target: object, name: string, value: unknown) =>
  Object.defineProperty(target, name, { value, configurable: true, enumerable: true });
define(process.versions, 'electron', version);
define(process, 'type', 'browser');
define(process, 'defaultApp', true);
define(process, 'resourcesPath', join(import.meta.dirname, 'resources'));
