import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { encodeFrame, KEEPER_PROTOCOL } from '#main/keeper/wire/frames.ts';
import { isAlive, keeperPathsIn, writeState } from '#main/keeper/wire/keeper-paths.ts';
import { readStartTime } from '#main/process/process-identity.ts';
import { LoneHost } from '#test/support/keeper/lone-host.ts';

/** What the demo agent says to `long N`. */
const longText = (count: number) =>
  Array.from({ length: count }, (_, index) => ((index + 1) % 10 === 0 ? `${index + 1}.\n` : `${index + 1} `)).join('');

const hosts: LoneHost[] = [];
function loneHost(options: ConstructorParameters<typeof LoneHost>[0] = {}): LoneHost {
  const host = new LoneHost(options);
  hosts.push(host);
  return host;
}
afterEach(async () => {
  await Promise.all(hosts.splice(0).map((host) => host.clear()));
});

/** Until a process is gone: asked of the system, which has no event for a process that is not our child. */
async function untilGone(isThere: () => Promise<boolean>): Promise<void> {
  while (await isThere()) await new Promise((resolve) => setImmediate(resolve));
}

describe('a host that is killed', { timeout: 60_000 }, () => {
  test('in the middle of a streamed text leaves the turn running: the next one has all of it, once', async () => {
    const host = loneHost();
    await host.start({ paceMs: 12 });
    const session = await host.newSession();
    const prompt = host.send('prompt', session, { text: 'long 600' });
    await host.until('some text', () => host.streamed.at(-1)?.includes('100.') === true);
    const agents = await host.agents();
    expect(agents).toHaveLength(1);
    await host.kill();
    const before = host.log(session);
    const { keeper } = host;

    await host.start();
    await host.untilState(session, 'idle');
    const log = host.log(session);
    expect(log.slice(0, before.length)).toEqual(before);
    expect(log.slice(before.length).map(({ kind, body }) => ({ kind, body }))).toEqual([
      { kind: 'message', body: { id: expect.any(String), text: longText(600) } },
      { kind: 'turn.ended', body: { command: prompt, stop: 'end_turn' } },
    ]);
    expect([await host.agents(), host.keeper]).toEqual([agents, keeper]);

    const again = host.send('prompt', session, { text: 'echo: still here' });
    await host.untilReceipt(again, 'applied');
    await host.until('the answer', () => host.said(session) === `${longText(600)}still here`);
    expect(host.kinds(session)).not.toContain('session.interrupted');
  });

  test('twenty times during one long turn still has its text complete and once', { timeout: 150_000 }, async () => {
    const host = loneHost();
    await host.start({ paceMs: 12 });
    const session = await host.newSession();
    host.send('prompt', session, { text: 'long 3000' });
    // On a busy machine the turn may be over before the last of them.
    const isOver = () => host.stateOf(session) === 'idle';
    await host.untilState(session, 'working');
    let lives = 0;
    for (; lives < 20 && !isOver(); lives += 1) {
      await host.until('more text', () => host.streamed.length > 2 || isOver());
      await host.kill();
      await host.start();
    }
    await host.untilState(session, 'idle');
    expect(lives).toBeGreaterThan(8);
    expect(host.said(session)).toBe(longText(3000));
    expect(host.kinds(session).filter((kind) => kind === 'turn.ended' || kind === 'turn.started')).toHaveLength(2);
    expect(host.executions('long 3000')).toBe(1);
  });

  test('under a flood of output loses none of it and has none twice', async () => {
    const host = loneHost();
    await host.start();
    const session = await host.newSession();
    host.send('prompt', session, { text: 'flood 12288' });
    for (const part of [2, 8, 16]) {
      await host.until('much text', () => host.kinds(session).filter((kind) => kind === 'message').length >= part);
      await host.kill();
      await host.start();
    }
    await host.untilState(session, 'idle');
    expect(host.said(session)).toBe('x'.repeat(1023).concat('\n').repeat(12_288));
  });

  test('with two sessions at work leaves both to the next one, each with what is its own', async () => {
    const host = loneHost();
    await host.start({ paceMs: 5 });
    const [one, two] = [await host.newSession(), await host.newSession()];
    host.send('prompt', one, { text: 'long 300' });
    host.send('prompt', two, { text: 'many approvals 3' });
    await host.until('text and questions', () => host.streamed.length > 0 && host.state.approvals.length === 3);
    const questions = host.state.approvals.map(({ approval, title }) => ({ approval, title }));
    await host.kill();

    await host.start();
    expect(host.state.approvals.map(({ approval, title }) => ({ approval, title }))).toEqual(questions);
    for (const [index, { approval }] of questions.entries()) {
      host.send('answer', two, { approval, option: index === 1 ? 'reject' : 'allow' });
    }
    await Promise.all([host.untilState(one, 'idle'), host.untilState(two, 'idle')]);
    expect(host.said(one)).toBe(longText(300));
    expect(host.said(two)).toContain('2 allowed, 1 denied.');
    expect([...new Set(host.evidence().commands.values())]).toEqual(['applied']);
  });

  test('leaves a turn that the next one can cancel, and an agent whose mode it knows and can change', async () => {
    const host = loneHost();
    await host.start({ paceMs: 20 });
    const session = await host.newSession();
    const prompt = host.send('prompt', session, { text: 'long 100000' });
    await host.until('text', () => host.streamed.length > 0);
    await host.kill();

    await host.start();
    expect(host.state.sessions[0]).toMatchObject({ mode: 'ask', modes: [{ id: 'ask' }, { id: 'auto' }] });
    const mode = host.send('mode.set', session, { mode: 'auto' });
    await host.untilReceipt(mode, 'applied');
    await host.until('the mode', () => host.state.sessions[0]?.mode === 'auto');
    await host.untilReceipt(host.send('cancel', session, {}), 'applied');
    await host.untilState(session, 'idle');
    expect(host.log(session).findLast(({ kind }) => kind === 'turn.ended')?.body).toEqual({
      command: prompt,
      stop: 'cancelled',
    });
  });

  test('while a turn is being cancelled leaves a cancelled turn', async () => {
    const host = loneHost();
    await host.start({ paceMs: 20 });
    const session = await host.newSession();
    host.send('prompt', session, { text: 'long 100000' });
    await host.until('text', () => host.streamed.length > 0);
    host.dieAt('receipt:accepted:cancel');
    const cancel = host.send('cancel', session, {});
    await host.gone();
    await host.start();
    await host.untilState(session, 'idle');
    expect(host.evidence().commands.get(cancel)).toBe('applied');
    expect(host.log(session).findLast(({ kind }) => kind === 'turn.ended')?.body).toMatchObject({ stop: 'cancelled' });
  });

  test('for longer than the person wants finds its agents ended, and says so in words', async () => {
    const host = loneHost({ settings: { keepAgentsHours: 0.5 / 3600 } });
    await host.start({ paceMs: 20 });
    const session = await host.newSession();
    host.send('prompt', session, { text: 'long 100000' });
    await host.until('text', () => host.streamed.length > 0);
    const { keeper } = host;
    await host.kill();
    await untilGone(async () => keeper !== null && (await isAlive(keeper)));
    expect(await host.agents()).toEqual([]);

    await host.start();
    await host.untilState(session, 'interrupted');
    const words = 'The agent was ended, as chosen in the settings, because Baton had not run for 1 min.';
    expect(host.log(session).at(-1)).toMatchObject({ kind: 'session.interrupted', body: { text: words } });
    // What it said until then is there, and nobody started it again.
    expect(longText(5000).startsWith(host.said(session)) && host.said(session) !== '').toBe(true);
    expect(host.stateOf(session)).toBe('interrupted');
  });

  test('for longer than was chosen while the agent ran already finds it ended too', async () => {
    const host = loneHost({ settings: { keepAgentsHours: 24 } });
    await host.start({ paceMs: 20 });
    const session = await host.newSession();
    host.set({ keepAgentsHours: 0.5 / 3600 });
    // What is written after the change comes to the keeper after it, on the same connection.
    host.send('prompt', session, { text: 'long 100000' });
    await host.until('text', () => host.streamed.length > 0);
    const { keeper } = host;
    await host.kill();
    await untilGone(async () => keeper !== null && (await isAlive(keeper)));
    expect(await host.agents()).toEqual([]);
    await host.start();
    await host.untilState(session, 'interrupted');
    expect(host.log(session).at(-1)?.body).toMatchObject({
      text: expect.stringContaining('as chosen in the settings'),
    });
  });

  test('in a data folder whose name is too long for a socket is no different', async () => {
    const host = loneHost({ data: 'x'.repeat(120) });
    await host.start({ paceMs: 5 });
    const session = await host.newSession();
    host.send('prompt', session, { text: 'long 200' });
    await host.until('text', () => host.streamed.length > 0);
    expect(Buffer.byteLength(host.keeper?.socket ?? '')).toBeLessThanOrEqual(100);
    await host.kill();
    await host.start();
    await host.untilState(session, 'idle');
    expect(host.said(session)).toBe(longText(200));
  });
});

