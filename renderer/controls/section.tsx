import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';

/** A titled card of a page. */
export function Section({
  title,
  id,
  meta,
  children,
}: {
  title: string;
  /** For being brought into view. */
  id?: string;
  meta?: ComponentChildren;
  children: ComponentChildren;
}) {
  const headingId = useId();
  return (
    <section class="section" id={id} aria-labelledby={headingId} tabIndex={id === undefined ? undefined : -1}>
      <header class="section-head">
        <h2 id={headingId}>{title}</h2>
        {meta}
      </header>
      {children}
    </section>
  );
}

/** One line of a card: what it is, words about it, and its control at the end. */
export function SettingRow({
  name,
  words,
  wordsId,
  children,
}: {
  name: string;
  words?: ComponentChildren;
  wordsId?: string;
  children?: ComponentChildren;
}) {
  return (
    <div class="setting">
      <div class="setting-words">
        <p class="setting-name">{name}</p>
        {words !== undefined && (
          <p class="meta" id={wordsId}>
            {words}
          </p>
        )}
      </div>
      {children !== undefined && <div class="setting-control">{children}</div>}
    </div>
  );
}
