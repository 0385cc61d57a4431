import { expect, test } from 'vitest';
import { StartQueue } from '#main/process/start-queue.ts';

test('everybody has a turn of the event loop alone, in the order in which they came', async () => {
  const queue = new StartQueue();
  let turn = 0;
  let isCounting = true;
  const count = () => {
    turn += 1;
    if (isCounting) setImmediate(count);
  };
  count();
  const seen: { name: number; turn: number }[] = [];
  const come = (name: number) => queue.turn().then(() => seen.push({ name, turn }));
  await Promise.all([1, 2, 3, 4, 5].map(come));
  await come(6);
  isCounting = false;
  expect(seen.map(({ name }) => name)).toEqual([1, 2, 3, 4, 5, 6]);
  expect(new Set(seen.map((one) => one.turn)).size).toBe(6);
});
