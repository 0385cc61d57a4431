/** The real host in a terminal, compiled, measured, with the stamping agent among its agents. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Settings } from '#main/host/settings.ts';
import { terminalCommand } from '#scripts/terminal-command.ts';
import type { Identity } from '../device/device-store.ts';
import { pair } from '../device/pair.ts';
import type { TerminalHost } from '../terminal-host.ts';
import { MeasuredProcess, ROOT } from './measured-process.ts';

export const STAMPING_AGENT = { id: 'stamping', name: 'Stamping agent' } as const;
const LINK = /https?:\/\/\S+\/p#\S+/g;

/** Makes the data folder of a host, with everything chosen that the benchmarks need. */
export function makeHostFolder(folder: string, more: Partial<Settings> = {}): void {
  const project = join(folder, 'project');
  mkdirSync(project, { recursive: true });
  const settings: Partial<Settings> = {
    remoteControl: true,
    projects: [project],
    customAgents: [
      {
        ...STAMPING_AGENT,
        command: process.execPath,
        args: [join(import.meta.dirname, 'stamping-agent.ts')],
        env: { BATON_BENCH_JOURNAL: journalOf(folder) },
      },
    ],
    ...more,
  };
  writeFileSync(join(folder, 'settings.json'), JSON.stringify(settings));
}

/** Where the stamping agent notes when it got which prompt. */
export function journalOf(folder: string): string {
  return join(folder, 'prompts.jsonl');
}

export class BenchHost implements TerminalHost {
  readonly measured: MeasuredProcess;
  readonly folder: string;
  /** Up to here, links that were printed are used up. */
  #usedUpTo = 0;

  private constructor(measured: MeasuredProcess, folder: string) {
    this.measured = measured;
    this.folder = folder;
  }

  /** Resolves once it is connected to the relay and knows its agents. */
  static async start(options: {
    folder: string;
    relayOrigin: string;
    environment?: NodeJS.ProcessEnv;
  }): Promise<BenchHost> {
    const { folder, relayOrigin } = options;
    if (!existsSync(join(folder, 'settings.json'))) makeHostFolder(folder);
    const measured = MeasuredProcess.start([...terminalCommand(ROOT), '--data', folder, '--relay', relayOrigin], {
      BATON_DEMO_STATE: join(folder, 'demo-state'),
      ...options.environment,
    });
    const host = new BenchHost(measured, folder);
    await measured.untilPrinted(/relay connected for/);
    await measured.untilPrinted(/Agents found/);
    return host;
  }

  get process() {
    return this.measured.child;
  }

  get project(): string {
    return join(this.folder, 'project');
  }

  output(): string {
    return this.measured.output();
  }

  untilPrinted(pattern: RegExp, from?: number): Promise<RegExpExecArray> {
    return this.measured.untilPrinted(pattern, from);
  }

  press(keys: string): void {
    this.measured.child.stdin?.write(keys);
  }

  async quit(): Promise<void> {
    await this.measured.stop();
  }

  async kill(): Promise<void> {
    await this.measured.kill();
  }

  /** Makes sure that the newest link printed is one that nobody has used. Resolves with it. */
  async showCode(): Promise<string> {
    if (![...this.output().slice(this.#usedUpTo).matchAll(LINK)].length) {
      this.press('p');
      await this.untilPrinted(LINK, this.#usedUpTo);
    }
    const link = [...this.output().matchAll(LINK)].at(-1)?.[0] as string;
    this.#usedUpTo = this.output().length;
    return link;
  }

  /** Pairs a device that lives in this process. */
  async pairNode(name: string): Promise<Identity> {
    const link = await this.showCode();
    const from = this.output().length;
    const paired = pair(link, name);
    await this.untilPrinted(/digits:\s+\d{3} \d{3}/, from);
    this.press('a');
    return await paired;
  }
}
