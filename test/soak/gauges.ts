/** What is looked at in each process, and how flat it has to be. */
import { readdir, readFile } from 'node:fs/promises';
import type { MeasuredProcess } from '../support/bench/measured-process.ts';
import type { Bound, Point } from './slope.ts';

export type GaugeName = 'rss' | 'heap' | 'descriptors' | 'resources' | 'listeners';

const MB = 1e6;

/** In MB, or in how many there are. Noise: sockets of devices that come and go, pages of memory that the system gives back late. */
export const BOUNDS: Readonly<Record<GaugeName, Bound>> = {
  rss: { perMinuteMax: 1, noise: 12 },
  heap: { perMinuteMax: 0.25, noise: 2 },
  descriptors: { perMinuteMax: 0.2, noise: 3 },
  resources: { perMinuteMax: 0.4, noise: 6 },
  listeners: { perMinuteMax: 0.05, noise: 0.5 },
};

export class Gauges {
  readonly process: string;
  readonly points = new Map<GaugeName, Point[]>();
  readonly #read: () => Promise<Partial<Record<GaugeName, number>> | null>;

  private constructor(process: string, read: () => Promise<Partial<Record<GaugeName, number>> | null>) {
    this.process = process;
    this.#read = read;
  }

  /** Of a process that carries the probe. */
  static of(name: string, measured: MeasuredProcess): Gauges {
    return new Gauges(name, async () => {
      const { rssBytes, heapBytes, descriptors, resources, listeners } = await measured.holding();
      const count = Object.values(resources).reduce((sum, of) => sum + of, 0);
      return { rss: rssBytes / MB, heap: heapBytes / MB, descriptors, resources: count, listeners };
    });
  }

  /** Of a process that is only seen from outside; nothing while there is none. Linux only. */
  static outside(name: string, findPid: () => Promise<number | null>): Gauges {
    return new Gauges(name, async () => {
      const pid = await findPid();
      if (pid === null) return null;
      const [status, descriptors] = await Promise.all([
        readFile(`/proc/${pid}/status`, 'utf8').catch(() => ''),
        readdir(`/proc/${pid}/fd`).catch(() => []),
      ]);
      const [, kib] = /VmRSS:\s+(\d+)/.exec(status) ?? [];
      return kib === undefined ? null : { rss: (Number(kib) * 1024) / MB, descriptors: descriptors.length };
    });
  }

  async look(atMs: number): Promise<void> {
    const read = await this.#read();
    for (const [name, value] of Object.entries(read ?? {}) as [GaugeName, number][]) {
      const points = this.points.get(name) ?? [];
      this.points.set(name, points);
      points.push({ atMs, value });
    }
  }
}
