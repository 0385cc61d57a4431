import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, onTestFinished, test } from 'vitest';
import { STRANGERS_MAX } from '#main/keeper/server/keeper.ts';
import { encodeFrame, FrameReader, KEEPER_PROTOCOL } from '#main/keeper/wire/frames.ts';
import { keeperPathsIn, writeState } from '#main/keeper/wire/keeper-paths.ts';
import { createNonce, prove } from '#main/keeper/wire/proof.ts';
import { readStartTime } from '#main/process/process-identity.ts';
import { KeeperHand, LoneKeeper } from '#test/support/keeper/lone-keeper.ts';
import { mountSmallDisk } from '#test/support/small-disk.ts';

const probe = mountSmallDisk(1);
probe?.dispose();

const keepers: LoneKeeper[] = [];
async function startKeeper(limits: object = {}, name?: string): Promise<LoneKeeper> {
  const keeper = new LoneKeeper({ graceMs: 60_000, ...limits }, name);
  keepers.push(keeper);
  return await keeper.ready();
}
afterEach(async () => {
  await Promise.all(keepers.splice(0).map((keeper) => keeper.clear()));
});

const READ_ALL = { type: 'read', from: 0, upTo: Number.MAX_SAFE_INTEGER } as const;
/** Says what it reads, in capitals. */
const ECHO = `process.stdin.on('data', (d) => process.stdout.write(String(d).toUpperCase()))`;
const STAY = 'setInterval(() => {}, 1000);';
const numbers = (count: number) =>
  `let s = ''; for (let i = 0; i < ${count}; i++) s += i + '\\n'; process.stdout.write(s);`;
const numbersText = (count: number) => Array.from({ length: count }, (_, index) => `${index}\n`).join('');

