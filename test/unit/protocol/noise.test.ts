import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { checkKnownAnswer, checkNegatives } from '#test/support/noise-checks.ts';
import { KNOWN_PAYLOADS } from '#test/support/noise-known-answer.ts';

const vector = JSON.parse(readFileSync(new URL('./noise-xkpsk3-own.json', import.meta.url), 'utf8'));

test('the handshake gives the known answers', async () => {
  expect(await checkKnownAnswer(vector, KNOWN_PAYLOADS)).toEqual([]);
});

test('a tampered, misdirected or replayed handshake is refused', async () => {
  expect(await checkNegatives()).toEqual([]);
});
