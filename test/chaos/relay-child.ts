/** The real relay as a process that can be killed, frozen, looked into, and started again on its port. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { NeedleScanner } from '../support/chaos/needle-scanner.ts';
import { canScanMemory, scanMemory } from '../support/chaos/process-memory.ts';
import { Child } from '../support/chaos/processes.ts';

const ENTRY = join(import.meta.dirname, '../../relay/index.ts');

/** What all looks into its memory found together. */
interface RelayMemory {
  scans: number;
  bytes: number;
  /** Times the marker was found. */
  markers: number;
  /** Looks that did not even find what must be there, and so prove nothing. */
  blindScans: number;
  readonly problems: string[];
}

export class RelayChild {
  readonly #folder: string;
  readonly #marker: string;
  readonly #publicOrigins: readonly string[];
  #child: Child | null = null;
  #port = 0;
  #log = '';
  readonly memory: RelayMemory = { scans: 0, bytes: 0, markers: 0, blindScans: 0, problems: [] };

  constructor(options: { folder: string; publicOrigins: readonly string[]; marker: string }) {
    this.#folder = options.folder;
    this.#publicOrigins = options.publicOrigins;
    this.#marker = options.marker;
    mkdirSync(join(this.#folder, 'phone'), { recursive: true });
    writeFileSync(join(this.#folder, 'phone', 'index.html'), '<!doctype html><title>No page</title>');
  }

  /** The same in all its lives. */
  get port(): number {
    return this.#port;
  }

  /** Resolves once it listens. */
  async start(): Promise<void> {
    const origins = this.#publicOrigins.flatMap((origin) => ['--public-url', origin]);
    const folders = ['--data', join(this.#folder, 'data'), '--phone', join(this.#folder, 'phone')];
    const child = new Child([ENTRY, '--port', String(this.#port), ...origins, ...folders, '--verbose']);
    this.#child = child;
    void child.gone.then(() => {
      this.#log += child.output;
    });
    const [, port] = await child.untilPrinted(/"port":(\d+)/);
    this.#port = Number(port);
  }

  /** kill -9, after a look into its memory: what it held must not be missed because it is dead. */
  async kill(): Promise<void> {
    this.freeze();
    this.look();
    await this.#child?.kill();
  }

  /** Stops it in its tracks; the answer lets it go on, unless it was killed in between. */
  freeze(): () => void {
    const child = this.#child;
    child?.signal('SIGSTOP');
    return () => child?.signal('SIGCONT');
  }

  /** Searches its memory. `mustHold`: text that has to be found there, so that finding no marker means something. */
  look(mustHold: string = this.#publicOrigins[0] ?? ''): void {
    const child = this.#child;
    if (!child?.isRunning || !canScanMemory) return;
    try {
      const scan = scanMemory(child.pid, [this.#marker, mustHold]);
      this.memory.scans += 1;
      this.memory.bytes += scan.bytes;
      this.memory.markers += scan.count(this.#marker);
      if (scan.count(mustHold) === 0) this.memory.blindScans += 1;
    } catch (error) {
      this.memory.problems.push(error instanceof Error ? error.message : String(error));
    }
  }

  /** Ends it, and says how often the marker stands in what it printed and stored over all its lives. */
  async stop(): Promise<{ logLines: number; inLog: number; inFiles: number }> {
    this.#child?.signal('SIGCONT');
    this.#child?.signal('SIGTERM');
    await this.#child?.gone;
    const count = (...contents: readonly Buffer[]) => {
      const scanner = new NeedleScanner([this.#marker]);
      for (const content of contents) scanner.scan(content);
      return scanner.count(this.#marker);
    };
    const folder = join(this.#folder, 'data');
    const files = readdirSync(folder).map((name) => readFileSync(join(folder, name)));
    return {
      logLines: this.#log.split('\n').length - 1,
      inLog: count(Buffer.from(this.#log)),
      inFiles: count(...files),
    };
  }
}
