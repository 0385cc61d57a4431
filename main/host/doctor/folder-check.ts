/** Whether Baton can keep its files: the folder takes them, there is space, and the history is one that this Baton reads. */
import { closeSync, fsyncSync, openSync, rmSync, statfsSync, statSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describeDataFolderError } from '../folder-failure.ts';
import type { HistoryInspected } from '../history/inspect-history.ts';
import { type Finding, ok, skipped, wrong } from './check.ts';

/** With less than this left, a history that grows by a busy day would not fit any more. */
export const LOW_SPACE_BYTES = 200 * 1024 * 1024;
const MIB = 1024 * 1024;

/** Writes a file into the folder and takes it away again; makes no folder. `freeBytes`: of the file system that holds it. */
export function checkFolder(folder: string, freeBytes: (folder: string) => number = readFreeBytes): Finding {
  const place = findExisting(folder);
  try {
    if (!statSync(place).isDirectory()) return wrong(`${describeFailure(folder, { code: 'EEXIST' })}`);
    const probe = join(place, `.baton-doctor-${crypto.randomUUID()}`);
    try {
      const file = openSync(probe, 'wx', 0o600);
      try {
        writeSync(file, 'Baton was here.\n');
        fsyncSync(file);
      } finally {
        closeSync(file);
      }
    } finally {
      rmSync(probe, { force: true });
    }
    const free = freeBytes(place);
    if (free < LOW_SPACE_BYTES) {
      return wrong(`Only ${Math.floor(free / MIB)} MiB are left for ${folder}. Free some space.`);
    }
    const left = free >= 1024 * MIB ? `${Math.floor(free / MIB / 1024)} GiB` : `${Math.floor(free / MIB)} MiB`;
    return place === folder
      ? ok(`${folder} takes files; ${left} are left.`)
      : skipped(`${folder} is made when Baton is started for the first time; ${left} are left there.`);
  } catch (error) {
    return wrong(describeFailure(folder, error));
  }
}

function describeFailure(folder: string, error: unknown): string {
  const why = describeDataFolderError(error);
  const todo =
    (error as { code?: unknown }).code === 'ENOSPC' ? 'Free some space.' : 'Choose another folder with --data.';
  return `Baton cannot keep its data in ${folder}: ${why} ${todo}`;
}

/** The folder, or the one above it that is there. */
function findExisting(folder: string): string {
  const parent = dirname(folder);
  return parent === folder || statSync(folder, { throwIfNoEntry: false }) ? folder : findExisting(parent);
}

function readFreeBytes(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}

/** What looking at the history without opening it found. */
export function describeHistory(inspected: HistoryInspected, folder: string): Finding {
  switch (inspected.kind) {
    case 'none':
      return skipped('There is no history yet; the first start begins one.');
    case 'newer':
      return wrong(
        `The history in ${folder} was written by a newer Baton (format ${inspected.found}; this one knows up to ${inspected.known}). Update Baton.`,
      );
    case 'damaged':
      return wrong(
        `The history in ${folder} is damaged (${inspected.text}). Put a copy from a backup in its place while Baton is closed, or start Baton: it keeps the damaged file under another name and begins a new history.`,
      );
    case 'unreadable':
      return wrong(`The history in ${folder} cannot be read: ${inspected.text} Check the disk and who may read it.`);
    case 'good':
      return inspected.isHeld
        ? ok('Another Baton has it open, as it should while one runs.')
        : ok(
            `It opens, has this version’s format, ${inspected.isWhole ? 'and every page of it is good' : 'and was not read through, as it is large'}.`,
          );
  }
}
