/** The conversation: opens at its end, stays there while it grows, and reaches back as far as the computer remembers. */
import { useComputed } from '@preact/signals';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { Icon } from '../controls/icons.tsx';
import type { SessionLog } from '../host-client.ts';
import { outboxPromptRows } from './outbox-rows.ts';
import type { RowContext } from './row-context.ts';
import { RowView, rowLabel } from './row-view.tsx';
import type { Row, Transcript } from './rows.ts';
import { streamingRows } from './transcript-fold.ts';
import { useVirtualRows } from './use-virtual-rows.ts';

/** Older events are asked for when fewer than this many rows are left above. */
const LOAD_OLDER_WITHIN_ROWS = 20;
/** From here on a way back to the end is offered. */
const AWAY_FROM_END_PX = 80;

export interface FeedProps {
  log: SessionLog;
  transcript: Transcript;
  context: RowContext;
  /** Shown when there is nothing to show. */
  empty: string;
}

export function Feed({ log, transcript, context, empty }: FeedProps) {
  const { host, session } = context;
  // Growing text changes no row: only which texts are being written counts here.
  const streamingIds = useComputed(() => log.streaming.value.map(({ id, role }) => `${role}:${id}`).join('\n'));
  const writing = streamingIds.value;
  const lastEventAt = log.events.value.at(-1)?.at ?? 0;
  const outbox = host.outbox.value;
  const rows = useMemo(
    (): readonly Row[] => [
      ...transcript.rows,
      ...(writing === '' ? [] : streamingRows(transcript, log.streaming.peek())),
      ...transcript.queued,
      ...outboxPromptRows(outbox, session, transcript.knownCommands, lastEventAt),
    ],
    [transcript, writing, outbox, session, lastEventAt, log],
  );

  const scroller = useRef<HTMLDivElement>(null);
  const { virtualizer, isFollowing, followEnd } = useVirtualRows(rows, scroller);
  const items = virtualizer.getVirtualItems();
  const first = items[0];
  const isNearTop = (first?.index ?? 0) < LOAD_OLDER_WITHIN_ROWS;
  const hasOlder = log.hasOlder.value;
  const isLoading = log.isLoadingOlder.value;

  // After a refusal it asks again only once the link has changed: neither this device nor the computer has them now.
  const link = host.status.value.kind;
  const [refusedWhile, setRefusedWhile] = useState<string | null>(null);
  const canAsk = isNearTop && hasOlder && !isLoading && refusedWhile !== link;
  useEffect(() => {
    if (!canAsk) return;
    log.loadOlder().then(
      (isLoaded) => setRefusedWhile(isLoaded ? null : link),
      () => setRefusedWhile(link),
    );
  }, [canAsk, log, link]);

  // Anyone who sends a prompt wants to see it.
  const sent = outbox.filter((entry) => entry.kind === 'prompt' && entry.session === session).at(-1)?.id;
  const sentBefore = useRef(sent);
  useEffect(() => {
    if (sent !== undefined && sent !== sentBefore.current) followEnd();
    sentBefore.current = sent;
  }, [sent]);

  const lastRow = rows.at(-1)?.key;
  const seenRow = useRef(lastRow);
  if (isFollowing) seenRow.current = lastRow;
  const hasNew = seenRow.current !== lastRow;
  const isAway = !isFollowing && (hasNew || virtualizer.getDistanceFromEnd() > AWAY_FROM_END_PX);

  return (
    <div class="feed-box">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
      <div class="feed" ref={scroller} role="feed" aria-label="Conversation" aria-busy={isLoading} tabIndex={0}>
        {rows.length === 0 ? (
          <p class="feed-empty">{empty}</p>
        ) : (
          <div class="feed-sizer" style={{ height: `${virtualizer.getTotalSize()}px` }}>
            <div class="feed-window" style={{ transform: `translateY(${first?.start ?? 0}px)` }}>
              {items.map((item) => {
                const row = rows[item.index];
                return (
                  row && (
                    <article
                      key={item.key}
                      ref={virtualizer.measureElement}
                      data-index={item.index}
                      class="feed-row"
                      aria-label={rowLabel(row)}
                      aria-posinset={item.index + 1}
                      aria-setsize={hasOlder ? -1 : rows.length}
                    >
                      <RowView row={row} context={context} />
                    </article>
                  )
                );
              })}
            </div>
          </div>
        )}
      </div>
      {isNearTop && (isLoading || refusedWhile === link) && (
        <p class="feed-loading">
          {isLoading ? 'Loading older messages …' : 'Older messages are on the computer, which cannot be reached now'}
        </p>
      )}
      {isAway && (
        <button type="button" class={`to-end ${hasNew ? 'new' : ''}`} onClick={followEnd}>
          {hasNew ? 'New messages' : 'To the end'}
          <Icon name="down" size={16} />
        </button>
      )}
    </div>
  );
}
