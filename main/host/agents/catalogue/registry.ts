/** Which agents can be started on this computer, and how. */

import type { Disposer } from '#lib/disposer.ts';
import { Emitter } from '#lib/emitter.ts';
import type { Log } from '#lib/log.ts';
import { unawaited } from '#lib/unawaited.ts';
import type { SettingsStore } from '#main/host/settings.ts';
import { type AgentCommand, AgentStartError } from '#main/process/agent-process.ts';
import { findProgram } from '#main/process/find-program.ts';
import { cleanEnvironment, type Environment, readShellEnvironment } from '#main/process/shell-environment.ts';
import type { AgentInfo } from '#protocol/messages.ts';
import { type AgentProfile, customProfile, DEMO_AGENT_ID, demoProfile, KNOWN_AGENTS } from './profiles.ts';

/** An agent's start-up files are read again, when a program is missing, at most this often. */
export const ENVIRONMENT_FRESH_MS = 60_000;

export interface RegistryOptions {
  readonly settings: Pick<SettingsStore, 'get' | 'onDidChange'>;
  readonly log: Log;
  /** Whether the demo agent is offered. */
  readonly isDemoOffered: boolean;
  /** How the login shell's environment is had; `readShellEnvironment` unless a test says otherwise. */
  readonly readEnvironment?: () => Promise<Environment>;
  /** The monotonic clock, in milliseconds. */
  readonly now?: () => number;
}

export interface AgentToStart {
  readonly profile: AgentProfile;
  readonly command: AgentCommand;
  /** Modes to begin in: the first one that the agent offers. */
  readonly modes: readonly string[];
}

interface FoundAgent {
  readonly profile: AgentProfile;
  readonly file: string | null;
}

/** The agents known to Baton, those of the settings and the demo agent. Dispose it with the host. */
export class AgentRegistry {
  readonly #options: RegistryOptions;
  readonly #changed: Emitter<[]>;
  readonly #disposeSettings: Disposer;
  readonly #demo: FoundAgent;
  #environment: Promise<Environment> | null = null;
  #environmentReadAt = 0;
  #found: readonly FoundAgent[] = [];
  #isComplete = false;

  constructor(options: RegistryOptions) {
    this.#options = options;
    this.#changed = new Emitter('the agent registry', options.log);
    const demo = demoProfile();
    this.#demo = { profile: demo, file: demo.program };
    this.#disposeSettings = options.settings.onDidChange(() =>
      unawaited(this.refresh(), 'look for agents', options.log),
    );
  }

  /** What a person can choose from. Before the first `refresh` has ended only the demo agent is known. */
  list(): AgentInfo[] {
    return this.#all().map(({ profile, file }) => ({
      id: profile.id,
      name: profile.name,
      isInstalled: file !== null,
      ...(profile.install === undefined ? {} : { install: profile.install }),
    }));
  }

  /**
   * What `list` says of one agent; null if there is none of that id. Until the first `refresh` has ended, a known agent counts as
   * installed: anyone who starts it waits for that, and is told if it is not there.
   */
  find(id: string): AgentInfo | null {
    const listed = this.list().find((agent) => agent.id === id);
    if (listed || this.#isComplete) return listed ?? null;
    const profile = knownProfiles(this.#options.settings.get().customAgents.map(customProfile)).find(
      (known) => known.id === id,
    );
    return profile ? { id, name: profile.name, isInstalled: true } : null;
  }

  /** `list()` has changed. */
  onDidChange(listener: () => void): Disposer {
    return this.#changed.on(listener);
  }

  /** Looks for the agents again. Cheap: the login shell is asked only the first time. Never rejects. */
  async refresh(): Promise<void> {
    const environment = await this.#readEnvironment();
    const before = JSON.stringify(this.list());
    const profiles = knownProfiles(this.#options.settings.get().customAgents.map(customProfile));
    this.#found = await Promise.all(
      profiles.map(async (profile) => ({ profile, file: await findProgram(profile.program, environment) })),
    );
    this.#isComplete = true;
    if (JSON.stringify(this.list()) !== before) this.#changed.fire();
  }

  /**
   * How to start an agent in a folder. An agent that is not there is looked for once more.
   * Rejects with `AgentStartError`, which says what to install.
   */
  async resolve(id: string, folder: string): Promise<AgentToStart> {
    let agent = this.#all().find(({ profile }) => profile.id === id);
    if (agent?.file == null) {
      this.#forgetOldEnvironment();
      await this.refresh();
      agent = this.#all().find(({ profile }) => profile.id === id);
    }
    if (agent === undefined) {
      throw new AgentStartError(
        `Baton does not know an agent "${id}".`,
        'Choose another agent, or add it to the settings.',
      );
    }
    const { profile, file } = agent;
    if (file === null) throw missingError(profile);
    // The demo agent runs in what runs Baton and does not wait for the login shell.
    const environment = id === DEMO_AGENT_ID ? cleanEnvironment(process.env) : await this.#readEnvironment();
    const chosen = this.#options.settings.get().agentModes[id];
    return {
      profile,
      command: {
        file,
        args: profile.args,
        env: { ...profile.defaultEnv, ...environment, ...profile.env },
        cwd: folder,
      },
      modes: chosen === undefined ? profile.modes : [chosen, ...profile.modes],
    };
  }

  dispose(): void {
    this.#disposeSettings();
  }

  #all(): readonly FoundAgent[] {
    return this.#options.isDemoOffered ? [...this.#found, this.#demo] : this.#found;
  }

  #now(): number {
    return this.#options.now?.() ?? performance.now();
  }

  #readEnvironment(): Promise<Environment> {
    if (this.#environment === null) {
      this.#environment = this.#options.readEnvironment?.() ?? readShellEnvironment({ log: this.#options.log });
      this.#environmentReadAt = this.#now();
    }
    return this.#environment;
  }

  #forgetOldEnvironment(): void {
    if (this.#now() - this.#environmentReadAt > ENVIRONMENT_FRESH_MS) this.#environment = null;
  }
}

/** Agents of the settings first; one with the id of a known agent stands in for it. */
function knownProfiles(custom: readonly AgentProfile[]): AgentProfile[] {
  const ids = new Set(custom.map(({ id }) => id));
  return [...custom, ...KNOWN_AGENTS.filter(({ id }) => !ids.has(id))];
}

function missingError({ name, program, install }: AgentProfile): AgentStartError {
  return install === undefined
    ? new AgentStartError(`${name} cannot be started: there is no program ${program} on this computer.`)
    : new AgentStartError(
        `${name} is not installed on this computer (no ${program} on the PATH).`,
        `Install it with: ${install}`,
      );
}
