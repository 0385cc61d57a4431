import { expect, test } from 'vitest';
import { lastWords } from '#main/host/agents/stderr-words.ts';

test('debug output, stack traces and what is known already are left out', () => {
  const stderr = [
    '[session/create] phase=settings',
    'Error: no API key',
    '    at receive (chunk.js:4:5657)',
    '{"level":"info"}',
    '2026-11-22T14:00:00Z something',
    '',
    'Set ANTHROPIC_API_KEY and try again',
  ].join('\n');
  expect(lastWords(stderr, '')).toBe('Error: no API key\nSet ANTHROPIC_API_KEY and try again');
  expect(lastWords(stderr, 'The agent said: Error: no API key')).toBe('Set ANTHROPIC_API_KEY and try again');
});

test('only the end of a long outcry is shown', () => {
  const lines = Array.from({ length: 50 }, (_, at) => `line ${at} ${'x'.repeat(400)}`);
  const words = lastWords(lines.join('\n'), '');
  expect(words.length).toBe(1000);
  expect(words).toContain('line 49');
});
