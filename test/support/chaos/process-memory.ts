/** Looks for texts in the memory of a running process (Linux: proc_pid_mem(5)). */
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { NeedleScanner } from './needle-scanner.ts';

const CHUNK_BYTES = 4 * 1024 * 1024;
const MAP_LINE = /^([0-9a-f]+)-([0-9a-f]+) (\S{4}) \S+ \S+ \d+\s*(.*)$/;

export interface MemoryScan {
  /** Bytes that were read. */
  readonly bytes: number;
  count(text: string): number;
}

/** Whether this system lets one look into another process at all. */
export const canScanMemory = process.platform === 'linux';

/**
 * Everything the process can write to: its heap, its stacks, its buffers. Stop it before, for a picture of one moment.
 * Throws if the process is gone or may not be looked into.
 */
export function scanMemory(pid: number, texts: readonly string[]): MemoryScan {
  const scanner = new NeedleScanner(texts);
  const maps = readFileSync(`/proc/${pid}/maps`, 'latin1');
  const memory = openSync(`/proc/${pid}/mem`, 'r');
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  let bytes = 0;
  try {
    for (const line of maps.split('\n')) {
      const [, start, end, rights, name] = MAP_LINE.exec(line) ?? [];
      if (!start || !end || !rights?.startsWith('rw') || name?.startsWith('[v')) continue;
      scanner.interrupt();
      for (let at = Number.parseInt(start, 16), last = Number.parseInt(end, 16); at < last; ) {
        const read = readAt(memory, chunk, at, Math.min(CHUNK_BYTES, last - at));
        if (read === 0) break;
        scanner.scan(chunk.subarray(0, read));
        bytes += read;
        at += read;
      }
    }
  } finally {
    closeSync(memory);
    chunk.fill(0);
  }
  return { bytes, count: (text) => scanner.count(text) };
}

/** 0 for a page that cannot be read, as those of a device. */
function readAt(file: number, into: Buffer, position: number, length: number): number {
  try {
    return readSync(file, into, 0, length, position);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EIO') return 0;
    throw error;
  }
}
