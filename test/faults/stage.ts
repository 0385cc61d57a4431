/** What one row plays on: a relay, a host in a terminal and a page in a browser, each real and with a wire of its own to the relay. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CDPSession } from '@playwright/test';
import type { Browser } from 'playwright';
import { formatPairingLink, parsePairingLink } from '#protocol/pairing-link.ts';
import { type Certificate, makeCertificate } from '../support/certificate.ts';
import { processesWith, signalIfRunning } from '../support/chaos/processes.ts';
import { UnrulyWire } from '../support/chaos/unruly-wire.ts';
import { endKeeper } from '../support/keeper/end-keeper.ts';
import { PhonePage } from '../support/phone-page.ts';
import { startTerminalHost, type TerminalHost } from '../support/terminal-host.ts';
import { untilTrue } from './patience.ts';
import { RelayRunner } from './relay-runner.ts';

const JUMPS = join(import.meta.dirname, 'jumps.cjs');
const JOURNAL_VARIABLE = 'BATON_DEMO_JOURNAL';
const SLEEP_MS = 10 * 60_000;
export const SESSION = 'At work';
/** Agents that behave badly from the start. */
export const EXITING_AGENT = 'Exits at start';

export interface StageOptions {
  readonly browser: Browser;
  readonly folder: string;
  /** The host reaches its relay by https. */
  readonly isHostTls?: boolean;
  /** What SIGUSR2 does to the host. */
  readonly jump?: 'clock' | 'network';
  /** In place of a folder of its own. */
  readonly dataFolder?: string;
}

export class Stage {
  readonly folder: string;
  readonly dataFolder: string;
  readonly journal: string;
  readonly relay: RelayRunner;
  readonly hostWire: UnrulyWire;
  readonly phoneWire: UnrulyWire;
  readonly phone: PhonePage;
  readonly #environment: NodeJS.ProcessEnv;
  readonly #certificate: Certificate | null;
  #host: TerminalHost;
  #devTools: CDPSession | null = null;
  /** What hosts of earlier lives printed. */
  #printedBefore = '';
  hostKills = 0;
  /** Prompts that were sent, each unlike any other. */
  readonly prompts: string[] = [];

  private constructor(parts: {
    options: StageOptions;
    relay: RelayRunner;
    hostWire: UnrulyWire;
    phoneWire: UnrulyWire;
    phone: PhonePage;
    environment: NodeJS.ProcessEnv;
    dataFolder: string;
    journal: string;
    certificate: Certificate | null;
  }) {
    this.folder = parts.options.folder;
    this.dataFolder = parts.dataFolder;
    this.journal = parts.journal;
    this.relay = parts.relay;
    this.hostWire = parts.hostWire;
    this.phoneWire = parts.phoneWire;
    this.phone = parts.phone;
    this.#environment = parts.environment;
    this.#certificate = parts.certificate;
    this.#host = this.#startHost();
  }

  /** Resolves when the page is paired, and a session is idle on its screen. */
  static async begin(options: StageOptions): Promise<Stage> {
    const { folder, browser, isHostTls = false, jump } = options;
    const dataFolder = options.dataFolder ?? join(folder, 'host');
    const project = join(folder, 'project');
    for (const made of [dataFolder, project]) mkdirSync(made, { recursive: true });
    const certificate = isHostTls ? makeCertificate('localhost') : null;
    if (certificate) writeFileSync(join(folder, 'trusted.pem'), certificate.cert);
    const parts: { relay: RelayRunner | null } = { relay: null };
    const port = () => parts.relay?.port ?? 0;
    const [hostWire, phoneWire] = await Promise.all([UnrulyWire.start(port, certificate), UnrulyWire.start(port)]);
    const relay = new RelayRunner(join(folder, 'relay'), () => [hostWire.origin, phoneWire.origin]);
    parts.relay = relay;
    await relay.start();
    writeFileSync(
      join(dataFolder, 'settings.json'),
      JSON.stringify({
        projects: [project],
        customAgents: [
          { id: 'exits', name: EXITING_AGENT, command: process.execPath, args: ['-e', 'process.exit(3)'], env: {} },
        ],
      }),
    );
    const journal = join(folder, 'journal');
    const environment = {
      [JOURNAL_VARIABLE]: journal,
      BATON_DEMO_STATE: join(folder, 'agents'),
      BATON_DEMO_PACE_MS: '1',
      ...(jump && { NODE_OPTIONS: `-r ${JUMPS}`, BATON_FAULT: jump, BATON_FAULT_CLOCK_MS: String(SLEEP_MS) }),
      ...(certificate && { NODE_EXTRA_CA_CERTS: join(folder, 'trusted.pem') }),
    };
    const phone = await PhonePage.open(browser);
    const stage = new Stage({
      options,
      relay,
      hostWire,
      phoneWire,
      phone,
      environment,
      dataFolder,
      journal,
      certificate,
    });
    try {
      await stage.#pair();
      await phone.startSession(/Demo/, SESSION);
      await stage.untilPage(/Idle/);
      return stage;
    } catch (error) {
      await stage.end();
      throw new Error(`The stage could not be set. The host printed:\n${stage.printed.slice(-2_000)}`, {
        cause: error,
      });
    }
  }

