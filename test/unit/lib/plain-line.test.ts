import { expect, test } from 'vitest';
import { toPlainLine } from '#lib/plain-line.ts';

test('a stranger’s words cannot move the cursor, begin a line or turn the direction of writing', () => {
  expect(toPlainLine('Phone\u001b[2K\r\n  digits:\u0007 1\u202e2\u2028 3\u009b')).toBe('Phone [2K digits: 1 2 3');
  expect(toPlainLine('  Ada’s\tphone 📱 ')).toBe('Ada’s phone 📱');
  expect(toPlainLine('📱📱', 3)).toBe('📱');
});
