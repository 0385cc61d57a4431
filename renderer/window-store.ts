/** What main has told the window: one signal for each slice of the state, filled by one load and kept up by pushes. */
import { type ReadonlySignal, type Signal, signal } from '@preact/signals';
import type { BatonBridge, SliceName, WindowState } from '#preload/contract.ts';

export type LoadStatus =
  | { readonly kind: 'loading'; readonly since: number }
  | { readonly kind: 'ready' }
  | { readonly kind: 'failed'; readonly text: string };

export type Slices = { readonly [Name in SliceName]: ReadonlySignal<WindowState[Name]> };

export interface WindowStore {
  readonly status: ReadonlySignal<LoadStatus>;
  /** To be read only while `status` is `ready`. */
  readonly slices: Slices;
  /** Asks main for the whole state, at first and after a failure. */
  load(): void;
  dispose(): void;
}

export function createWindowStore(bridge: BatonBridge, now: () => number): WindowStore {
  const status = signal<LoadStatus>({ kind: 'loading', since: now() });
  const signals = new Map<SliceName, Signal<unknown>>();
  const slot = (name: SliceName): Signal<unknown> => {
    const known = signals.get(name);
    if (known) return known;
    const made = signal<unknown>(undefined);
    signals.set(name, made);
    return made;
  };
  const slices = new Proxy({} as Slices, { get: (_target, name) => slot(name as SliceName) });
  /** Slices that came while the whole was on its way: they are at least as new. */
  let early = new Map<SliceName, unknown>();
  let attempt = 0;

  const off = bridge.on('slice', ({ name, value }) => {
    if (status.peek().kind === 'ready') slot(name).value = value;
    else early.set(name, value);
  });

  const load = () => {
    attempt += 1;
    const mine = attempt;
    early = new Map();
    status.value = { kind: 'loading', since: now() };
    const fail = (text: string) => {
      if (mine === attempt) status.value = { kind: 'failed', text };
    };
    bridge.call('window.load', null).then(
      (result) => {
        if (mine !== attempt) return;
        if (!result.ok) return fail(result.error);
        for (const [name, value] of Object.entries(result.value)) slot(name as SliceName).value = value;
        for (const [name, value] of early) slot(name).value = value;
        early.clear();
        status.value = { kind: 'ready' };
      },
      (error: unknown) => fail(error instanceof Error ? error.message : String(error)),
    );
  };

  return { status, slices, load, dispose: off };
}
