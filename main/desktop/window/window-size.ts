/** How large the person left the window. */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import * as z from 'zod';
import type { Log } from '#lib/log.ts';

export const WINDOW_MIN = { width: 380, height: 480 } as const;
const WINDOW_MAX = 10_000;
const DEFAULT_SIZE = { width: 960, height: 680 } as const;

const stored = z.object({
  width: z.int().min(WINDOW_MIN.width).max(WINDOW_MAX),
  height: z.int().min(WINDOW_MIN.height).max(WINDOW_MAX),
});
export type WindowSize = z.infer<typeof stored>;

export interface WindowSizeFile {
  read(): WindowSize;
  write(size: WindowSize): void;
}

/** A size is not worth an error: what cannot be read is the default, what cannot be written is forgotten. */
export function createWindowSizeFile(path: string, log: Log): WindowSizeFile {
  let written = '';
  return {
    read() {
      try {
        return stored.parse(JSON.parse(readFileSync(path, 'utf8')));
      } catch {
        return DEFAULT_SIZE;
      }
    },
    write(size) {
      const parsed = stored.safeParse(size);
      if (!parsed.success) return;
      const text = `${JSON.stringify(parsed.data)}\n`;
      if (text === written) return;
      try {
        writeFileSync(`${path}.new`, text, { mode: 0o600 });
        renameSync(`${path}.new`, path);
        written = text;
      } catch (error) {
        log.warn('The size of the window could not be remembered', { error });
      }
    },
  };
}
