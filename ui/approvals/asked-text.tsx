import type { ComponentChildren } from 'preact';
import { CopyButton } from '../controls/copy-button.tsx';
import { VisibleText } from '../controls/visible-text.tsx';

/** Monospace text, whole and wrapped. */
export function AskedText({ text, label, where }: { text: string; label: string; where?: ComponentChildren }) {
  return (
    <div class="output wrap">
      <div class="code-bar">
        <span>
          {where} {label}
        </span>
        <CopyButton text={text} />
      </div>
      <pre>
        <VisibleText text={text} />
      </pre>
    </div>
  );
}