describe('who may speak to a keeper', () => {
  test.skipIf(process.platform === 'win32')(
    'only this user: its folder is 0700, socket and state file are 0600',
    async () => {
      const keeper = await startKeeper();
      const mode = (path: string) => statSync(path).mode & 0o777;
      expect([mode(keeper.folder), mode(keeperPathsIn(keeper.folder).stateFile), mode(keeper.state.socket)]).toEqual([
        0o700, 0o600, 0o600,
      ]);
      expect(mode(keeperPathsIn(keeper.folder).spool)).toBe(0o700);
    },
  );

  test('nobody who does not know its token, and it says nothing to them but a number', async () => {
    const keeper = await startKeeper();
    const { socket, token } = keeper.state;
    await expect(KeeperHand.connect({ socket, token: createNonce() })).rejects.toThrow('closed the connection');
    const { socket: dialled, closed } = await keeper.dial();
    // A proof for another number, as one who has listened to an earlier greeting would have.
    const nonce = createNonce();
    dialled.write(encodeFrame({ type: 'prove', nonce, proof: prove(token, 'host', createNonce(), nonce) }));
    const said = [...new FrameReader().push(await closed)].map(({ header }) => header);
    expect(said).toEqual([
      { type: 'hello', protocol: KEEPER_PROTOCOL, version: expect.any(String), nonce: expect.any(String) },
    ]);
    expect((await keeper.connect()).agents).toEqual([]);
  });

  test.for([
    ['garbage', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
    ['a frame that is too long for a greeting', Buffer.from([0, 1, 0, 0])],
    ['a header that is no JSON', Buffer.from([0, 0, 0, 5, 0, 0, 0, 1, 0x7b])],
    ['a command before a proof', encodeFrame({ type: 'start', id: 'x' }, Buffer.from('{}'))],
  ] as const)('nobody who sends %s', async ([, bytes]) => {
    const keeper = await startKeeper();
    const { socket, closed } = await keeper.dial();
    socket.write(bytes);
    await closed;
    expect((await keeper.connect()).agents).toEqual([]);
  });

  test('nobody who says nothing in time, and not more than a few who have not said anything yet', async () => {
    const keeper = await startKeeper({ greetingMs: 3_000 });
    const silent = await Promise.all(Array.from({ length: STRANGERS_MAX }, () => keeper.dial()));
    const one = await keeper.dial();
    expect(await one.closed).toHaveLength(0);
    await Promise.all(silent.map(({ closed }) => closed));
    expect((await keeper.connect()).agents).toEqual([]);
  });

  test('a host learns that what listens in its place is another, and tells it nothing', async () => {
    const keeper = await startKeeper();
    const heard: string[] = [];
    const impostor = createServer((socket) => {
      const reader = new FrameReader();
      socket.write(encodeFrame({ type: 'hello', protocol: KEEPER_PROTOCOL, version: '1', nonce: createNonce() }));
      socket.on('data', (chunk: Buffer) => {
        for (const { header } of reader.push(chunk)) heard.push(header.type);
        socket.write(encodeFrame({ type: 'welcome', proof: createNonce(), agents: [] }));
      });
      socket.on('error', () => undefined);
    });
    const path = join(keeper.base, 'impostor');
    await new Promise<void>((resolve) => impostor.listen(path, resolve));
    const { token } = keeper.state;
    await expect(KeeperHand.connect({ socket: path, token })).rejects.toThrow('could not prove to be the keeper');
    expect(heard).toEqual(['prove']);
    await new Promise((resolve) => impostor.close(resolve));
  });

  test('the newer of two hosts: the previous one is cut off', async () => {
    const keeper = await startKeeper();
    const first = await keeper.connect();
    await first.start('a', ECHO);
    first.send({ ...READ_ALL, id: 'a' });
    const second = await keeper.connect();
    await first.until('the cut', () => first.isLost);
    second.send({ ...READ_ALL, id: 'a' });
    second.send({ type: 'write', id: 'a', number: 1 }, Buffer.from('hello'));
    await second.until('the echo', () => second.output('a').toString() === 'HELLO');
    expect(first.output('a').toString()).toBe('');
  });
});

describe('what an agent prints', () => {
  test('while nobody listens is there for anyone who comes, from any offset that was not acknowledged', async () => {
    const keeper = await startKeeper();
    const first = await keeper.connect();
    await first.start('a', numbers(200_000) + STAY);
    first.drop();
    const expected = Buffer.from(numbersText(200_000));
    const second = await keeper.connect();
    second.send({ ...READ_ALL, id: 'a' });
    await second.until('all', () => second.output('a').length === expected.length);
    expect(second.output('a').equals(expected)).toBe(true);
    second.send({ type: 'acknowledge', id: 'a', offset: 1_000_000 });
    second.send({ type: 'write', id: 'a', number: 1 }, Buffer.from('x'));
    await second.until('that it was read', () => second.find('written', 'a') !== undefined);

    const third = await keeper.connect();
    expect(third.agents).toMatchObject([{ id: 'a', acknowledged: 1_000_000, taken: 1, exit: null }]);
    third.send({ type: 'read', id: 'a', from: 1_000_000, upTo: Number.MAX_SAFE_INTEGER });
    await third.until('the rest', () => third.output('a').length === expected.length - 1_000_000);
    expect(third.output('a').equals(expected.subarray(1_000_000))).toBe(true);
  });

  test('is sent no further than the host wants', async () => {
    const keeper = await startKeeper();
    const host = await keeper.connect();
    await host.start('a', numbers(50_000) + STAY);
    host.send({ type: 'read', id: 'a', from: 0, upTo: 1_000 });
    await host.until('the first part', () => host.output('a').length === 1_000);
    host.send({ type: 'read', id: 'a', from: 0, upTo: 1_500 });
    await host.until('the second part', () => host.output('a').length === 1_500);
    expect(host.output('a').toString()).toBe(numbersText(50_000).slice(0, 1_500));
  });

  test('beyond the limit is left in its pipe until room is made, and none of it is lost', async () => {
    const spoolMaxBytes = 256 * 1024;
    const keeper = await startKeeper({ spoolMaxBytes });
    const first = await keeper.connect();
    const expected = Buffer.from(numbersText(300_000));
    await first.start('a', `${numbers(300_000)} process.stdin.on('data', () => process.exit(0))`);
    const spooled = () =>
      readdirSync(join(keeperPathsIn(keeper.folder).spool, 'a')).reduce(
        (sum, name) => sum + statSync(join(keeperPathsIn(keeper.folder).spool, 'a', name)).size,
        0,
      );
    while (spooled() < spoolMaxBytes) await new Promise((resolve) => setImmediate(resolve));
    first.drop();
    const host = await keeper.connect();
    expect(spooled()).toBeLessThan(spoolMaxBytes + 128 * 1024);
    host.send({ ...READ_ALL, id: 'a' });
    for (let acknowledged = 0; host.output('a').length < expected.length; ) {
      await host.until('more', () => host.output('a').length > acknowledged);
      acknowledged = host.output('a').length;
      host.send({ type: 'acknowledge', id: 'a', offset: acknowledged });
    }
    expect(host.output('a').equals(expected)).toBe(true);
    host.send({ type: 'write', id: 'a', number: 1 }, Buffer.from('end'));
    await host.until('its end', () => host.find('exit', 'a') !== undefined);
    expect(host.find('exit', 'a')).toMatchObject({ code: 0, end: expected.length });
  });
});

describe('what is for an agent', () => {
  test('is taken once, in order; the next host is told how far, and by its mark what', async () => {
    const keeper = await startKeeper();
    const first = await keeper.connect();
    await first.start('a', ECHO);
    first.send({ type: 'write', id: 'a', number: 1, mark: 'prompt:1' }, Buffer.from('one '));
    first.send({ type: 'write', id: 'a', number: 2 }, Buffer.from('two '));
    await first.until('both', () => first.messages.filter(({ type }) => type === 'written').length === 2);
    first.send({ type: 'write', id: 'a', number: 2, mark: 'again' }, Buffer.from('two '));
    first.send({ type: 'write', id: 'a', number: 4 }, Buffer.from('four '));
    await first.until('two refusals', () => first.messages.filter(({ type }) => type === 'not-written').length === 2);
    first.drop();
    const second = await keeper.connect();
    expect(second.agents).toMatchObject([{ taken: 2, marks: ['prompt:1'] }]);
    second.send({ ...READ_ALL, id: 'a' });
    second.send({ type: 'write', id: 'a', number: 3 }, Buffer.from('three'));
    await second.until('all', () => second.output('a').toString() === 'ONE TWO THREE');
  });

  test('and was only half sent when its host died counts as not taken', async () => {
    const keeper = await startKeeper();
    const first = await keeper.connect();
    await first.start('a', ECHO);
    const { token, socket: path } = keeper.state;
    first.drop();
    const { socket } = await keeper.dial();
    const reader = new FrameReader();
    reader.maxBytes = 1_000_000;
    const welcomed = new Promise<void>((resolve) => {
      socket.on('data', (chunk: Buffer) => {
        for (const { header } of reader.push(chunk)) {
          if (header.type !== 'hello') resolve();
          else {
            const proof = prove(token, 'host', String(header.nonce), 'mine');
            socket.write(encodeFrame({ type: 'prove', nonce: 'mine', proof }));
          }
        }
      });
    });
    await welcomed;
    const frame = encodeFrame({ type: 'write', id: 'a', number: 1, mark: 'half' }, Buffer.alloc(10_000, 'x'));
    await new Promise((resolve) => socket.write(frame.subarray(0, 9_000), resolve));
    socket.destroy();
    const second = await KeeperHand.connect({ socket: path, token });
    expect(second.agents).toMatchObject([{ taken: 0, marks: [] }]);
  });
});

describe('the end', () => {
  test('of an agent is kept, with its last words, until the host has taken note', async () => {
    const keeper = await startKeeper();
    const first = await keeper.connect();
    await first.start('a', `process.stdout.write('last words'); process.stderr.write('boom'); process.exit(7)`);
    first.drop();
    const second = await keeper.connect();
    second.send({ ...READ_ALL, id: 'a' });
    await second.until('its end', () => second.find('exit', 'a') !== undefined);
    expect(second.find('exit', 'a')).toMatchObject({ code: 7, signal: null, stderrTail: 'boom', end: 10 });
    await second.until('its words', () => second.output('a').toString() === 'last words');
    second.drop();
    const third = await keeper.connect();
    expect(third.agents).toMatchObject([{ id: 'a', exit: { code: 7, end: 10 } }]);
    third.send({ type: 'forget', id: 'a' });
    third.send({ type: 'stop', id: 'a' });
    await third.until('that it is done', () => third.find('stopped', 'a') !== undefined);
    third.drop();
    expect((await keeper.connect()).agents).toEqual([]);
  });

  test('of an agent outlives the keeper that saw it', async () => {
    const keeper = await startKeeper({ graceMs: 1_500 });
    const first = await keeper.connect();
    await first.start('a', `process.stdout.write('last words'); process.stdin.on('data', () => process.exit(7))`);
    first.send({ type: 'write', id: 'a', number: 1, mark: 'end' }, Buffer.from('x'));
    await first.until('that it is written', () => first.find('written', 'a') !== undefined);
    first.drop();
    expect(await keeper.child.gone).toEqual({ code: 0, signal: null });
    keeper.spawn();
    await keeper.ready();
    const second = await keeper.connect();
    expect(second.agents).toMatchObject([{ id: 'a', taken: 1, marks: ['end'], exit: { code: 7, end: 10 } }]);
    second.send({ ...READ_ALL, id: 'a' });
    await second.until('its words', () => second.output('a').toString() === 'last words');
  });

  test('comes to an agent whose output has no room, too, and none of that is lost', async () => {
    const keeper = await startKeeper({ spoolMaxBytes: 64 * 1024 });
    const first = await keeper.connect();
    await first.start('a', `${numbers(200_000)} ${STAY}`);
    first.send({ type: 'stop', id: 'a' });
    await first.until('its end', () => first.find('stopped', 'a') !== undefined);
    first.drop();
    const second = await keeper.connect();
    second.send({ ...READ_ALL, id: 'a' });
    await second.until('its end', () => second.find('exit', 'a') !== undefined);
    const end = second.find('exit', 'a')?.end ?? 0;
    await second.until('its words', () => second.output('a').length === end);
    expect(end).toBeGreaterThanOrEqual(64 * 1024);
    expect(numbersText(200_000).startsWith(second.output('a').toString())).toBe(true);
  });

  test('comes to agents that are left alone for too long, and to the keeper after that', async () => {
    const keeper = await startKeeper({ graceMs: 1_500 });
    const host = await keeper.connect();
    await host.start('a', STAY);
    host.send({ type: 'limits', aloneMs: 200 });
    host.drop();
    expect(await keeper.child.gone).toEqual({ code: 0, signal: null });
    keeper.spawn();
    await keeper.ready();
    const [agent] = (await keeper.connect()).agents;
    expect(agent?.exit?.aloneMs).toBeGreaterThanOrEqual(200);
  });

  test('comes to a keeper without agents and without a host, which leaves nothing behind that leads to it', async () => {
    const keeper = await startKeeper({ graceMs: 50 });
    const { socket } = keeper.state;
    expect(await keeper.child.gone).toEqual({ code: 0, signal: null });
    expect(() => keeper.state).toThrow('no state file');
    expect(readdirSync(keeper.folder)).not.toContain(socket.split('/').at(-1));
  });
});

describe('another keeper', () => {
  test('is not started beside one that runs', async () => {
    const keeper = await startKeeper();
    const { child, state } = keeper;
    const second = keeper.spawn();
    await second.untilPrinted(/Another keeper \(\d+\) is there already\./);
    expect((await second.gone).code).toBe(1);
    keeper.child = child;
    expect(keeper.state).toEqual(state);
  });

  test('takes the place of one that is gone, although its pid is another process now', async () => {
    const keeper = await startKeeper();
    const { state } = keeper;
    await keeper.child.kill();
    // As if the pid had been given to this test.
    writeState(keeperPathsIn(keeper.folder), { ...state, pid: process.pid });
    expect(await readStartTime(process.pid)).not.toBe(state.startTime);
    keeper.spawn();
    await keeper.ready();
    expect(keeper.state.pid).toBe(keeper.child.pid);
    expect((await keeper.connect()).agents).toEqual([]);
  });

  test('does not stumble over a state file that is none', async () => {
    const keeper = await startKeeper();
    await keeper.child.kill();
    writeFileSync(keeperPathsIn(keeper.folder).stateFile, '{"pid": "all of them"');
    keeper.spawn();
    await keeper.ready();
    expect((await keeper.connect()).agents).toEqual([]);
  });
});

test.skipIf(probe === null)(
  'a keeper on a full disk tells the host that an agent stands still for it, also one that comes later, and loses nothing',
  async () => {
    const disk = mountSmallDisk(1);
    if (!disk) throw new Error('No disk.');
    const keeper = new LoneKeeper({ graceMs: 60_000 }, 'keeper', join(disk.folder, 'base'));
    onTestFinished(async () => {
      await keeper.clear();
      disk.dispose();
    });
    await keeper.ready();
    const first = await keeper.connect();
    await first.start('one', `${ECHO};${STAY}`);
    first.send({ ...READ_ALL, id: 'one' });
    disk.fill();
    first.send({ type: 'write', id: 'one', number: 1 }, Buffer.from('x'.repeat(30_000)));
    const full = { type: 'trouble', id: 'one', code: 'ENOSPC' };
    await first.until('the trouble', () => first.find('trouble', 'one') !== undefined);
    expect(first.find('trouble', 'one')).toEqual(full);
    first.drop();

    const second = await keeper.connect();
    second.send({ ...READ_ALL, id: 'one' });
    await second.until('the trouble', () => second.find('trouble', 'one') !== undefined);
    disk.free();
    await second.until('all of it', () => second.output('one').length === 30_000);
    expect(second.output('one').toString()).toBe('X'.repeat(30_000));
    const told = second.messages.filter(({ type }) => type === 'trouble');
    expect(told).toEqual([full, { ...full, code: null }]);
  },
);
