/** A finished text as Markdown, or one that is still being written, block by block. */

import { useLayoutEffect, useRef } from 'preact/hooks';
import { unawaited } from '#lib/unawaited.ts';
import { useScreen } from '../screen-context.ts';
import type { MarkdownRenderer } from './markdown.ts';
import { splitBlocks } from './output-fold.ts';

const COPIED_SHOWN_MS = 1600;

export function MarkdownText({ text }: { text: string }) {
  const renderer = useScreen().markdown.value;
  return renderer ? (
    <Rendered text={text} renderer={renderer} />
  ) : (
    <p class="plain-text" dir="auto">
      {text}
    </p>
  );
}

/** Only the last block is rendered again when text is added. */
export function StreamingText({ text }: { text: string }) {
  const renderer = useScreen().markdown.value;
  if (!renderer)
    return (
      <p class="plain-text" dir="auto">
        {text}
      </p>
    );
  return (
    <>
      {splitBlocks(text).map((block, index) => (
        // A block's place is its identity: blocks are only ever added at the end.
        <Rendered key={index} text={block} renderer={renderer} />
      ))}
    </>
  );
}

function Rendered({ text, renderer }: { text: string; renderer: MarkdownRenderer }) {
  const { copyText } = useScreen();
  const box = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    box.current?.replaceChildren(renderer.render(text));
  }, [text, renderer]);
  useLayoutEffect(() => {
    const element = box.current;
    const copy = (event: MouseEvent) => copyCode(event, copyText);
    element?.addEventListener('click', copy);
    return () => element?.removeEventListener('click', copy);
  }, [copyText]);
  return <div class="markdown" ref={box} />;
}

/** Code blocks are plain nodes, so their buttons are heard here. */
function copyCode(event: MouseEvent, copyText: (text: string) => Promise<string | null>): void {
  const button = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-copy]') : null;
  const code = button?.closest('.code-box')?.querySelector('pre')?.textContent;
  if (!button || code === undefined || code === null) return;
  const copied = copyText(code).then((problem) => {
    button.textContent = problem === null ? 'Copied' : 'Not copied';
    setTimeout(() => {
      button.textContent = 'Copy';
    }, COPIED_SHOWN_MS);
  });
  unawaited(copied, 'copy a block of code');
}
