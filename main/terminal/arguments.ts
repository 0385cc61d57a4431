/** The command line of the host in a terminal. */
import { isAbsolute, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { parseRelayOrigin } from '#protocol/relay-auth.ts';

export interface Arguments {
  /** Null: the default folder of this system. */
  readonly data: string | null;
  /** Null: as in the settings, else a relay of our own on loopback. */
  readonly relay: string | null;
  /** Port of that relay; null: as in the settings. */
  readonly port: number | null;
  readonly projects: readonly string[];
  readonly isVerbose: boolean;
  readonly isDemo: boolean;
}

/** Of `doctor`. */
export interface DoctorArguments {
  readonly data: string | null;
  readonly relay: string | null;
  readonly port: number | null;
  /** Prints the findings as JSON, for programs. */
  readonly isJson: boolean;
}

export type ParsedArguments =
  | { kind: 'run'; value: Arguments }
  | { kind: 'doctor'; value: DoctorArguments }
  | { kind: 'help' }
  | { kind: 'wrong'; text: string };

export const HELP = `Baton keeps your coding agents running on this computer and lets your phone carry them on.

Usage: npm start -- --terminal [options]      (or: npm run host -- [options])
       npm run host -- doctor [--data DIR] [--relay ADDRESS] [--port PORT] [--json]
                    says what is wrong, if anything is, and what to do. Changes nothing

  --relay ADDRESS   use your own relay, e.g. https://relay.example. Without it, Baton runs one
                    on this computer, which only browsers on this computer can reach
  --port PORT       port of that relay on this computer
  --project DIR     offer this folder for new sessions; may be given several times
  --demo            offer a folder to play in, for the built-in demo agent
  --data DIR        where history, settings and keys are kept
  --verbose         show the log
  --help            this text

Keys while it runs: p pair a phone, l list sessions and end one, d devices,
                    r remote control on/off, q quit, ? help`;

/** Relative folders are resolved against `cwd`. */
export function parseArguments(argv: readonly string[], cwd: string): ParsedArguments {
  try {
    const { values, positionals } = parseArgs({
      args: [...argv],
      options: {
        data: { type: 'string' },
        relay: { type: 'string' },
        port: { type: 'string' },
        project: { type: 'string', multiple: true },
        demo: { type: 'boolean' },
        verbose: { type: 'boolean' },
        json: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
      allowPositionals: true,
    });
    if (values.help) return { kind: 'help' };
    const [verb, ...surplus] = positionals;
    const unknown = verb === undefined || verb === 'doctor' ? surplus[0] : verb;
    if (unknown !== undefined) return { kind: 'wrong', text: `"${unknown}" is not understood.` };
    const relay = values.relay === undefined ? null : parseRelayOrigin(values.relay);
    if (values.relay !== undefined && relay === null) {
      return {
        kind: 'wrong',
        text: `"${values.relay}" is not the address of a relay. It looks like https://relay.example (plain http works on this computer only).`,
      };
    }
    const port = values.port === undefined ? null : Number(values.port);
    if (port !== null && (!Number.isInteger(port) || port < 1 || port > 65_535)) {
      return { kind: 'wrong', text: `"${values.port}" is not a port. It is a number from 1 to 65535.` };
    }
    const absolute = (folder: string) => (isAbsolute(folder) ? folder : resolve(cwd, folder));
    const data = values.data === undefined ? null : absolute(values.data);
    if (verb === 'doctor') {
      const foreign = (['project', 'demo', 'verbose'] as const).find((name) => values[name] !== undefined);
      if (foreign !== undefined) return { kind: 'wrong', text: `--${foreign} means nothing to the doctor.` };
      return { kind: 'doctor', value: { data, relay, port, isJson: values.json ?? false } };
    }
    if (values.json) return { kind: 'wrong', text: '--json is for the doctor only.' };
    return {
      kind: 'run',
      value: {
        data,
        relay,
        port,
        projects: (values.project ?? []).map(absolute),
        isVerbose: values.verbose ?? false,
        isDemo: values.demo ?? false,
      },
    };
  } catch (error) {
    return { kind: 'wrong', text: error instanceof Error ? error.message : String(error) };
  }
}
