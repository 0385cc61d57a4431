/** TanStack's virtualizer in Preact: only the rows in view are in the page, and the end stays in view while new rows come. */
import { elementScroll, observeElementOffset, observeElementRect, Virtualizer } from '@tanstack/virtual-core';
import type { RefObject } from 'preact';
import { useLayoutEffect, useReducer, useRef, useState } from 'preact/hooks';
import type { Row } from './rows.ts';

/** At most this far from the end counts as being there. */
const AT_END_PX = 48;
/** The browser rounds heights, and so the end. */
const END_ROUNDING_PX = 2;
const OVERSCAN_ROWS = 6;
/** Before its first frame the list does not know its height. */
const FIRST_RECT = { width: 400, height: 800 };

export type VirtualRows = Virtualizer<HTMLDivElement, HTMLElement>;

/**
 * `isFollowing`: the newest row is in view, and stays so whatever grows or shrinks, until the person scrolls up, however little.
 * `followEnd` goes back there.
 */
export function useVirtualRows(
  rows: readonly Row[],
  scroller: RefObject<HTMLDivElement | null>,
): { virtualizer: VirtualRows; isFollowing: boolean; followEnd: () => void } {
  const [, rerender] = useReducer((count: number) => count + 1, 0);
  const [isFollowing, setIsFollowing] = useState(true);
  const follows = useRef(true);
  /** Where the list last put itself, or was last found. */
  const knownTop = useRef(0);
  const noteTop = () => {
    knownTop.current = scroller.current?.scrollTop ?? 0;
  };
  const options = {
    count: rows.length,
    getScrollElement: () => scroller.current,
    getItemKey: (index: number) => rows[index]?.key ?? index,
    estimateSize: (index: number) => estimateHeight(rows[index]),
    scrollToFn: ((...write) => {
      // What is written hides where a person has just scrolled to.
      findReader();
      elementScroll(...write);
      noteTop();
    }) satisfies typeof elementScroll,
    observeElementRect,
    observeElementOffset,
    anchorTo: 'end' as const,
    overscan: OVERSCAN_ROWS,
    initialRect: FIRST_RECT,
    // Already the first drawing is of the end.
    initialOffset: () => rows.reduce((sum, row) => sum + estimateHeight(row), 0),
    paddingStart: 12,
    paddingEnd: 12,
    onChange: () => rerender(undefined),
  };
  const [virtualizer] = useState(() => new Virtualizer<HTMLDivElement, HTMLElement>(options));
  virtualizer.setOptions(options);

  const follow = (does: boolean) => {
    follows.current = does;
    setIsFollowing(does);
  };
  const goToEnd = () => {
    const element = scroller.current;
    if (element) element.scrollTop = element.scrollHeight;
    noteTop();
  };
  /** A list that got shorter is found higher up too, but at its end: anywhere else, a person has scrolled. */
  const findReader = () => {
    const element = scroller.current;
    if (!element) return;
    const top = element.scrollTop;
    if (top === knownTop.current) return;
    const distance = element.scrollHeight - element.clientHeight - top;
    if (top < knownTop.current && distance > END_ROUNDING_PX) follow(false);
    else if (top > knownTop.current && distance <= AT_END_PX) follow(true);
    knownTop.current = top;
  };
  /** Drawing and scrolling cross: who has scrolled up since the last frame is not heard of yet, and must not be taken back. */
  const stayAtEnd = () => {
    if (follows.current) findReader();
    if (follows.current) goToEnd();
  };

  useLayoutEffect(() => virtualizer._didMount(), [virtualizer]);
  useLayoutEffect(() => virtualizer._willUpdate());
  // After every drawing: rows are measured only once they are in the page, and each measure moves the end.
  useLayoutEffect(stayAtEnd);

  useLayoutEffect(() => {
    const element = scroller.current;
    if (!element) return;
    // The on-screen keyboard, the composer and the questions above it change the list's own height.
    const observer = new ResizeObserver(stayAtEnd);
    // Heard before the virtualizer hears it: what it draws must not go to the end that somebody is leaving.
    element.addEventListener('scroll', findReader, { passive: true, capture: true });
    observer.observe(element);
    return () => {
      element.removeEventListener('scroll', findReader, { capture: true });
      observer.disconnect();
    };
  }, [virtualizer, scroller]);

  const followEnd = () => {
    follow(true);
    goToEnd();
  };
  return { virtualizer, isFollowing, followEnd };
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
