/** electron-builder's hook `afterPack`: looks at the fuses that it cannot set, before it sets the others and signs. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AfterPackContext } from 'electron-builder';
import { checkLaterFuses, readFuseWires } from './fuse-wire.ts';

/** Of electron-builder.yml; a test compares them with what electron-builder knows. */
export const SETTABLE_FUSES = 8;

export default function afterPack({ appOutDir, electronPlatformName, packager }: AfterPackContext): void {
  const { productFilename } = packager.appInfo;
  const binary = {
    linux: packager.config.linux?.executableName ?? packager.appInfo.name,
    win32: `${productFilename}.exe`,
    darwin: `${productFilename}.app/Contents/Frameworks/Electron Framework.framework/Electron Framework`,
  }[electronPlatformName];
  if (binary === undefined) throw new Error(`Baton is not packed for ${electronPlatformName}.`);
  const wrong = readFuseWires(readFileSync(join(appOutDir, binary))).flatMap((wire) =>
    checkLaterFuses(wire, SETTABLE_FUSES),
  );
  if (wrong.length > 0) throw new Error(wrong.join('\n'));
}
