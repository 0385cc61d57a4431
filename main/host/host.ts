/**
 * Composition root of the host: agents, history, sessions and remote control, wired in the order in which they depend on each other.
 * Runs in plain Node; what differs between the tray app and a terminal is handed in.
 */

import { join } from 'node:path';
import type { Clock } from '#lib/clock.ts';
import type { Disposer } from '#lib/disposer.ts';
import type { Log } from '#lib/log.ts';
import { storageFailure } from '#lib/storage-failure.ts';
import { unawaited } from '#lib/unawaited.ts';
import { KeeperClient } from '../keeper/client/keeper-client.ts';
import { endOrphan } from '../process/process-identity.ts';
import { THIS_COMPUTER } from './access.ts';
import { createAgentStarter } from './agents/agent-starter.ts';
import { AgentRegistry } from './agents/catalogue/registry.ts';
import { AT_COMPUTER } from './at-computer.ts';
import { ClientTable } from './clients/client-table.ts';
import { createHostApi } from './clients/host-api.ts';
import { LatestView } from './clients/host-view.ts';
import { LocalClients } from './clients/local-clients.ts';
import { exportHistory } from './history/export-history.ts';
import { type History, openHistory } from './history/history.ts';
import { loadHostKeys, type SecretStore } from './host-keys.ts';
import { type OwnMemory, readOwnMemory } from './own-memory.ts';
import { RemoteControl } from './remote/remote-control.ts';
import { ProcessUsage, type UsageBySession } from './sessions/process-usage.ts';
import { createSupervisor, type Supervisor } from './sessions/supervisor.ts';
import type { SettingsStore } from './settings.ts';

const LOOK_FOR_AGENTS_EVERY_MS = 60_000;
const HOUR_MS = 60 * 60_000;

export interface HostOptions {
  /** Absolute; made if it is missing. */
  readonly dataFolder: string;
  readonly settings: SettingsStore;
  readonly secrets: SecretStore;
  /** Of the relay to dial. */
  readonly relayOrigin: string;
  /** Where phones find that relay and its page: pairing links use it for both. */
  readonly appOrigin: string;
  /** What phones call this computer. */
  readonly hostName: string;
  /** Names the build of the phone's page that belongs to this host, so that a person can compare. */
  readonly build: string;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
  /** Limits of the keeper, for tests. */
  readonly keeperLimits?: object;
}

export interface Host {
  readonly hostId: string;
  readonly history: History;
  readonly registry: AgentRegistry;
  readonly supervisor: Supervisor;
  readonly remote: RemoteControl;
  /** Who shows sessions and gives commands on this computer itself. */
  readonly localClients: LocalClients;
  /** What a person must be told about how the history was opened; null if all is well. */
  readonly notice: string | null;
  /** The switch for all sessions, present and future. */
  setRemoteControl(isEnabled: boolean): void;
  /** What each session's agent takes of this computer, with all it started; empty where the system does not say. Never blocks. */
  usage(): Promise<UsageBySession>;
  /** What Baton itself takes beside that; null where the system does not say. Never blocks. */
  ownMemory(): Promise<OwnMemory | null>;
  /** Writes every session to a file, as JSON Lines. Rejects with words for a person. */
  exportHistory(file: string): Promise<{ sessions: number }>;
  /**
   * Deletes sessions for good, on paired devices too when they are here next: those that have ended, or all, ending the others first.
   * Resolves once no word of them is left in the file. Rejects with words for a person.
   */
  deleteHistory(what: 'ended' | 'all'): Promise<{ sessions: number }>;
  /** What the history takes on disk. */
  historyBytes(): number;
  /**
   * Ends turns and agents, tells devices, closes the link and the history. `leaveAgents`: agents work on, and the next host takes them
   * over.
   */
  dispose(options?: { leaveAgents?: boolean }): Promise<void>;
}

/** `refused`: an expected failure, such as a second host on the same data folder, in words for a person. */
export type HostCreated = { kind: 'created'; host: Host } | { kind: 'refused'; text: string };

