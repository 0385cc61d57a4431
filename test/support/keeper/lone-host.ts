/** The test's hand on a host that has no relay: started, commanded, killed and started again in one data folder. */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { uuidv7 } from 'uuidv7';
import type { Settings } from '#main/host/settings.ts';
import { isAlive, type KeeperState, keeperPathsIn, readState } from '#main/keeper/wire/keeper-paths.ts';
import type { CommandBody, CommandKind, ReceiptState } from '#protocol/commands.ts';
import type { SessionEvent, WireEvent } from '#protocol/events.ts';
import type { HostState } from '#protocol/messages.ts';
import { type HostEvidence, readHost, readJournal } from '#test/chaos/evidence.ts';
import { Child, processesWith, signalIfRunning } from '../chaos/processes.ts';
import { withProof } from '../seen-question.ts';
import type { FromRunner, Step, ToRunner } from './host-messages.ts';

const RUNNER = join(import.meta.dirname, 'host-runner.ts');
const PATIENCE_MS = 40_000;

export class LoneHost {
  readonly folder = mkdtempSync(join(tmpdir(), 'baton-keeper-'));
  readonly data: string;
  readonly project = join(this.folder, 'project');
  readonly journal = join(this.folder, 'journal');
  /** In the environment of every agent of this test; Baton would take out a variable that looks like its own. */
  readonly #mark = `TEST_OF_KEEPER=${uuidv7()}`;
  readonly #limits: object | undefined;
  #child: Child | null = null;
  #state: HostState | null = null;
  #isReady = false;
  /** What a person is told of how it was opened. */
  notice: string | null = null;
  /** Receipts of all its lives, the newest of each command. */
  readonly receipts = new Map<string, ReceiptState>();
  /** All it streamed in this life, the newest text last. */
  streamed: string[] = [];
  events: SessionEvent[] = [];

  constructor(options: { limits?: object; data?: string; settings?: object } = {}) {
    this.#limits = options.limits;
    this.data = options.data === undefined ? join(this.folder, 'data') : join(this.folder, options.data);
    mkdirSync(this.data, { recursive: true });
    mkdirSync(this.project);
    writeFileSync(join(this.project, 'hello.js'), 'export const hello = 1;\n');
    writeFileSync(join(this.data, 'settings.json'), JSON.stringify(options.settings ?? {}));
  }

  get state(): HostState {
    if (!this.#state) throw new Error('The host has not said its state.');
    return this.#state;
  }

  get pid(): number {
    return (this.#child as Child).pid;
  }

  /** Resolves when it has taken up, or ended, what its previous life left. `paceMs`: between two words of its demo agents. */
  async start(options: { paceMs?: number; dieAt?: Step } = {}): Promise<void> {
    const [name = '', value = ''] = this.#mark.split('=');
    this.#state = null;
    this.#isReady = false;
    this.streamed = [];
    this.events = [];
    const given = { dataFolder: this.data, keeperLimits: this.#limits, dieAt: options.dieAt };
    const child = new Child([RUNNER, JSON.stringify(given)], {
      env: {
        ...process.env,
        SHELL: '/bin/sh',
        BATON_DEMO_JOURNAL: this.journal,
        BATON_DEMO_STATE: join(this.folder, 'agents'),
        BATON_DEMO_PACE_MS: String(options.paceMs ?? 1),
        [name]: value,
      },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    this.#child = child;
    child.process.on('message', (message: FromRunner) => {
      this.#take(message);
      child.wake();
    });
    if (options.dieAt) await child.gone;
    else await this.until('the host', () => this.#isReady && this.#state !== null);
  }

  #take(message: FromRunner): void {
    if (message.kind === 'ready') {
      this.#isReady = true;
      this.notice = message.notice;
    } else if (message.kind === 'receipt') this.receipts.set(message.command, message.state);
    else if (message.kind === 'event') this.events.push(message.event);
    else if (message.kind === 'stream') this.streamed.push(message.text);
    else this.#state = message.state;
  }

  async until(what: string, condition: () => boolean): Promise<void> {
    await (this.#child as Child).until(what, condition, PATIENCE_MS);
  }

  /** Gives a command; the answer is its id. */
  send<K extends CommandKind>(kind: K, session: string, body: CommandBody<K>): string {
    const id = uuidv7();
    const proven = withProof(kind, body, this.#state?.approvals ?? []);
    this.#say({ kind: 'command', command: { id, session, kind, body: proven, at: Date.now() } });
    return id;
  }

  /** As a person changes them while it runs. */
  set(change: Partial<Settings>): void {
    this.#say({ kind: 'settings', change });
  }

  /** The next time it comes to this step, it dies. */
  dieAt(step: string, isLater = false): void {
    this.#say({ kind: 'die-at', at: { step, isLater } });
  }

  /** A session with the demo agent, ready for a prompt. */
  async newSession(agent = 'demo'): Promise<string> {
    const session = uuidv7();
    this.send('session.new', session, { agent, folder: this.project });
    await this.untilState(session, 'idle');
    return session;
  }

  stateOf(session: string): string | undefined {
    return this.#state?.sessions.find(({ id }) => id === session)?.state;
  }

  async untilState(session: string, state: string): Promise<void> {
    await this.until(`session ${state}`, () => this.stateOf(session) === state);
  }

  async untilReceipt(command: string, state: ReceiptState): Promise<void> {
    await this.until(`receipt ${state}`, () => this.receipts.get(command) === state);
  }

  async gone(): Promise<void> {
    await this.#child?.gone;
  }

  /** kill -9. */
  async kill(): Promise<void> {
    await this.#child?.kill();
  }

  async quit(leaveAgents: boolean): Promise<void> {
    this.#say({ kind: 'quit', leaveAgents });
    await this.#child?.gone;
  }

  #say(message: ToRunner): void {
    this.#child?.process.send(message);
  }

  /** As it is on disk. */
  evidence(): HostEvidence {
    return readHost(join(this.data, 'history.db'));
  }

  log(session: string): readonly WireEvent[] {
    return this.evidence().events.get(session) ?? [];
  }

  kinds(session: string): string[] {
    return this.log(session).map(({ kind }) => kind);
  }

  /** All that the agent said in its messages, joined. */
  said(session: string): string {
    return this.log(session)
      .filter(({ kind }) => kind === 'message')
      .map(({ body }) => (body as { text: string }).text)
      .join('');
  }

  /** How often an agent began to execute this prompt. */
  executions(text: string): number {
    return readJournal(this.journal).filter((one) => one === text).length;
  }

  get keeper(): KeeperState | null {
    return readState(keeperPathsIn(join(this.data, 'keeper')));
  }

  agents(): Promise<number[]> {
    return processesWith(this.#mark).then((pids) => pids.filter((pid) => pid !== this.#child?.process.pid));
  }

  /** Nothing of it runs on. */
  async clear(): Promise<void> {
    const { keeper } = this;
    await this.kill();
    if (keeper && (await isAlive(keeper))) signalIfRunning(keeper.pid, 'SIGKILL');
    for (const pid of await processesWith(this.#mark)) signalIfRunning(pid, 'SIGKILL');
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}
