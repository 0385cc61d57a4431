/** Keeps a click that was meant for what stood there before from hitting what has just come. */
import { useEffect, useRef, useState } from 'preact/hooks';

const CLICK_GUARD_MS = 700;

/** True until what `key` names has been on screen for a while; from the very drawing in which it changes. */
export function useGuard(key: string): boolean {
  const [settled, setSettled] = useState<string | null>(null);
  const latest = useRef(key);
  latest.current = key;
  useEffect(() => {
    setSettled(null);
    const timer = setTimeout(() => {
      if (latest.current === key) setSettled(key);
    }, CLICK_GUARD_MS);
    return () => clearTimeout(timer);
  }, [key]);
  return settled !== key;
}
