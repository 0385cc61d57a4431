/** TanStack's virtualizer in Preact: only the rows in view are in the page, and the end stays in view while new rows come. */
import { elementScroll, observeElementOffset, observeElementRect, Virtualizer } from '@tanstack/virtual-core';
import type { RefObject } from 'preact';
import { useEffect, useLayoutEffect, useReducer, useRef, useState } from 'preact/hooks';
import type { Row } from '../../transcript/rows.ts';

/** At most this far from the end counts as being there. */
const AT_END_PX = 48;
const OVERSCAN_ROWS = 6;
/** Before its first frame the list does not know its height. */
const FIRST_RECT = { width: 400, height: 800 };

export type VirtualRows = Virtualizer<HTMLDivElement, HTMLDivElement>;

export function useVirtualRows(rows: readonly Row[], scroller: RefObject<HTMLDivElement | null>): { virtualizer: VirtualRows; isAtEnd: boolean } {
  const [, rerender] = useReducer((count: number) => count + 1, 0);
  const [isAtEnd, setIsAtEnd] = useState(true);
  const wasAtEnd = useRef(true);
  const options = {
    count: rows.length,
    getScrollElement: () => scroller.current,
    getItemKey: (index: number) => rows[index]?.key ?? index,
    estimateSize: (index: number) => estimateHeight(rows[index]),
    scrollToFn: elementScroll,
    observeElementRect,
    observeElementOffset,
    anchorTo: 'end' as const,
    followOnAppend: true,
    scrollEndThreshold: AT_END_PX,
    overscan: OVERSCAN_ROWS,
    initialRect: FIRST_RECT,
    paddingStart: 12,
    paddingEnd: 12,
    onChange: (instance: VirtualRows) => {
      wasAtEnd.current = instance.isAtEnd(AT_END_PX);
      setIsAtEnd(wasAtEnd.current);
      rerender(undefined);
    },
  };
  const [virtualizer] = useState(() => new Virtualizer<HTMLDivElement, HTMLDivElement>(options));
  virtualizer.setOptions(options);

  useLayoutEffect(() => virtualizer._didMount(), [virtualizer]);
  useLayoutEffect(() => virtualizer._willUpdate());
  useLayoutEffect(() => virtualizer.scrollToEnd(), [virtualizer]);

  // The on-screen keyboard, the composer and the questions above it change the list's height: who was at the end stays there.
  useEffect(() => {
    const element = scroller.current;
    if (!element) return;
    const observer = new ResizeObserver(() => {
      if (wasAtEnd.current) virtualizer.scrollToEnd();
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [virtualizer, scroller]);

  return { virtualizer, isAtEnd };
}

/** A first guess; every row is measured as soon as it is in the page. */
function estimateHeight(row: Row | undefined): number {
  switch (row?.kind) {
    case 'message':
      return 48 + Math.ceil(row.text.length / 48) * 24;
    case 'prompt':
      return 84 + Math.ceil(row.text.length / 40) * 24;
    case 'approval':
      return 84;
    case 'tool':
      return 60;
    default:
      return 52;
  }
}
