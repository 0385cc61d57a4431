/** The relay as a process of its own, at one port in all its lives. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { RelayLimits } from '#relay/limits.ts';
import { Child } from '../support/chaos/processes.ts';

export interface RelayProcessOptions {
  readonly port: number;
  readonly publicOrigins: readonly string[];
  readonly databaseFile: string;
  readonly phoneFolder: string;
  readonly limits: Partial<RelayLimits>;
}

const ENTRY = join(import.meta.dirname, 'relay-process.ts');
const PHONE_FOLDER = join(import.meta.dirname, '../../dist/phone');

export class RelayRunner {
  readonly #folder: string;
  readonly #publicOrigins: () => readonly string[];
  #child: Child | null = null;
  port = 0;

  /** `publicOrigins`: asked for at each start. */
  constructor(folder: string, publicOrigins: () => readonly string[]) {
    this.#folder = folder;
    this.#publicOrigins = publicOrigins;
    mkdirSync(folder, { recursive: true });
  }

  /** Resolves once it listens. */
  async start(limits: Partial<RelayLimits> = {}): Promise<void> {
    const options: RelayProcessOptions = {
      port: this.port,
      publicOrigins: this.#publicOrigins(),
      databaseFile: join(this.#folder, 'relay.db'),
      phoneFolder: PHONE_FOLDER,
      limits,
    };
    this.#child = new Child([ENTRY, JSON.stringify(options)]);
    const [, port] = await this.#child.untilPrinted(/listening on (\d+)/);
    this.port = Number(port);
  }

  get output(): string {
    return this.#child?.output ?? '';
  }

  signal(signal: NodeJS.Signals): void {
    this.#child?.signal(signal);
  }

  async kill(): Promise<void> {
    await this.#child?.kill();
  }
}
