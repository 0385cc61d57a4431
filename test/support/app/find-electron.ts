/** Whether the real Electron can run here. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const PROGRAMS: Partial<Record<NodeJS.Platform, string>> = {
  darwin: 'Electron.app/Contents/MacOS/Electron',
  win32: 'electron.exe',
};

export type FoundElectron =
  | { readonly kind: 'found'; readonly executable: string }
  | { readonly kind: 'missing'; readonly reason: string };

/** `ELECTRON_OVERRIDE_DIST_PATH` first, then what `install-electron` has unpacked. */
export function findElectron(env: NodeJS.ProcessEnv = process.env, platform = process.platform): FoundElectron {
  const program = PROGRAMS[platform] ?? 'electron';
  const override = env.ELECTRON_OVERRIDE_DIST_PATH;
  const folder = override || join(dirname(createRequire(import.meta.url).resolve('electron/package.json')), 'dist');
  const executable = join(folder, program);
  if (!existsSync(executable)) {
    const where = override ? `ELECTRON_OVERRIDE_DIST_PATH (${override})` : 'node_modules/electron/dist';
    return { kind: 'missing', reason: `there is no Electron in ${where}` };
  }
  if (platform === 'linux' && !env.DISPLAY && !env.WAYLAND_DISPLAY) {
    return { kind: 'missing', reason: 'there is no display for Electron (DISPLAY is not set; try xvfb-run)' };
  }
  return { kind: 'found', executable };
}
