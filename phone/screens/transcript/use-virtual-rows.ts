/** TanStack's virtualizer in Preact: only the rows in view are in the page, and the end stays in view while new rows come. */
import { elementScroll, observeElementOffset, observeElementRect, Virtualizer } from '@tanstack/virtual-core';
import type { RefObject } from 'preact';
import { useLayoutEffect, useReducer, useRef, useState } from 'preact/hooks';
import type { Row } from '#phone/transcript/rows.ts';

/** At most this far from the end counts as being there. */
const AT_END_PX = 48;
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
  const options = {
    count: rows.length,
    getScrollElement: () => scroller.current,
    getItemKey: (index: number) => rows[index]?.key ?? index,
    estimateSize: (index: number) => estimateHeight(rows[index]),
    scrollToFn: elementScroll,
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
  };

  useLayoutEffect(() => virtualizer._didMount(), [virtualizer]);
  useLayoutEffect(() => virtualizer._willUpdate());
  // After every drawing: rows are measured only once they are in the page, and each measure moves the end.
  useLayoutEffect(() => {
    if (follows.current) goToEnd();
  });

  useLayoutEffect(() => {
    const element = scroller.current;
    if (!element) return;
    let before = { top: element.scrollTop, room: element.scrollHeight - element.clientHeight };
    // Only a person scrolls up while the room to scroll in stays as it is; a measure that moves the end changes that room.
    const handleScroll = () => {
      const now = { top: element.scrollTop, room: element.scrollHeight - element.clientHeight };
      if (now.top < before.top && now.room >= before.room) follow(false);
      else if (now.top > before.top && now.room - now.top <= AT_END_PX) follow(true);
      before = now;
    };
    // The on-screen keyboard, the composer and the questions above it change the list's own height.
    const observer = new ResizeObserver(() => {
      if (follows.current) goToEnd();
    });
    // Heard before the virtualizer hears it: what it draws must not go to the end that somebody is leaving.
    element.addEventListener('scroll', handleScroll, { passive: true, capture: true });
    observer.observe(element);
    return () => {
      element.removeEventListener('scroll', handleScroll, { capture: true });
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
