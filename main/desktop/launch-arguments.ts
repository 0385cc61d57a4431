/** What the tray app is started with. Chromium and desktops add words of their own to a command line; those are left alone. */
import { isAbsolute, resolve } from 'node:path';
import * as z from 'zod';

/** What is asked of a Baton that runs, by its own command line or by a second launch. */
export interface LaunchArguments {
  /** Absolute; null: the usual place. */
  readonly data: string | null;
  readonly isDemo: boolean;
  readonly isVerbose: boolean;
  /** Started by the system at login: the window stays hidden. */
  readonly isAutostart: boolean;
  readonly remote: 'on' | 'off' | null;
  readonly isPairing: boolean;
  readonly isQuit: boolean;
}

const handedOver = z.object({
  data: z.string().nullable(),
  isDemo: z.boolean(),
  isVerbose: z.boolean(),
  isAutostart: z.boolean(),
  remote: z.enum(['on', 'off']).nullable(),
  isPairing: z.boolean(),
  isQuit: z.boolean(),
});

/** Of all words only Baton's own count. A relative folder is resolved against `cwd`. */
export function parseLaunchArguments(argv: readonly string[], cwd: string): LaunchArguments {
  const has = (name: string) => argv.includes(name);
  const folder = wordAfter(argv, '--data');
  return {
    data: folder === null ? null : isAbsolute(folder) ? folder : resolve(cwd, folder),
    isDemo: has('--demo'),
    isVerbose: has('--verbose'),
    isAutostart: has('--autostart'),
    remote: has('--remote-off') ? 'off' : has('--remote-on') ? 'on' : null,
    isPairing: has('--pair'),
    isQuit: has('--quit'),
  };
}

/**
 * What a second launch was started with. It is handed over parsed, because Chromium changes the order of the words of a command line
 * on their way from one process to the other; those words are the fallback.
 */
export function parseHandedOver(data: unknown, argv: readonly string[], cwd: string): LaunchArguments {
  const parsed = handedOver.safeParse(data);
  return parsed.success ? parsed.data : parseLaunchArguments(argv, cwd);
}

/** `--name value` or `--name=value`; null if it is not there or has no value. */
function wordAfter(argv: readonly string[], name: string): string | null {
  const joined = argv.find((word) => word.startsWith(`${name}=`))?.slice(name.length + 1);
  const place = argv.indexOf(name);
  const value = joined ?? (place < 0 ? undefined : argv[place + 1]);
  return value === undefined || value === '' || value.startsWith('--') ? null : value;
}
