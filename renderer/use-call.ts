/** One call to main from a place on screen: busy while it runs, its words if it fails, and words if it takes long. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { unawaited } from '#lib/unawaited.ts';
import type { ArgumentOf, Channel, ValueOf } from '#preload/contract.ts';
import { useApp } from './app-context.ts';

/** After this long a person is told that it still runs. */
const SLOW_AFTER_MS = 8000;

export interface Caller {
  readonly isBusy: boolean;
  /** It runs, and has for a while. */
  readonly isSlow: boolean;
  /** Why the last call failed; null if it did not. */
  readonly problem: string | null;
  /** Does nothing while an earlier call runs. */
  run<Name extends Channel>(channel: Name, argument: ArgumentOf<Name>, onDone?: (value: ValueOf<Name>) => void): void;
  clear(): void;
}

export function useCall(): Caller {
  const { call } = useApp();
  const [state, setState] = useState<{ isBusy: boolean; isSlow: boolean; problem: string | null }>(REST);
  const isRunning = useRef(false);
  const isGone = useRef(false);
  useEffect(() => {
    isGone.current = false;
    return () => {
      isGone.current = true;
    };
  }, []);
  useEffect(() => {
    if (!state.isBusy) return;
    const timer = setTimeout(() => setState((now) => ({ ...now, isSlow: now.isBusy })), SLOW_AFTER_MS);
    return () => clearTimeout(timer);
  }, [state.isBusy]);
  return {
    ...state,
    run: (channel, argument, onDone) => {
      if (isRunning.current) return;
      isRunning.current = true;
      setState({ isBusy: true, isSlow: false, problem: null });
      const answered = call(channel, argument).then((result) => {
        isRunning.current = false;
        if (isGone.current) return;
        setState(result.ok ? REST : { isBusy: false, isSlow: false, problem: result.error });
        if (result.ok) onDone?.(result.value);
      });
      unawaited(answered, `show what ${channel} brought`);
    },
    clear: () => setState((now) => ({ ...now, problem: null })),
  };
}

const REST = { isBusy: false, isSlow: false, problem: null };
