import { expect, test } from 'vitest';
import type { BatonBridge, Pushes, Result, WindowState } from '#preload/contract.ts';
import { createWindowStore } from '#renderer/window-store.ts';

/** A bridge whose loads are answered by hand. */
function heldBridge() {
  const loads: ((result: Result<WindowState>) => void)[] = [];
  let listener: ((push: Pushes['slice']) => void) | null = null;
  const bridge = {
    call: () => new Promise((resolve) => loads.push(resolve as never)),
    on: (_name: 'slice', listen: (push: Pushes['slice']) => void) => {
      listener = listen;
      return () => {
        listener = null;
      };
    },
  } as unknown as BatonBridge;
  return { bridge, loads, push: (push: Pushes['slice']) => listener?.(push), isHeard: () => listener !== null };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));
const state = (usage: WindowState['usage']) => ({ usage, activity: [] }) as unknown as WindowState;
const USAGE = { a: { processes: 1, memoryBytes: 1, cpuPercent: null } };

test('a slice that was pushed while the whole was on its way is not overwritten by it', async () => {
  const { bridge, loads, push } = heldBridge();
  const store = createWindowStore(bridge, () => 0);
  store.load();
  push({ name: 'usage', value: USAGE });
  loads[0]?.({ ok: true, value: state({}) });
  await settled();
  expect(store.status.value).toEqual({ kind: 'ready' });
  expect([store.slices.usage.value, store.slices.activity.value]).toEqual([USAGE, []]);
  push({ name: 'usage', value: {} });
  expect(store.slices.usage.value).toEqual({});
});

test('a failed load says why, and a late answer of an earlier one changes nothing', async () => {
  const { bridge, loads } = heldBridge();
  const store = createWindowStore(bridge, () => 0);
  store.load();
  store.load();
  loads[1]?.({ ok: false, error: 'Baton is closing.' });
  await settled();
  expect(store.status.value).toEqual({ kind: 'failed', text: 'Baton is closing.' });
  loads[0]?.({ ok: true, value: state({}) });
  await settled();
  expect(store.status.value.kind).toBe('failed');
});

test('listens to nothing once it is disposed of', () => {
  const { bridge, isHeard } = heldBridge();
  const store = createWindowStore(bridge, () => 0);
  expect(isHeard()).toBe(true);
  store.dispose();
  expect(isHeard()).toBe(false);
});
