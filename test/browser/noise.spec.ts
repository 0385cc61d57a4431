import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from '@playwright/test';
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
