import { closeSync, existsSync, fchmodSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { dirname, isAbsolute } from 'node:path';
import * as z from 'zod';
import type { Disposer } from '#lib/disposer.ts';
import { Emitter } from '#lib/emitter.ts';
import type { Log } from '#lib/log.ts';
import { makeFolder } from './make-folder.ts';

const id = z.string().regex(/^[a-z0-9][a-z0-9._-]{0,63}$/, 'small letters, digits, ".", "_" and "-"');

/** An agent of the person's own that speaks ACP on stdin and stdout. */
export const customAgent = z.object({
  id,
  name: z.string().min(1).max(80),
  command: z.string().min(1),
  args: z.array(z.string()).default([]),
  env: z.record(z.string(), z.string()).default({}),
});
export type CustomAgent = z.infer<typeof customAgent>;

/** A year. */
export const KEEP_AGENTS_MAX_HOURS = 24 * 365;

export const settingsSchema = z.object({
  /** Origin of the relay, such as `https://relay.example`; null: the relay inside this host, on loopback. */
  relay: z.string().nullable().default(null),
  /** Port of that relay: fixed, because a browser keeps its keys by address and port. */
  relayPort: z.int().min(1).max(65_535).default(8377),
  /** The one switch for all sessions. Off until a device is paired. */
  remoteControl: z.boolean().default(false),
  /** Folders to offer for a new session. */
  projects: z.array(z.string().refine(isAbsolute, 'an absolute path')).default([]),
  customAgents: z.array(customAgent).default([]),
  /** The mode in which sessions of an agent begin, by the agent's id. */
  agentModes: z.record(z.string(), z.string()).default({}),
  verbose: z.boolean().default(false),
  /** https origin that leads to the relay inside this host, such as one of a private network; null: phones cannot reach it. */
  relayPublicUrl: z.string().nullable().default(null),
  /** How long agents may work on while Baton does not run, in hours; then they are ended. */
  keepAgentsHours: z.number().positive().max(KEEP_AGENTS_MAX_HOURS).default(24),
  /** When the tray app keeps the computer awake while an agent works. */
  keepAwake: z.enum(['off', 'always', 'on-power']).default('off'),
  /** Whether the tray app shows notifications. */
  isNotifying: z.boolean().default(true),
  /** Whether the person has confirmed at the computer that remote control may be turned on for all sessions. */
  isRemoteControlConfirmed: z.boolean().default(false),
  /** Whether the person was told where Baton is after its window was closed for the first time. */
  isTrayExplained: z.boolean().default(false),
  dismissedGuides: z.array(z.enum(['agents', 'relay', 'pair'])).default([]),
});
export type Settings = z.infer<typeof settingsSchema>;

/** What a person chose, as one JSON file that they may also edit by hand while Baton is closed. */
export class SettingsStore {
  /** What a person must be told about the file, such as that it could not be read and was set aside. */
  readonly notice: string | null;
  readonly #path: string;
  readonly #changed: Emitter<[settings: Settings]>;
  #value: Settings;

  constructor(path: string, value: Settings, notice: string | null, log: Log) {
    this.#path = path;
    this.#value = value;
    this.notice = notice;
    this.#changed = new Emitter('settings', log);
  }

  get(): Settings {
    return this.#value;
  }

  /** On disk when it returns. Throws if it cannot be written; then nothing has changed. */
  update(change: Partial<Settings>): Settings {
    const value = settingsSchema.parse({ ...this.#value, ...change });
    writeAtomically(this.#path, `${JSON.stringify(value, null, 2)}\n`);
    this.#value = value;
    this.#changed.fire(value);
    return value;
  }

  /** Reads the file again: another Baton may have written it while it held the data folder. A file that is no good changes nothing. */
  reload(): void {
    const read = readSettings(this.#path);
    if (!read.ok) return;
    this.#value = read.value;
    this.#changed.fire(read.value);
  }

  onDidChange(listener: (settings: Settings) => void): Disposer {
    return this.#changed.on(listener);
  }
}

/** Reads the settings, or begins with the defaults. A file that is no good is kept under another name, and said so in `notice`. */
export function openSettings(options: { path: string; now: () => number; log: Log }): SettingsStore {
  const { path, log } = options;
  const read = readSettings(path);
  if (read.ok) return new SettingsStore(path, read.value, null, log);
  const aside = freeName(`${path}.bad-${new Date(options.now()).toISOString().replaceAll(':', '-')}`);
  renameSync(path, aside);
  log.warn('The settings file could not be read and was set aside', { aside, problem: read.problem });
  const notice = `The settings in ${path} could not be read (${read.problem}). The file was kept as ${aside}; the defaults apply now.`;
  return new SettingsStore(path, settingsSchema.parse({}), notice, log);
}

/** What the file holds, or why that cannot be used; the defaults if there is none. Changes nothing. Throws if it cannot be read at all. */
export function readSettings(path: string): { ok: true; value: Settings } | { ok: false; problem: string } {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { ok: true, value: settingsSchema.parse({}) };
    throw new Error(`Failed to read the settings ${path}: ${(error as Error).message}`, { cause: error });
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { ok: false, problem: 'it is not valid JSON' };
  }
  const parsed = settingsSchema.safeParse(json);
  if (parsed.success) return { ok: true, value: parsed.data };
  const issue = parsed.error.issues[0];
  return { ok: false, problem: `"${issue?.path.join('.') ?? ''}": ${issue?.message ?? 'not as expected'}` };
}

/** The old file or the new one, whole, whenever the power fails. Readable by its owner only: `env` may hold keys. */
function writeAtomically(path: string, text: string): void {
  makeFolder(dirname(path));
  const temporary = `${path}.new`;
  const file = openSync(temporary, 'w', 0o600);
  try {
    fchmodSync(file, 0o600);
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(temporary, path);
  // Windows cannot open a folder, and does without.
  if (process.platform === 'win32') return;
  const folder = openSync(dirname(path), 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

function freeName(wanted: string): string {
  let name = wanted;
  for (let number = 2; existsSync(name); number += 1) name = `${wanted}-${number}`;
  return name;
}