export async function createHost(options: HostOptions): Promise<HostCreated> {
  const { dataFolder, settings, clock, log } = options;
  const opened = openHistory({ folder: dataFolder, now: () => clock.now(), log });
  if (opened.kind === 'refused') return { kind: 'refused', text: opened.text };
  const { history } = opened;
  const keys = await loadHostKeys(options.secrets).catch((error: unknown) => {
    history.close();
    return error instanceof Error ? error : new Error(String(error));
  });
  if (keys instanceof Error) return { kind: 'refused', text: keys.message };

  const registry = new AgentRegistry({ settings, log, isDemoOffered: true });
  const keeper = new KeeperClient({
    folder: join(dataFolder, 'keeper'),
    log,
    aloneMs: () => settings.get().keepAgentsHours * HOUR_MS,
    ...(options.keeperLimits && { limits: options.keeperLimits }),
    onDidChangeTrouble: () => supervisor.refresh(),
  });
  // Before anything else is decided about any session: whose agent runs on, goes on.
  const lost = await keeper.survey(history.agentOutput.hasAny());
  const starter = createAgentStarter({ registry, log, keeper });
  const supervisor = createSupervisor({
    history,
    starter,
    settings,
    agents: () => registry.list(),
    findAgent: (id) => registry.find(id),
    endOrphan,
    clock,
    log,
  });
  unawaited(
    supervisor.ready.then(() => keeper.discardRest()),
    'end agents that no session knows',
    log,
  );
  const table = new ClientTable(log);
  const forDevices = new LatestView(() => supervisor.state({ remote: true }), clock.now());
  const forComputer = new LatestView(() => supervisor.state(), clock.now());
  const shared = { history, supervisor, hostName: options.hostName, build: options.build };
  const localClients = new LocalClients({
    api: createHostApi({
      ...shared,
      state: () => forComputer.get(),
      isVisible: (session) => history.sessions.get(session) !== null,
    }),
    ...{ table, clock, log },
  });
  const remote = new RemoteControl({
    relayOrigin: options.relayOrigin,
    appOrigin: options.appOrigin,
    keys,
    devices: history.devices,
    audit: history.audit,
    transaction: (work) => history.database.transaction(work),
    api: createHostApi({
      ...shared,
      state: () => forDevices.get(),
      isVisible: (session) => supervisor.isRemote(session),
    }),
    table,
    clock,
    random: options.random,
    log,
  });
  const sendState = () => {
    forDevices.advance();
    forComputer.advance();
    table.sendState();
  };

  const setRemoteControl = (isEnabled: boolean) => {
    if (!settings.setRemoteControl(isEnabled)) return;
    history.audit.append({
      by: AT_COMPUTER,
      action: 'remote.set',
      session: null,
      detail: { enabled: isEnabled },
    });
    supervisor.refresh();
  };
  const deleteHistory = async (what: 'ended' | 'all') => {
    if (what === 'all') await supervisor.endAll(THIS_COMPUTER);
    try {
      const deleted = history.database.transaction(() => {
        const ids = history.deletion.markEnded();
        const detail = { what, sessions: ids.length };
        history.audit.append({ by: AT_COMPUTER, action: 'history.deleted', session: null, detail });
        return ids;
      });
      supervisor.refresh();
      for (const session of deleted) history.events.drop(session);
      table.forget(deleted);
      await history.deletion.run();
      return { sessions: deleted.length };
    } catch (error) {
      const words = storageFailure(error);
      throw words === null ? error : new Error(words, { cause: error });
    }
  };
  const disposers: Disposer[] = [
    registry.onDidChange(() => supervisor.refresh()),
    supervisor.onDidChange(sendState),
    supervisor.onDidStream((text) => table.stream(text)),
    supervisor.onDidReceipt((device, receipt) => table.sendReceipt(device, receipt)),
    history.events.onDidAppend((session) => table.pump(session)),
    remote.onDidPair(() => setRemoteControl(true)),
    settings.onDidChange(() => keeper.sendLimits()),
    () => registry.dispose(),
  ];
  const usage = new ProcessUsage();
  unawaited(registry.refresh(), 'look for agents', log);
  unawaited(history.deletion.resume(), 'go on deleting history', log);
  disposers.push(lookForAgentsAgain(registry, clock, log));

  return {
    kind: 'created',
    host: {
      hostId: keys.hostId,
      history,
      registry,
      supervisor,
      remote,
      localClients,
      notice: [opened.notice, lost].filter((text) => text !== null).join(' ') || null,
      setRemoteControl,
      usage: () =>
        usage.look(history.sessions.running()).catch((error: unknown) => {
          log.warn('Failed to look at the processes of the agents', { error });
          return {};
        }),
      ownMemory: () =>
        readOwnMemory(keeper.pid).catch((error: unknown) => {
          log.warn('Failed to look at the memory of Baton itself', { error });
          return null;
        }),
      exportHistory: (file) => exportHistory({ history, hostName: options.hostName, now: () => clock.now(), file }),
      deleteHistory,
      historyBytes: () => history.database.bytes,
      async dispose({ leaveAgents = false } = {}) {
        await supervisor.dispose({ leaveAgents });
        // The last thing a client hears of each session is how it ended, not that it still works.
        sendState();
        localClients.stop();
        await remote.stop('quit');
        await keeper.close();
        for (const dispose of disposers) dispose();
        history.close();
      },
    },
  };
}

/** Anyone who installs an agent while Baton runs finds it in the list without starting Baton again. */
function lookForAgentsAgain(registry: AgentRegistry, clock: Clock, log: Log): Disposer {
  let cancel: Disposer = () => {};
  const schedule = () => {
    cancel = clock.after(LOOK_FOR_AGENTS_EVERY_MS, () => {
      unawaited(registry.refresh(), 'look for agents', log);
      schedule();
    });
  };
  schedule();
  return () => cancel();
}
