/** `doctor`: the checks, one line each as they are made, and one sentence at the end. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { silentLog as log } from '#lib/log.ts';
import { toPlainLine } from '#lib/plain-line.ts';
import { AgentRegistry } from '../host/agents/catalogue/registry.ts';
import { type Check, type Finding, ok, skipped, wrong } from '../host/doctor/check.ts';
import { CHECK_TITLES } from '../host/doctor/check-titles.ts';
import { runDoctor } from '../host/doctor/doctor.ts';
import { readHostKeys } from '../host/host-keys.ts';
import { createSecretFile } from '../host/secret-file.ts';
import { readSettings, type Settings, settingsSchema } from '../host/settings.ts';
import { defaultDataFolder } from '../setup/data-folder.ts';
import { findRelayToCheck } from '../setup/doctor-relay.ts';
import { findPhoneFolder } from '../setup/embedded-relay.ts';
import { findKeychainObstacle, PLAIN_KEYS_FILE } from '../setup/key-files.ts';
import type { DoctorArguments } from './arguments.ts';
import type { Output } from './screen.ts';

/** As a shell names the end by Ctrl+C. */
const INTERRUPTED_EXIT_CODE = 130;
const MARKS: Record<Check['state'], string> = { ok: '✓', wrong: '✗', skipped: '–' };
const TITLE_COLUMNS = Math.max(...Object.values(CHECK_TITLES).map((title) => title.length));

/** The exit code: 0 if nothing is wrong, else 1. Leaves nothing behind, not even a line in a log. */
export async function doctor(given: DoctorArguments, output: Output): Promise<number> {
  process.once('SIGINT', () => process.exit(INTERRUPTED_EXIT_CODE));
  const dataFolder = given.data ?? defaultDataFolder();
  if (dataFolder === null) {
    output.write('This user has no home folder. Say with --data where Baton shall keep its files.\n');
    return 1;
  }
  const { settings, finding } = readGivenSettings(join(dataFolder, 'settings.json'));
  const registry = new AgentRegistry({
    settings: { get: () => settings, onDidChange: () => () => {} },
    log,
    isDemoOffered: true,
  });
  const diagnosis = await runDoctor({
    dataFolder,
    settings: finding,
    running: null,
    readKeys: () => readKeys(dataFolder),
    openRelay: ({ isHeld }) =>
      findRelayToCheck({
        settings,
        address: given.relay ?? undefined,
        port: given.port ?? undefined,
        dataFolder,
        phoneFolder: findPhoneFolder(),
        isHeld,
        log,
      }),
    listAgents: async () => {
      await registry.refresh();
      return registry.list();
    },
    notifications: () => skipped('The tray app shows them; a terminal has none.'),
    now: Date.now,
    log,
    onCheck: (check) => {
      if (!given.isJson) output.write(`${renderCheck(check)}\n`);
    },
  });
  registry.dispose();
  output.write(given.isJson ? `${JSON.stringify(diagnosis, null, 2)}\n` : `\n${toPlainLine(diagnosis.text)}\n`);
  return diagnosis.isOk ? 0 : 1;
}

/** Pure. */
export function renderCheck({ title, state, text }: Check): string {
  return `${MARKS[state]} ${title.padEnd(TITLE_COLUMNS)}  ${toPlainLine(text)}`;
}

function readGivenSettings(path: string): { settings: Settings; finding: Finding } {
  const defaults = settingsSchema.parse({});
  try {
    const read = readSettings(path);
    if (read.ok) {
      const text = existsSync(path) ? 'They can be read.' : 'There are none yet, so the defaults apply.';
      return { settings: read.value, finding: ok(text) };
    }
    return {
      settings: defaults,
      finding: wrong(
        `The settings in ${path} cannot be read (${read.problem}). Correct the file, or start Baton, which keeps it under another name and uses the defaults.`,
      ),
    };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { settings: defaults, finding: wrong(`${why}. Check who may read the file.`) };
  }
}

async function readKeys(dataFolder: string) {
  const obstacle = findKeychainObstacle(dataFolder);
  if (obstacle !== null) throw new Error(obstacle);
  return await readHostKeys(createSecretFile(join(dataFolder, PLAIN_KEYS_FILE)));
}
