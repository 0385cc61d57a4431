import { join } from 'node:path';

/**
 * For Node: V8 would let short-lived objects of a busy host take up to 134 MB before it looks what of them is over; with this, 34.
 * (`--max-semi-space-size`, `node --v8-options`; the young generation is two such spaces.)
 */
const NODE_FLAGS = ['--max-semi-space-size=16'];

/** What Node is given to run the compiled host of the project in `root` in a terminal, without the host's own arguments. */
export function terminalCommand(root: string): string[] {
  return [...NODE_FLAGS, join(root, 'dist/main/terminal/index.js')];
}
