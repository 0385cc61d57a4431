import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { checkLetterNegatives, checkLetterSizes, checkOneWayKnownAnswer } from '#test/support/letter-checks.ts';
import { type OneWayKnownAnswer, referenceOneWay } from '#test/support/one-way-reference.ts';

const vectors: OneWayKnownAnswer[] = JSON.parse(
  readFileSync(new URL('./noise-kpsk0-own.json', import.meta.url), 'utf8'),
);

test('the one-way handshake gives the known answers', async () => {
  for (const vector of vectors) expect(await checkOneWayKnownAnswer(vector)).toEqual([]);
});

test('the known answers are those of a second implementation', () => {
  for (const vector of vectors) expect(referenceOneWay(vector)).toEqual(vector);
  expect(vectors.length).toBeGreaterThan(1);
});

test('letters of every size come back as they were sealed', async () => {
  expect(await checkLetterSizes()).toEqual([]);
});

test('a letter that is forged, changed, cut or meant for somebody else does not open', async () => {
  expect(await checkLetterNegatives()).toEqual([]);
});
