/** The instruments of the fault matrix and of the soak: a test that cannot fail proves nothing. */
import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { ClaimWatch } from '../faults/claim-watch.ts';
import { makeSweptDisk } from '../faults/disk/disk.ts';
import { Layer } from '../faults/disk/layer.ts';
import { choosePoints } from '../faults/disk/sweep.ts';
import { ROWS } from '../faults/rows.ts';
import type { Stage } from '../faults/stage.ts';
import { fitLine, isFlat } from '../soak/slope.ts';
import { Child } from '../support/chaos/processes.ts';
import { UnrulyWire } from '../support/chaos/unruly-wire.ts';
import { makeFolder } from '../support/test-host.ts';

describe('a fitted line', () => {
  const minutes = (values: readonly number[]) => values.map((value, at) => ({ atMs: at * 60_000, value }));

  test('tells a leak from what comes and goes', () => {
    const [leak, wobble] = [fitLine(minutes([10, 12, 14, 16])), fitLine(minutes([10, 13, 9, 12, 10]))];
    expect(leak).toEqual({ perMinute: 2, growth: 6, mean: 13 });
    const bound = { perMinuteMax: 1, noise: 3 };
    expect([isFlat(leak, bound), isFlat(wobble, bound)]).toEqual([false, true]);
  });

  test('is flat for one point, and for a growth that is no more than noise', () => {
    expect(fitLine(minutes([7]))).toEqual({ perMinute: 0, growth: 0, mean: 7 });
    expect(isFlat(fitLine(minutes([10, 12])), { perMinuteMax: 1, noise: 3 })).toBe(true);
  });
});

describe('the watch over claims', () => {
  const lineOf = { page: 'Connected · proven just now · 3 ms', terminal: '● relay connected for 2 s, heard just now' };
  const stage = { pageLine: async () => lineOf.page, terminalLine: lineOf.terminal } as unknown as Stage;

  test('measures how long a claim stood that could not be true, and none that could', async () => {
    const watch = new ClaimWatch(stage);
    watch.breaks({ page: true });
    await expect.poll(() => watch.longest.get('page')?.forMs ?? 0).toBeGreaterThan(200);
    watch.heals();
    await watch.stop();
    expect([...watch.longest.keys()]).toEqual(['page']);
  });
});

test('every row has a name of its own, and says what the page has to say', () => {
  expect(new Set(ROWS.map(({ name }) => name)).size).toBe(ROWS.length);
  expect(ROWS.filter(({ isShort }) => isShort).length).toBeGreaterThanOrEqual(6);
});

describe('a sweep', () => {
  const fates = ['stays', 'killed'] as const;

  test('has a point for every write with every fate, or of those a choice that its seed repeats', () => {
    const all = choosePoints(20, fates, 60);
    expect(all.map(({ at, fate }) => `${at} ${fate}`)).toEqual(
      Array.from({ length: 20 }, (_, index) => fates.map((fate) => `${index + 1} ${fate}`)).flat(),
    );
    const some = choosePoints(300, fates, 60, 7);
    expect(some).toHaveLength(60);
    expect(new Set(some.map(({ at, fate }) => `${at} ${fate}`)).size).toBe(60);
    expect(some.map(({ at }) => at)).toEqual(some.map(({ at }) => at).toSorted((a, b) => a - b));
    expect(choosePoints(300, fates, 60, 7)).toEqual(some);
    expect(choosePoints(300, fates, 60, 8)).not.toEqual(some);
  });

  test('has room for the writes before the chosen one, none for that one and those after it, and room again', async () => {
    const folder = makeFolder();
    const disk = makeSweptDisk(join(folder, 'disk'));
    const layer = await Layer.start(disk);
    // By its name, the layer takes it for a relay. A line on its stdin is one write of each kind; it says how they went.
    const entry = join(folder, 'relay-process.ts');
    const database = createRequire(import.meta.url).resolve('better-sqlite3');
    writeFileSync(
      entry,
      `import { writeFileSync } from 'node:fs'; import { createRequire } from 'node:module';
      const Database = createRequire(import.meta.url)(${JSON.stringify(database)});
      const database = new Database(${JSON.stringify(join(disk.folder, 'x.db'))});
      database.pragma('journal_mode = WAL'); database.exec('CREATE TABLE t (a TEXT)');
      const insert = database.prepare('INSERT INTO t VALUES (?)');
      const attempt = (work) => { try { work(); return 'done'; } catch ({ code }) { return code; } };
      let round = 0;
      process.stdin.on('data', () => {
        round += 1;
        const text = 'x'.repeat(9_000);
        const said = [
          attempt(() => insert.run(text)),
          attempt(() => writeFileSync(${JSON.stringify(disk.folder)} + '/' + round, text)),
          attempt(database.transaction(() => { insert.run(text); insert.run(text); })),
        ];
        console.log('round', round, ...said, database.inTransaction);
      });
      console.log('begun');`,
    );
    const child = new Child([entry], { env: { ...process.env, ...layer.environment } });
    open.push({
      close: async () => {
        await child.kill();
        await layer.stop();
        disk.dispose();
        rmSync(folder, { recursive: true, force: true });
      },
    });
    await child.untilPrinted(/begun/);
    await layer.arm('relay', 5, 0);
    for (const round of [1, 2]) {
      child.process.stdin?.write('again\n');
      await child.untilPrinted(new RegExp(`round ${round}.*\n`));
    }
    expect(await layer.disarm('relay')).toBe(6);
    disk.free();
    child.process.stdin?.write('again\n');
    await child.untilPrinted(/round 3.*\n/);
    expect(child.output.split('\n').slice(1, 4)).toEqual([
      'round 1 done done done false',
      'round 2 done ENOSPC SQLITE_FULL false',
      'round 3 done done done false',
    ]);
    expect(layer.strike).toEqual({ what: 'writeFileSync 2', failed: ['writeFileSync 2', 'COMMIT'] });
  });
});

