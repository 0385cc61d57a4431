/** Real agents through everything: a page in Chromium, the relay, the host in a terminal, the agent's own process, a scripted model. */
import { keeperPathsIn, readState } from '#main/keeper/wire/keeper-paths.ts';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, delimiter, dirname, join } from 'node:path';
import { expect, test } from '@playwright/test';
import { type ModelServer, startModelServer } from '../support/model/model-server.ts';
import { PhonePage, pairWithTerminal, showNewCode } from '../support/phone-page.ts';
import { type RealAgent, setUpRealAgent } from '../support/real-agents.ts';
import { findFreePort, startTerminalHost, type TerminalHost } from '../support/terminal-host.ts';
import { PINNED_AGENTS, type PinnedAgent } from './pins.ts';

const NAMES: Record<PinnedAgent, RegExp> = { claude: /Claude Code/, opencode: /OpenCode/ };
const AGENTS = Object.keys(PINNED_AGENTS) as PinnedAgent[];

/** What a person's home would hold: the agents' programs on the PATH, and a start-up file that says how each reaches its model. */
function writeHome(home: string, agents: readonly RealAgent[]): void {
  const bin = join(home, 'bin');
  mkdirSync(bin);
  for (const { program } of agents) symlinkSync(program, join(bin, basename(program)));
  const paths = [bin, dirname(process.execPath), '/usr/local/bin', '/usr/bin', '/bin'];
  const environment = { ...Object.assign({}, ...agents.map(({ env }) => env)), PATH: paths.join(delimiter) };
  const lines = Object.entries(environment).map(
    ([name, value]) => `export ${name}='${String(value).replaceAll("'", `'\\''`)}'`,
  );
  writeFileSync(join(home, '.bash_profile'), `${lines.join('\n')}\n`);
}

/** The agents: direct children of the keeper. */
function agentPids(): number[] {
  const pid = readState(keeperPathsIn(join(base, 'data', 'keeper')))?.pid;
  if (pid === undefined || !existsSync(`/proc/${pid}/task`)) return [];
  return readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number),
  );
}

let base: string;
let project: string;
let model: ModelServer;
let host: TerminalHost;

test.beforeAll(async () => {
  base = realpathSync(mkdtempSync(join(tmpdir(), 'baton-agents-')));
  project = join(base, 'project');
  const home = join(base, 'home');
  for (const folder of [project, home]) mkdirSync(folder);
  model = await startModelServer();
  const agents = await Promise.all(AGENTS.map((agent) => setUpRealAgent(agent, home, model.url)));
  writeHome(home, agents);
  const args = ['--data', join(base, 'data'), '--port', String(await findFreePort()), '--project', project];
  host = startTerminalHost(args, { HOME: home, SHELL: '/bin/bash', IS_SANDBOX: undefined });
  await host.untilPrinted(/Agents found:/);
});

test.afterAll(async () => {
  await host.quit();
  await model.close();
  rmSync(base, { recursive: true, force: true });
});

for (const agent of AGENTS) {
  test(`${agent}: prompts, approvals, a denial with a note, cancelling, queueing, and death in mid-turn`, async ({
    browser,
  }) => {
    const phone = await PhonePage.open(browser);
    const { page } = phone;
    const earlierCalls = model.calls.length;
    const ownCalls = () => model.calls.slice(earlierCalls);
    const idle = page.locator('.session-head').getByText('Idle');
    const file = (name: string) => join(project, `${agent}-${name}`);

    // The first code is shown by itself.
    if (host.output().includes('may do everything')) await showNewCode(host);
    await pairWithTerminal(phone, host, `Phone of ${agent}`);
    await phone.startSession(NAMES[agent], `${agent} session`);

    await test.step('a prompt and its streamed answer', async () => {
      await phone.prompt('good morning');
      await expect(page.getByText('You said: good morning').first()).toBeVisible({ timeout: 60_000 });
      await expect(page.getByText('the agent has it').first()).toBeVisible();
      await expect(idle).toBeVisible();
    });

    await test.step('a tool call that is allowed', async () => {
      await phone.prompt(`write the file ${file('allowed.txt')} with allowed words`);
      await expect(phone.questions.getByRole('group', { name: 'Allow', exact: true })).toBeVisible({ timeout: 60_000 });
      expect(existsSync(file('allowed.txt'))).toBe(false);
      await phone.allow();
      await expect(page.getByText('It is done.').first()).toBeVisible({ timeout: 60_000 });
      expect(readFileSync(file('allowed.txt'), 'utf8')).toBe('allowed words');
      await expect(page.locator('.diff').first()).toContainText('allowed words');
      await expect(idle).toBeVisible();
    });

    await test.step('a tool call that is denied with a note', async () => {
      await phone.prompt(`write the file ${file('denied.txt')} with denied words`);
      await expect(phone.questions.getByRole('group', { name: 'Deny', exact: true })).toBeVisible({ timeout: 60_000 });
      await phone.denyBecause('use another name please');
      await expect(page.getByText('You said: use another name please').first()).toBeVisible({ timeout: 60_000 });
      expect(existsSync(file('denied.txt'))).toBe(false);
      await expect(idle).toBeVisible();
    });

    await test.step('cancelling in mid-stream', async () => {
      await phone.prompt('stream long 3000');
      await expect(page.getByText('piece 3 of 3000').first()).toBeVisible({ timeout: 60_000 });
      await page.getByRole('button', { name: 'Stop the agent' }).click();
      await expect(page.getByText('Stopped').last()).toBeVisible();
      await expect(idle).toBeVisible();
    });

    await test.step('two prompts queued behind a running one, each done once and in order', async () => {
      await phone.prompt('stream long 60');
      await phone.prompt('first in the queue');
      await phone.prompt('second in the queue');
      await expect(page.getByText('You said: second in the queue').first()).toBeVisible({ timeout: 90_000 });
      const asked = ownCalls()
        .map((call) => call.request.prompts.at(-1))
        .filter((text) => text?.endsWith('in the queue'));
      expect(asked).toEqual(['first in the queue', 'second in the queue']);
      await expect(idle).toBeVisible();
    });

    await test.step('the agent is killed in mid-turn, and the session goes on with its history', async () => {
      await phone.prompt('stream long 2999');
      await expect(page.getByText('piece 3 of 2999').first()).toBeVisible({ timeout: 60_000 });
      const [pid] = agentPids();
      process.kill(pid as number, 'SIGKILL');
      await expect(page.getByText('The agent was killed (SIGKILL)').last()).toBeVisible({ timeout: 30_000 });
      await phone.prompt('repeat my first prompt');
      await expect(page.getByText('Your first prompt was: good morning').first()).toBeVisible({ timeout: 90_000 });
      expect(ownCalls().filter((call) => call.request.prompts.at(-1) === 'stream long 2999')).toHaveLength(1);
    });

    await page.getByRole('button', { name: 'Session menu' }).click();
    await page.getByRole('button', { name: /End session/ }).click();
    await page.getByRole('button', { name: 'End session', exact: true }).click();
    await expect(page.getByText('This session has ended')).toBeVisible();
    await expect.poll(() => agentPids()).toEqual([]);
    expect(phone.problems).toEqual([]);
    await phone.close();
  });
}
