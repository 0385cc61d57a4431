import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type Clock, systemClock } from '#lib/clock.ts';
import { type Log, silentLog } from '#lib/log.ts';
import { type Client, THIS_COMPUTER } from '#main/host/access.ts';
import type { AgentStarter } from '#main/host/agents/agent.ts';
import { type History, openHistory } from '#main/host/history/history.ts';
import { createSupervisor, type Supervisor } from '#main/host/sessions/supervisor.ts';
import { openSettings, type SettingsStore } from '#main/host/settings.ts';
import type { CommandBody, CommandKind, Receipt, WireCommand } from '#protocol/commands.ts';
import { parseEvent, type SessionEvent } from '#protocol/events.ts';
import type { AgentInfo } from '#protocol/messages.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { withProof } from '#test/support/seen-question.ts';
import { temporaryFolder, testId } from '../history/support.ts';
import { ScriptedStarter } from './scripted-agent.ts';

const AGENTS: readonly AgentInfo[] = [
  { id: 'demo', name: 'Demo', isInstalled: true },
  { id: 'missing', name: 'Missing', isInstalled: false, install: 'npm install missing' },
];

/** Lets everything run that is ready to, until the condition holds. The test's own time-out is the limit. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

/** Lets everything run that is ready to. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

export const HERE = THIS_COMPUTER;
export const PHONE = device('phone', "Ada's phone");
export const TABLET = device('tablet', "Ada's tablet");

function device(id: string, name: string): Client & { kind: 'device' } {
  return { kind: 'device', id, name, scope: 'full', revokedAt: null };
}

export class Bench {
  readonly folder: string;
  readonly clock: Clock;
  readonly starter = new ScriptedStarter();
  readonly settings: SettingsStore;
  readonly orphans: { pid: number; startTime: string | null }[] = [];
  readonly receipts: (Receipt & { device: string | null })[] = [];
  history: History;
  supervisor: Supervisor;
  /** The ends of orphans wait for this. */
  holdOrphans: Promise<void> | null = null;
  readonly #log: Log;
  readonly #starter: AgentStarter;
  #dataFolder: string;
  #commands = 0;

  constructor(options: { clock?: Clock; folder?: string; log?: Log; starter?: AgentStarter } = {}) {
    this.folder = options.folder ?? temporaryFolder();
    this.clock = options.clock ?? systemClock;
    this.#log = options.log ?? silentLog;
    this.#starter = options.starter ?? this.starter;
    this.#dataFolder = join(this.folder, 'data');
    this.settings = openSettings({ path: `${this.folder}/settings.json`, now: () => 0, log: this.#log });
    this.settings.update({ remoteControl: true });
    this.history = this.#openHistory();
    this.supervisor = this.#supervise();
    onTestFinished(async () => {
      await this.close();
    });
  }

  #openHistory(): History {
    const opened = openHistory({ folder: this.#dataFolder, now: () => this.clock.now(), log: this.#log });
    if (opened.kind === 'refused') throw new Error(opened.text);
    return opened.history;
  }

  #supervise(): Supervisor {
    const supervisor = createSupervisor({
      history: this.history,
      starter: this.#starter,
      settings: this.settings,
      agents: () => AGENTS,
      findAgent: (id) => AGENTS.find((agent) => agent.id === id) ?? null,
      endOrphan: async (orphan) => {
        this.orphans.push(orphan);
        if (this.holdOrphans) await this.holdOrphans;
      },
      clock: this.clock,
      log: this.#log,
    });
    supervisor.onDidReceipt((device, receipt) => this.receipts.push({ device, ...receipt }));
    return supervisor;
  }

  /** The host is quit properly and started again. */
  async restart(): Promise<void> {
    await this.close();
    this.history = this.#openHistory();
    this.supervisor = this.#supervise();
  }

  /** The host is gone without a word, as after kill -9, and started again on what is on the disk at this moment. */
  crash(): void {
    const folder = join(temporaryFolder(), 'data');
    cpSync(this.#dataFolder, folder, { recursive: true });
    for (const agent of this.starter.agents) agent.isGone = true;
    this.history.close();
    this.#dataFolder = folder;
    this.history = this.#openHistory();
    this.supervisor = this.#supervise();
  }

  async close(): Promise<void> {
    const disposed = this.supervisor.dispose();
    if (this.clock instanceof ManualClock) {
      await settle();
      this.clock.advance(60_000);
    }
    await disposed;
    this.history.close();
  }

  command<K extends CommandKind>(kind: K, session: string, body: CommandBody<K>): WireCommand {
    this.#commands += 1;
    const proven = withProof(kind, body, this.history.approvals.pending());
    return { id: testId(9_000 + this.#commands), session, kind, body: proven, at: 0 };
  }

  send<K extends CommandKind>(kind: K, session: string, body: CommandBody<K>, from: Client = HERE): Receipt {
    return this.supervisor.handleCommand(from, this.command(kind, session, body));
  }

  /** A session whose agent is ready. */
  async newSession(number = 1): Promise<string> {
    const id = testId(number);
    const receipt = this.send('session.new', id, { agent: 'demo', folder: this.folder });
    if (receipt.state !== 'accepted') throw new Error(receipt.reason);
    await until(() => this.stateOf(id) === 'idle');
    return id;
  }

  stateOf(session: string): string | undefined {
    return this.supervisor.state().sessions.find(({ id }) => id === session)?.state;
  }

  detailOf(session: string): string | undefined {
    return this.supervisor.state().sessions.find(({ id }) => id === session)?.detail;
  }

  receiptOf(command: string): Receipt['state'] | undefined {
    return this.history.commands.get(command)?.state;
  }

  events(session: string): SessionEvent[] {
    return this.history.events.after(session, 0, 10_000).map((event) => {
      const parsed = parseEvent(event);
      if (!parsed) throw new Error(`The log holds an event that no device can read: ${JSON.stringify(event)}`);
      return parsed;
    });
  }

  kinds(session: string): string[] {
    return this.events(session).map(({ kind }) => kind);
  }
}
