/** A finished text as Markdown, or one that is still being written, block by block. */
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import type { MarkdownRenderer } from '#phone/transcript/markdown.ts';
import { splitBlocks } from '#phone/transcript/output-fold.ts';
import { useApp } from '../app-context.ts';
import { copyText } from '../copy-button.tsx';

const COPIED_SHOWN_MS = 1600;

export function MarkdownText({ text }: { text: string }) {
  const renderer = useApp().markdown.value;
  return renderer ? <Rendered text={text} renderer={renderer} /> : <p class="plain-text">{text}</p>;
}

/** Only the last block is rendered anew when text is added. */
export function StreamingText({ text }: { text: string }) {
  const renderer = useApp().markdown.value;
  if (!renderer) return <p class="plain-text">{text}</p>;
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
  const box = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    box.current?.replaceChildren(renderer.render(text));
  }, [text, renderer]);
  useEffect(() => {
    const element = box.current;
    element?.addEventListener('click', copyCode);
    return () => element?.removeEventListener('click', copyCode);
  }, []);
  return <div class="markdown" ref={box} />;
}

/** Code blocks are plain nodes, so their buttons are heard here. */
function copyCode(event: MouseEvent): void {
  const button = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-copy]') : null;
  const code = button?.closest('.code-box')?.querySelector('pre')?.textContent;
  if (!button || code === undefined || code === null) return;
  copyText(code).then((isCopied) => {
    button.textContent = isCopied ? 'Copied' : 'Not copied';
    setTimeout(() => {
      button.textContent = 'Copy';
    }, COPIED_SHOWN_MS);
  });
}
