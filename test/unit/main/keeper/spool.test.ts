import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Spool } from '#main/keeper/server/spool.ts';

let base: string;
let folder: string;
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'baton-spool-'));
  folder = join(base, 'spool');
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

const bytesOf = (from: number, length: number) =>
  Buffer.from(Array.from({ length }, (_, index) => (from + index) % 251));

test('what was written is read from any offset, over the ends of its files', () => {
  const spool = new Spool(folder, 0, 1000);
  for (let at = 0; at < 5_000; at += 500) spool.append(bytesOf(at, 500));
  expect([spool.end, spool.kept, readdirSync(folder).length]).toEqual([5_000, 5_000, 5]);
  for (const from of [0, 1, 999, 1_000, 2_345, 4_999]) {
    const parts: Buffer[] = [];
    for (let at = from; at < spool.end; at += parts.at(-1)?.length ?? 0) parts.push(spool.read(at, 333));
    expect(Buffer.concat(parts).equals(bytesOf(from, 5_000 - from))).toBe(true);
  }
  expect(spool.read(5_000, 10)).toHaveLength(0);
});

test('what was acknowledged is gone from the disk, and cannot be read; what was not stays', () => {
  const spool = new Spool(folder, 0, 1000);
  for (let at = 0; at < 5_000; at += 500) spool.append(bytesOf(at, 500));
  spool.acknowledge(2_500);
  expect(readdirSync(folder).toSorted()).toEqual(['2000', '3000', '4000']);
  expect(() => spool.read(2_499, 1)).toThrow('is gone');
  expect(spool.read(2_500, 4).equals(bytesOf(2_500, 4))).toBe(true);
  // A later, smaller offset takes nothing back.
  spool.acknowledge(100);
  expect(spool.acknowledged).toBe(2_500);
});

test('one file that is all acknowledged does not grow for ever', () => {
  const spool = new Spool(folder);
  for (let round = 0; round < 20; round += 1) {
    spool.append(Buffer.alloc(100_000, round));
    spool.acknowledge(spool.end);
  }
  const onDisk = readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
  expect(onDisk).toBeLessThan(400_000);
  spool.append(bytesOf(0, 10));
  expect(spool.read(spool.end - 10, 10).equals(bytesOf(0, 10))).toBe(true);
});

test('another keeper reads on in the files of the previous one, also if nothing is left of them', () => {
  const previous = new Spool(folder, 0, 1000);
  for (let at = 0; at < 2_500; at += 500) previous.append(bytesOf(at, 500));
  previous.acknowledge(1_200);
  previous.close();
  const spool = new Spool(folder, 2_500, 1000);
  spool.acknowledge(1_200);
  expect([spool.acknowledged, spool.end]).toEqual([1_200, 2_500]);
  expect(spool.read(1_200, 100).equals(bytesOf(1_200, 100))).toBe(true);
  spool.remove();
  const empty = new Spool(folder, 2_500);
  expect([empty.acknowledged, empty.end, empty.kept]).toEqual([2_500, 2_500, 0]);
});
