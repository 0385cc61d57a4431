import { afterEach, describe, expect, test } from 'vitest';
import { LOOK_EVERY_MS, ProcessUsage } from '#main/host/sessions/process-usage.ts';
import type { AgentProcess } from '#main/process/agent-process.ts';
import { startAgentProcess } from '#main/process/start-agent-process.ts';

/** Says "ready", then spends so many milliseconds of processor time on each line it reads, and says "done". */
const WORKER = `
  const spent = () => process.cpuUsage().user / 1000 + process.cpuUsage().system / 1000;
  process.stdin.on('data', (text) => {
    const until = spent() + Number(text);
    while (spent() < until);
    console.log('done');
  });
  console.log('ready');
`;
/** Has a worker in its group and one in a group of its own, as shells of agents are, and hands on to both what it hears. */
const PARENT = `
  const { spawn } = require('node:child_process');
  for (const detached of [false, true]) {
    const child = spawn(process.execPath, ['-e', ${JSON.stringify(WORKER)}], { stdio: ['pipe', 'inherit', 'ignore'], detached });
    process.stdin.on('data', (text) => child.stdin.write(text));
    process.stdin.on('end', () => child.kill());
  }
`;

class Tree {
  readonly agent: AgentProcess;
  readonly #reader;
  #heard = '';

  constructor(agent: AgentProcess) {
    this.agent = agent;
    this.#reader = agent.stdout
      .pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>)
      .getReader();
  }

  static async start(script: string): Promise<Tree> {
    const env = { PATH: process.env.PATH ?? '' };
    return new Tree(await startAgentProcess({ file: process.execPath, args: ['-e', script], env, cwd: process.cwd() }));
  }

  /** Until the workers have said this word so often. */
  async hear(word: string, times: number): Promise<void> {
    while (this.#heard.split(word).length - 1 < times) {
      const { value, done } = await this.#reader.read();
      if (done) throw new Error('The workers ended.');
      this.#heard += value;
    }
    this.#heard = '';
  }

  async work(milliseconds: number): Promise<void> {
    await this.agent.write(new TextEncoder().encode(String(milliseconds)));
  }
}

describe.skipIf(process.platform === 'win32')('what agents take of the computer', () => {
  const trees: Tree[] = [];
  afterEach(() => Promise.all(trees.splice(0).map(({ agent }) => agent.stop())));
  const start = async (script: string) => {
    const tree = await Tree.start(script);
    trees.push(tree);
    return tree;
  };
  const agentOf = (session: string, { agent }: Tree) => ({ session, pid: agent.pid, startTime: agent.startTime });

  test('is counted for the whole tree of each, also for what left the group, and apart from each other', async () => {
    const [tree, single] = [await start(PARENT), await start(WORKER)];
    await Promise.all([tree.hear('ready', 2), single.hear('ready', 1)]);
    let now = 0;
    const usage = new ProcessUsage(() => now);
    const agents = [agentOf('many', tree), agentOf('one', single)];
    const first = await usage.look(agents);
    expect(first).toMatchObject({
      many: { processes: 3, cpuPercent: null },
      one: { processes: 1, cpuPercent: null },
    });
    const [many, one] = [first.many?.memoryBytes ?? 0, first.one?.memoryBytes ?? 0];
    // A Node that does nothing has more than 5 MB of its own.
    expect(one).toBeGreaterThan(5_000_000);
    expect(many).toBeGreaterThan(one * 1.5);

    await tree.work(200);
    await tree.hear('done', 2);
    now = 2_000;
    const second = await usage.look(agents);
    // Twice 200 ms in 2 s; what is more is the process's own doing.
    expect(second.many?.cpuPercent).toBeGreaterThanOrEqual(18);
    expect(second.many?.cpuPercent).toBeLessThan(60);
    expect(second.one?.cpuPercent).toBeLessThan(10);
    expect(await usage.look(agents)).toBe(second);

    now += LOOK_EVERY_MS;
    expect((await usage.look(agents)).many?.cpuPercent).toBeLessThan(30);
  });

  test('is not that of a stranger who got the pid of an agent that is gone', async () => {
    const tree = await start(WORKER);
    await tree.hear('ready', 1);
    const usage = new ProcessUsage();
    const other = { session: 'gone', pid: tree.agent.pid, startTime: `1@${tree.agent.startTime?.split('@')[1]}` };
    const expected = process.platform === 'linux' ? [] : ['gone'];
    expect(Object.keys(await usage.look([other]))).toEqual(expected);
    expect(Object.keys(await usage.look([agentOf('here', tree)]))).toEqual(['here']);
    await tree.agent.stop();
    expect(await usage.look([{ session: 'ended', pid: tree.agent.pid, startTime: tree.agent.startTime }])).toEqual({});
    expect(await usage.look([])).toEqual({});
  });
});
