import { homedir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { parseRelayOrigin } from '#protocol/relay-auth.ts';

export const DEFAULT_PORT = 8787;
const DEFAULT_HOST = '127.0.0.1';
const PORT_MAX = 65_535;

export const HELP = `Usage: npm run relay -- [options]

Runs a Baton relay: forwards encrypted frames between computers and their
paired devices, and serves the phone client.

  --port PORT        port to listen on (default ${DEFAULT_PORT}; 0: any free one)
  --host ADDRESS     address to listen on (default ${DEFAULT_HOST})
  --public-url URL   how clients reach this relay, e.g. https://relay.example;
                     may be given more than once; not needed on a loopback address
  --data FOLDER      where the list of admitted devices is kept
                     (default $XDG_STATE_HOME/baton-relay or ~/.local/state/baton-relay)
  --phone FOLDER     the built phone client (default: the one of this build)
  --trust-proxy      take clients' addresses from X-Forwarded-For; only behind a
                     proxy, and only if nothing else can reach the port
  --verbose          log every refused socket too
  --help             show this text
`;

export interface RelayCommand {
  readonly kind: 'run';
  readonly port: number;
  readonly host: string;
  readonly publicOrigins: readonly string[];
  readonly dataFolder: string;
  /** Null: the one of this build. */
  readonly phoneFolder: string | null;
  readonly trustProxy: boolean;
  readonly isVerbose: boolean;
}

export type ParsedCommandLine = RelayCommand | { kind: 'help' } | { kind: 'error'; text: string };

/** Pure: what the arguments ask for, or one sentence about what is wrong with them. */
export function parseCommandLine(
  args: readonly string[],
  env: { readonly XDG_STATE_HOME?: string | undefined; readonly HOME?: string | undefined },
): ParsedCommandLine {
  let values: ReturnType<typeof parse>;
  try {
    values = parse(args);
  } catch (error) {
    const [sentence = ''] = (error instanceof Error ? error.message : String(error)).split('. ');
    return { kind: 'error', text: `${sentence.replace(/\.?$/, '.')} See --help.` };
  }
  if (values.help) return { kind: 'help' };
  const port = parsePort(values.port);
  if (port === null)
    return { kind: 'error', text: `--port must be a number from 0 to ${PORT_MAX}, not "${values.port}".` };
  const publicOrigins: string[] = [];
  for (const url of values['public-url'] ?? []) {
    const origin = parseRelayOrigin(url);
    if (origin === null) {
      const text = `--public-url must look like https://relay.example, not "${url}" (plain http works on this machine only).`;
      return { kind: 'error', text };
    }
    publicOrigins.push(origin);
  }
  const stateFolder = env.XDG_STATE_HOME || join(env.HOME || homedir(), '.local', 'state');
  return {
    kind: 'run',
    port,
    host: values.host ?? DEFAULT_HOST,
    publicOrigins,
    dataFolder: values.data ?? join(stateFolder, 'baton-relay'),
    phoneFolder: values.phone ?? null,
    trustProxy: values['trust-proxy'] ?? false,
    isVerbose: values.verbose ?? false,
  };
}

function parse(args: readonly string[]) {
  return parseArgs({
    args: [...args],
    options: {
      port: { type: 'string' },
      host: { type: 'string' },
      'public-url': { type: 'string', multiple: true },
      data: { type: 'string' },
      phone: { type: 'string' },
      'trust-proxy': { type: 'boolean' },
      verbose: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  }).values;
}

function parsePort(text: string | undefined): number | null {
  if (text === undefined) return DEFAULT_PORT;
  const port = Number(text);
  return /^\d{1,5}$/.test(text) && port <= PORT_MAX ? port : null;
}
