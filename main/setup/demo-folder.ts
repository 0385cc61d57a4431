import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder } from '../host/make-folder.ts';

/** A folder with a file to edit, so that the demo agent has something to do and nothing of value to break. Its path. */
export function makeDemoFolder(dataFolder: string): string {
  const folder = join(dataFolder, 'demo');
  makeFolder(folder);
  const file = join(folder, 'hello.js');
  if (!existsSync(file)) writeFileSync(file, "export function hello(name) {\n  return 'Hello ' + name;\n}\n");
  return folder;
}
