import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type AgentProcess, AgentStartError } from '#main/process/agent-process.ts';
import { groupMembers } from '#main/process/process-group.ts';
import { endOrphan, isSameProcess, readStartTime } from '#main/process/process-identity.ts';
import { PROCESS_DEADLINES, STDERR_TAIL_BYTES, startAgentProcess } from '#main/process/start-agent-process.ts';

const HASTE = { ...PROCESS_DEADLINES, stdinCloseGraceMs: 50, sigkillAfterMs: 150 };
/** Ignores what an agent is asked politely, and says when it is able to. */
const STUBBORN = "process.on('SIGTERM',()=>{});setInterval(()=>{},1000);console.log('ready')";
/** Ends with its stdin, but leaves a stubborn child in its group. */
const NEGLIGENT = `
  const child = require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(STUBBORN)}], {stdio: ['ignore', 'inherit', 'ignore']});
  process.stdin.on('end', () => process.exit(0)).resume();
`;

describe.skipIf(process.platform === 'win32')('a process of an agent', () => {
  let folder: string;
  const started: AgentProcess[] = [];

  beforeEach(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), 'baton-process-')));
  });
  afterEach(async () => {
    await Promise.all(started.splice(0).map((agent) => agent.stop()));
    await rm(folder, { recursive: true });
  });

  async function start(script: string, deadlines = HASTE): Promise<AgentProcess> {
    const env = { PATH: process.env.PATH ?? '' };
    const agent = await startAgentProcess(
      { file: process.execPath, args: ['-e', script], env, cwd: folder },
      deadlines,
    );
    started.push(agent);
    return agent;
  }

  test('runs in its folder with its environment, and passes bytes both ways', async () => {
    const agent = await start(
      "process.stdin.on('data', (d) => process.stdout.write(process.cwd() + ' ' + d + ' ' + Object.keys(process.env).sort()))",
    );
    await agent.write(new TextEncoder().encode('hello'));
    const { value } = await agent.stdout.getReader().read();
    expect(new TextDecoder().decode(value)).toBe(`${folder} hello BATON_AGENT_PROCESS,PATH`);
  });

  test('leads a group of its own and is known by its start time', async () => {
    const agent = await start(STUBBORN);
    expect(await groupMembers(agent.pid)).toEqual([agent.pid]);
    expect(agent.startTime).toMatch(/./);
    expect(await readStartTime(agent.pid)).toBe(agent.startTime);
  });

  test('is ended by SIGKILL when it ignores its closed stdin and SIGTERM', async () => {
    const agent = await start(STUBBORN);
    await agent.stdout.getReader().read();
    await agent.stop();
    expect(await agent.exited).toEqual({ code: null, signal: 'SIGKILL' });
    expect(await groupMembers(agent.pid)).toEqual([]);
  });

  test('may end by itself when its stdin is closed', async () => {
    const agent = await start("process.stdin.on('end', () => process.exit(7)).resume()", {
      ...HASTE,
      stdinCloseGraceMs: 10_000,
    });
    await agent.stop();
    expect(await agent.exited).toEqual({ code: 7, signal: null });
  });

  test('takes what it started with it when it is stopped', async () => {
    const agent = await start(NEGLIGENT);
    await agent.stdout.getReader().read();
    expect(await groupMembers(agent.pid)).toHaveLength(2);
    await agent.stop();
    expect(await groupMembers(agent.pid)).toEqual([]);
  });

  test('takes what it started with it when it is killed by someone else', async () => {
    const agent = await start(NEGLIGENT);
    await agent.stdout.getReader().read();
    process.kill(agent.pid, 'SIGKILL');
    expect(await agent.exited).toEqual({ code: null, signal: 'SIGKILL' });
    await agent.stop();
    expect(await groupMembers(agent.pid)).toEqual([]);
  });

  test('delivers what it wrote before its end', async () => {
    const agent = await start("process.stdout.write('x'.repeat(1_000_000)); process.exitCode = 3");
    let length = 0;
    for await (const chunk of agent.stdout) length += chunk.byteLength;
    expect([length, await agent.exited]).toEqual([1_000_000, { code: 3, signal: null }]);
  });

  test('keeps only the end of what it writes to stderr, without colours', async () => {
    const agent = await start("process.stderr.write('x'.repeat(100_000) + '\\x1b[31mred\\x1b[0m end\\n')");
    await agent.exited;
    expect(agent.stderrTail()).toMatch(/xred end$/);
    expect(agent.stderrTail().length).toBeLessThanOrEqual(STDERR_TAIL_BYTES);
  });

  test('fails a write instead of crashing the host when it is gone', async () => {
    const agent = await start('');
    await agent.exited;
    await expect(agent.write(new Uint8Array(10))).rejects.toThrow();
  });

  test('that cannot be started is refused in words', async () => {
    const command = { file: join(folder, 'nothing'), args: [], env: {}, cwd: folder };
    await expect(startAgentProcess(command)).rejects.toThrow(
      new AgentStartError(`Failed to start ${command.file}: the program does not exist.`),
    );
    await expect(
      startAgentProcess({ ...command, file: process.execPath, args: ['x'.repeat(10_000_000)] }),
    ).rejects.toThrow('its arguments or its environment are too long');
    await expect(startAgentProcess({ ...command, cwd: join(folder, 'gone') })).rejects.toThrow(
      /The folder .* does not exist/,
    );
  });

  describe.skipIf(process.platform !== 'linux')('that a killed host has left behind', () => {
    test('is ended, and so is what it started', async () => {
      const agent = await start(NEGLIGENT);
      await agent.stdout.getReader().read();
      expect(await endOrphan(agent, HASTE)).toBe(true);
      expect(await groupMembers(agent.pid)).toEqual([]);
    });

    test('is not mistaken for another process that got its pid', async () => {
      const agent = await start(STUBBORN);
      const [ticks, boot] = agent.startTime?.split('@') ?? [];
      for (const startTime of [`${Number(ticks) - 1}@${boot}`, `${ticks}@another-boot`, null]) {
        expect(await endOrphan({ pid: agent.pid, startTime }, HASTE)).toBe(false);
        expect(await isSameProcess(agent.pid, startTime)).toBe(false);
      }
      expect(await isSameProcess(agent.pid, agent.startTime)).toBe(true);
    });

    test('has its group ended when only members without their leader remain', async () => {
      const { pid, startTime, leftover } = await leaveGroupWithoutLeader({ BATON_AGENT_PROCESS: '1' });
      expect(await readStartTime(pid)).toBe(null);
      expect(await endOrphan({ pid, startTime: `${startTime?.split('@')[0]}@other-boot` }, HASTE)).toBe(false);
      expect(await endOrphan({ pid, startTime }, HASTE)).toBe(true);
      expect(await isAlive(leftover)).toBe(false);
    });

    test('is not mistaken for a group without a leader that no agent started', async () => {
      const { pid, startTime, leftover } = await leaveGroupWithoutLeader({});
      expect(await endOrphan({ pid, startTime }, HASTE)).toBe(false);
      expect(await isAlive(leftover)).toBe(true);
      process.kill(leftover, 'SIGKILL');
    });

    test('and whose pid makes no sense ends nothing', async () => {
      for (const pid of [0, 1, -1, Number.NaN]) expect(await endOrphan({ pid, startTime: 'x' }, HASTE)).toBe(false);
    });
  });

  /** A leader that starts a child with this environment and is gone, without the sweep that a living host would do. */
  async function leaveGroupWithoutLeader(environment: object) {
    const leader = `
      const { spawn } = require('node:child_process');
      const env = { PATH: process.env.PATH, ...${JSON.stringify(environment)} };
      const child = spawn(process.execPath, ['-e', ${JSON.stringify(STUBBORN)}], { env, stdio: ['ignore', 'pipe', 'ignore'] });
      child.stdout.once('data', () => { process.send(child.pid); process.once('message', () => process.exit(0)); });
    `;
    const { spawn } = await import('node:child_process');
    const child = spawn(process.execPath, ['-e', leader], {
      detached: true,
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    const leftover = await new Promise<number>((resolve) => child.once('message', (pid) => resolve(Number(pid))));
    const pid = child.pid ?? 0;
    const startTime = await readStartTime(pid);
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.send('go');
    await gone;
    return { pid, startTime, leftover };
  }

  async function isAlive(pid: number): Promise<boolean> {
    return (await readStartTime(pid)) !== null;
  }
});