describe('a keeper', { timeout: 60_000 }, () => {
  test('that is killed leaves sessions that are interrupted, no agents, and another one in its place', async () => {
    const host = loneHost();
    await host.start({ paceMs: 20 });
    const session = await host.newSession();
    host.send('prompt', session, { text: 'long 100000' });
    await host.until('text', () => host.streamed.length > 0);
    const [previous, agents] = [host.keeper, await host.agents()];
    expect(agents).toHaveLength(1);
    process.kill(previous?.pid ?? 0, 'SIGKILL');
    await host.until('the interruption', () => host.events.some(({ kind }) => kind === 'session.interrupted'));
    // It is resumed by itself, as after the death of any agent, under a new keeper.
    await host.untilState(session, 'idle');
    expect(host.keeper?.pid).not.toBe(previous?.pid);
    expect((await host.agents()).filter((pid) => agents.includes(pid))).toEqual([]);
    host.send('prompt', session, { text: 'echo: again' });
    await host.until('the answer', () => host.said(session).endsWith('again'));
  });

  test('that was killed together with its host leaves orphans that the next host ends', async () => {
    const host = loneHost();
    await host.start({ paceMs: 20 });
    const session = await host.newSession();
    const prompt = host.send('prompt', session, { text: 'long 100000' });
    await host.untilReceipt(prompt, 'applied');
    const [keeper, agents] = [host.keeper, await host.agents()];
    expect(agents).toHaveLength(1);
    process.kill(keeper?.pid ?? 0, 'SIGKILL');
    await host.kill();
    await host.start();
    expect(host.stateOf(session)).toBe('interrupted');
    expect((await host.agents()).filter((pid) => agents.includes(pid))).toEqual([]);
  });

  test('is there from the first agent to the last', async () => {
    const host = loneHost();
    await host.start();
    expect(host.keeper).toBeNull();
    const session = await host.newSession();
    const { keeper } = host;
    expect(keeper && (await isAlive(keeper))).toBe(true);
    await host.untilReceipt(host.send('session.end', session, {}), 'applied');
    await untilGone(async () => keeper !== null && (await isAlive(keeper)));
    expect(host.keeper).toBeNull();
  });

  test('that cannot be had is done without, in words', async () => {
    const host = loneHost();
    writeFileSync(`${host.data}/keeper`, 'a file where a folder must be');
    await host.start();
    const session = await host.newSession();
    expect(host.log(session).find(({ kind }) => kind === 'notice')?.body).toMatchObject({
      level: 'warning',
      text: expect.stringMatching(/^This agent ends when Baton ends, because nothing could be started to keep it: /),
    });
    host.send('prompt', session, { text: 'echo: all the same' });
    await host.until('the answer', () => host.said(session) === 'all the same');
    await host.quit(false);
    expect(await host.agents()).toEqual([]);
  });
});

