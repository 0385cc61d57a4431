/** A text in which nothing is unseen: for whatever a person decides by. */
import { splitVisible } from '../words/visible-marks.ts';

export function VisibleText({ text }: { text: string }) {
  const parts = splitVisible(text);
  if (parts.length === 1 && parts[0]?.kind === 'text') return <>{parts[0].text}</>;
  return (
    <>
      {parts.map((part, index) =>
        part.kind === 'text' ? (
          part.text
        ) : (
          <span key={index} class="unseen-mark" title="A character that nobody sees">
            {part.text}
          </span>
        ),
      )}
    </>
  );
}
