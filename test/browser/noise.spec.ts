import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from '@playwright/test';
import type { OneWayKnownAnswer } from '../support/one-way-reference.ts';
import { test } from './vite-page.ts';

const vector = JSON.parse(readFileSync(join(import.meta.dirname, '../unit/protocol/noise-xkpsk3-own.json'), 'utf8'));

test('in Chromium the handshake gives the known answers', async ({ modulePage }) => {
  const wrong = await modulePage.evaluate(async (known) => {
    const path = '/test/support/noise-checks.ts';
    const checks: typeof import('../support/noise-checks.ts') = await import(/* @vite-ignore */ path);
    const answers = '/test/support/noise-known-answer.ts';
    const { KNOWN_PAYLOADS }: typeof import('../support/noise-known-answer.ts') = await import(
      /* @vite-ignore */ answers
    );
    return await checks.checkKnownAnswer(known, KNOWN_PAYLOADS);
  }, vector);
  expect(wrong).toEqual([]);
});

test('in Chromium a tampered, misdirected or replayed handshake is refused', async ({ modulePage }) => {
  const wrong = await modulePage.evaluate(async () => {
    const path = '/test/support/noise-checks.ts';
    const checks: typeof import('../support/noise-checks.ts') = await import(/* @vite-ignore */ path);
    return await checks.checkNegatives();
  });
  expect(wrong).toEqual([]);
});

test('in Chromium letters give the known answers, come back as they were, and open for nobody else', async ({
  modulePage,
}) => {
  const file = join(import.meta.dirname, '../unit/protocol/noise-kpsk0-own.json');
  const wrong = await modulePage.evaluate(
    async (vectors) => {
      const path = '/test/support/letter-checks.ts';
      const checks: typeof import('../support/letter-checks.ts') = await import(/* @vite-ignore */ path);
      const answers = await Promise.all(vectors.map((vector) => checks.checkOneWayKnownAnswer(vector)));
      return [answers.flat(), await checks.checkLetterSizes(), await checks.checkLetterNegatives()];
    },
    JSON.parse(readFileSync(file, 'utf8')) as OneWayKnownAnswer[],
  );
  expect(wrong).toEqual([[], [], []]);
});
