/**
 * Installs the pinned real agents into a cache folder outside the repository, each in a folder named for its version.
 * What is there already is not installed again. `node test/agents/install.ts` does it by hand.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { PINNED_AGENTS, type PinnedAgent } from './pins.ts';

/** Written last: a folder without it is not used. */
const COMPLETE = '.complete';
const NODE_MAJOR_MIN = 22;

/** Where the agents are kept, whichever clone of the repository asks. */
export function agentCache(): string {
  return join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'baton-test-agents');
}

/** The folder in which this agent's pinned version is, or will be, installed. */
export function agentFolder(agent: PinnedAgent): string {
  const { package: name, version } = PINNED_AGENTS[agent];
  return join(agentCache(), `${name.replaceAll(/[@/]/g, '_')}-${version}-${process.platform}-${process.arch}`);
}

/** Installs this agent unless it is there. Resolves to its folder; its programs are in `node_modules/.bin`. */
export async function installAgent(agent: PinnedAgent, print: (line: string) => void = console.log): Promise<string> {
  const folder = agentFolder(agent);
  const { package: name, version } = PINNED_AGENTS[agent];
  if (existsSync(join(folder, COMPLETE))) {
    print(`${name} ${version} is in ${folder}`);
    return folder;
  }
  if (Number(process.versions.node.split('.')[0]) < NODE_MAJOR_MIN) {
    // npm would silently pick much older versions of what these agents need.
    throw new Error(`Real agents install only under Node ${NODE_MAJOR_MIN} or newer; this is ${process.version}.`);
  }
  print(`Installing ${name} ${version} into ${folder} …`);
  await mkdir(agentCache(), { recursive: true });
  const staging = await mkdtemp(join(agentCache(), '.installing-'));
  try {
    await writeFile(join(staging, 'package.json'), '{"private":true}\n');
    await runNpm(
      ['install', '--save-exact', '--no-audit', '--no-fund', '--loglevel=error', `${name}@${version}`],
      staging,
    );
    await writeFile(join(staging, COMPLETE), '');
    await rm(folder, { recursive: true, force: true });
    await rename(staging, folder);
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
  print(`Installed ${name} ${version}`);
  return folder;
}

/** Installs all pinned agents, one after the other. */
export async function installAgents(print?: (line: string) => void): Promise<void> {
  for (const agent of Object.keys(PINNED_AGENTS) as PinnedAgent[]) await installAgent(agent, print);
}

/** Runs npm under the Node that runs this file. */
async function runNpm(args: readonly string[], cwd: string): Promise<void> {
  const env = { ...process.env, PATH: [dirname(process.execPath), process.env.PATH].join(delimiter) };
  const child = spawn('npm', args, {
    cwd,
    env,
    stdio: ['ignore', 'inherit', 'inherit'],
    shell: process.platform === 'win32',
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0) throw new Error(`npm ${args.join(' ')} failed with exit code ${code}.`);
}

if (import.meta.main) await installAgents();