describe('a keeper of a newer Baton', { timeout: 60_000 }, () => {
  test('is not spoken to; the person is told, and agents run without one', async () => {
    const host = loneHost();
    const place = keeperPathsIn(join(host.data, 'keeper'));
    mkdirSync(place.folder, { mode: 0o700 });
    const heard: Buffer[] = [];
    const newer = createServer((socket) => {
      socket.on('data', (chunk: Buffer) => heard.push(chunk));
      socket.on('error', () => undefined);
      socket.write(encodeFrame({ type: 'hello', protocol: KEEPER_PROTOCOL + 1, version: '9.9.9', nonce: 'n' }));
    });
    const socket = join(place.folder, 'newer');
    await new Promise<void>((resolve) => newer.listen(socket, resolve));
    const startTime = await readStartTime(process.pid);
    writeState(place, {
      protocol: KEEPER_PROTOCOL + 1,
      version: '9.9.9',
      pid: process.pid,
      startTime,
      socket,
      token: 't',
    });
    await host.start();
    expect(host.notice).toMatch(
      /^Agents that Baton had left running could not be taken over: .*another version of Baton \(9\.9\.9\)/,
    );
    const session = await host.newSession();
    expect(host.kinds(session)).toContain('notice');
    expect(heard).toEqual([]);
    await host.quit(false);
    await new Promise((resolve) => newer.close(resolve));
    writeState(place, { protocol: 1, version: '0', pid: 2, startTime: 'never', socket, token: 't' });
  });
});

describe('a host that quits', { timeout: 60_000 }, () => {
  test('and leaves its agents finds them at work when it is back', async () => {
    const host = loneHost();
    await host.start({ paceMs: 5 });
    const session = await host.newSession();
    host.send('prompt', session, { text: 'long 400' });
    await host.until('text', () => host.streamed.length > 0);
    await host.quit(true);
    expect(await host.agents()).toHaveLength(1);
    await host.start();
    await host.untilState(session, 'idle');
    expect(host.kinds(session)).not.toContain('session.interrupted');
    expect(host.said(session)).toBe(longText(400));
  });

  test('without that ends them, and the keeper', async () => {
    const host = loneHost();
    await host.start({ paceMs: 5 });
    const session = await host.newSession();
    host.send('prompt', session, { text: 'long 100000' });
    await host.until('text', () => host.streamed.length > 0);
    const { keeper } = host;
    await host.quit(false);
    expect(await host.agents()).toEqual([]);
    // It has closed the connection, and so it ends.
    await untilGone(async () => keeper !== null && (await isAlive(keeper)));
    expect(host.keeper).toBeNull();
    expect(host.kinds(session).at(-1)).toBe('session.interrupted');
  });
});