const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

describe('a wire', () => {
  /** To a server that says everything back. */
  async function start() {
    const server = createServer((socket) => void socket.on('error', () => {}).pipe(socket));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const wire = await UnrulyWire.start(() => (server.address() as AddressInfo).port);
    open.push({ close: () => void wire.stop() }, server);
    return wire;
  }

  function dial(wire: UnrulyWire): Socket & { heard: string; isClosed: boolean } {
    const socket = connect(Number(new URL(wire.origin).port), '127.0.0.1');
    const talk = Object.assign(socket, { heard: '', isClosed: false });
    socket.on('error', () => {});
    socket.on('close', () => {
      talk.isClosed = true;
    });
    socket.setEncoding('latin1').on('data', (text: string) => {
      talk.heard += text;
    });
    open.push({ close: () => socket.destroy() });
    return talk;
  }

  test('holds back what it is given, one way or both, and brings it when it passes again', async () => {
    const wire = await start();
    const one = dial(wire);
    one.write('a');
    await expect.poll(() => one.heard).toBe('a');
    for (const direction of ['up', 'down', 'both'] as const) {
      one.heard = '';
      wire.mood = { kind: 'hold', direction };
      one.write('b');
      const other = dial(wire);
      other.write('c');
      await once(other, 'ready');
      expect([one.heard, other.heard]).toEqual(['', '']);
      wire.mood = { kind: 'pass' };
      await expect.poll(() => [one.heard, other.heard]).toEqual(['b', 'c']);
    }
  });

  test('strands what is open, and serves what is new', async () => {
    const wire = await start();
    const old = dial(wire);
    old.write('a');
    await expect.poll(() => old.heard).toBe('a');
    wire.strand();
    old.write('b');
    const fresh = dial(wire);
    fresh.write('c');
    await expect.poll(() => fresh.heard).toBe('c');
    expect([old.heard, old.isClosed]).toEqual(['a', false]);
  });

  test('is a portal, or gone, for who dials; what was open is cut', async () => {
    const wire = await start();
    for (const [mood, answer] of [
      [{ kind: 'portal', status: 302 }, /^HTTP\/1.1 302 Found\r\nLocation/],
      [{ kind: 'portal', status: 403 }, /^HTTP\/1.1 403/],
      [{ kind: 'gone' }, /^$/],
    ] as const) {
      wire.mood = { kind: 'pass' };
      const old = dial(wire);
      await once(old, 'ready');
      wire.mood = mood;
      await expect.poll(() => old.isClosed).toBe(true);
      const fresh = dial(wire);
      fresh.write('GET / HTTP/1.1\r\n\r\n');
      await expect.poll(() => fresh.isClosed).toBe(true);
      expect(fresh.heard).toMatch(answer);
    }
  });

  test('answers the pings of WebSockets, and swallows the rest', async () => {
    const wire = await start();
    wire.mood = { kind: 'answers-pings' };
    const one = dial(wire);
    await once(one, 'ready');
    one.write(Buffer.of(0x89, 0x80, 1, 2, 3, 4));
    await expect.poll(() => Buffer.from(one.heard, 'latin1')).toEqual(Buffer.of(0x8a, 0));
    one.write('lost');
    wire.mood = { kind: 'pass' };
    await expect.poll(() => one.isClosed).toBe(true);
    expect(one.heard).toHaveLength(2);
  });
});
