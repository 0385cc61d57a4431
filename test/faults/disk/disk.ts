/** The disk of a sweep: small and real where this user may mount one, else a folder in which the layer refuses to write. */
import { mkdirSync, rmSync } from 'node:fs';
import { mountSmallDisk } from '#test/support/small-disk.ts';

const DISK_MIB = 16;

export interface SweptDisk {
  readonly folder: string;
  /** What takes all room, for all processes, as long as it exists. */
  readonly filler: string;
  /** Whether the kernel says that it is full, or the layer does. */
  readonly isReal: boolean;
  free(): void;
  dispose(): void;
}

/** `fallback`: the folder where nothing can be mounted. */
export function makeSweptDisk(fallback: string): SweptDisk {
  const disk = mountSmallDisk(DISK_MIB);
  const folder = disk?.folder ?? fallback;
  mkdirSync(folder, { recursive: true });
  const filler = `${folder}${disk ? '/filler' : '.full'}`;
  return {
    folder,
    filler,
    isReal: disk !== null,
    free: () => rmSync(filler, { force: true }),
    dispose: () => disk?.dispose(),
  };
}