  /** The one that the host trusts. Throws if it speaks no TLS. */
  certificate(): Certificate {
    if (!this.#certificate) throw new Error('The host of this stage speaks no TLS.');
    return this.#certificate;
  }

  async hostLog(): Promise<string> {
    return await readFile(join(this.dataFolder, 'baton.log'), 'utf8');
  }

  /** The same one all the time: what it sets is undone when it ends. */
  async devTools(): Promise<CDPSession> {
    this.#devTools ??= await this.phone.context.newCDPSession(this.phone.page);
    return this.#devTools;
  }

  get host(): TerminalHost {
    return this.#host;
  }

  /** Everything that the terminal showed, over all lives of the host. */
  get printed(): string {
    return this.#printedBefore + this.#host.output();
  }

  /** The newest status line of the terminal. */
  get terminalLine(): string {
    const lines = this.printed.split('\n');
    return lines.findLast((line) => /[●◌○◐■] /.test(line)) ?? '';
  }

  /** What the page says of the link: the status line of the list, or the pill of a session. */
  async pageLine(): Promise<string> {
    return await this.phone.page.evaluate(() => {
      const line = document.querySelector('.status-text')?.textContent;
      return line ?? document.querySelector('.status-pill')?.getAttribute('aria-label') ?? '';
    });
  }

  async pageText(): Promise<string> {
    return await this.phone.page.evaluate(() => document.body.innerText);
  }

  async untilPage(pattern: RegExp, timeoutMs = 20_000): Promise<void> {
    await untilTrue(`the page to say ${pattern}`, async () => pattern.test(await this.pageText()), timeoutMs);
  }

  async untilLine(pattern: RegExp, timeoutMs = 60_000): Promise<void> {
    await untilTrue(
      async () =>
        `the page to say ${pattern} of its link; it says “${await this.pageLine().catch(String)}”, the terminal “${this.terminalLine}”`,
      async () => pattern.test(await this.pageLine()),
      timeoutMs,
    );
  }

  /** Sends a prompt that no other resembles, so that the journal tells which one it was. */
  async prompt(text: string): Promise<void> {
    this.prompts.push(text);
    await this.phone.prompt(text);
  }

  async killHost(): Promise<void> {
    this.hostKills += 1;
    await this.#host.kill();
  }

  restartHost(): void {
    this.#printedBefore = this.printed;
    this.#host = this.#startHost();
  }

  signalHost(signal: NodeJS.Signals): void {
    this.#host.process.kill(signal);
  }

  /** Of all lives of the host. */
  async agentPids(): Promise<number[]> {
    const running = await processesWith(`${JOURNAL_VARIABLE}=${this.journal}`);
    return running.filter((pid) => pid !== this.#host.process.pid);
  }

  async signalAgents(signal: NodeJS.Signals): Promise<number> {
    const pids = await this.demoPids();
    for (const pid of pids) signalIfRunning(pid, signal);
    return pids.length;
  }

  /** The demo agents alone: whatever else keeps them is not meant. */
  async demoPids(): Promise<number[]> {
    const pids = await this.agentPids();
    const lines = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'latin1').catch(() => '')));
    return pids.filter((_, index) => lines[index]?.includes('demo-agent'));
  }

  /** Whatever state it is in: nothing of it runs on. Its files stay. */
  async end(): Promise<void> {
    await this.phone.close().catch(() => {});
    for (const signal of ['SIGCONT', 'SIGKILL'] as const) this.#host.process.kill(signal);
    for (const pid of await this.agentPids()) signalIfRunning(pid, 'SIGKILL');
    await endKeeper(this.dataFolder);
    await this.relay.kill();
    await Promise.all([this.hostWire.stop(), this.phoneWire.stop()]);
  }

  #startHost(): TerminalHost {
    return startTerminalHost(['--data', this.dataFolder, '--relay', this.hostWire.origin], this.#environment);
  }

  /** By the code that the terminal shows, but over the phone's own wire. */
  async #pair(): Promise<void> {
    const [printed] = await this.#host.untilPrinted(/https?:\/\/\S+\/p#\S+/);
    const link = parsePairingLink(printed);
    if (!link) throw new Error(`The terminal printed no pairing link: ${printed}`);
    const { origin } = this.phoneWire;
    const from = this.#host.output().length;
    const digits = await this.phone.beginPairing(
      formatPairingLink({ ...link, appOrigin: origin, relayOrigin: origin }),
      'Phone',
    );
    const [, first, second] = await this.#host.untilPrinted(/digits:\s+(\d{3}) (\d{3})/, from);
    if (`${first}${second}` !== digits) throw new Error('The digits differ.');
    this.#host.press('a');
    await this.phone.finishPairing();
  }
}
