import { useEffect, useState } from 'preact/hooks';
import { unawaited } from '#lib/unawaited.ts';
import { useScreen } from '../screen-context.ts';

const SAID_MS = 1800;

/** Copies a text; says so on the button, and why not in its title. */
export function CopyButton({
  text,
  label = 'Copy',
  name,
  class: className = 'copy',
}: {
  text: string;
  label?: string;
  /** What is copied, for people who do not see what stands beside the button. */
  name?: string;
  class?: string;
}) {
  const { copyText, announce } = useScreen();
  const [said, setSaid] = useState<{ word: string; why: string | undefined } | null>(null);
  useEffect(() => {
    if (said === null) return;
    const timer = setTimeout(() => setSaid(null), SAID_MS);
    return () => clearTimeout(timer);
  }, [said]);
  return (
    <button
      type="button"
      class={className}
      aria-label={name === undefined || said !== null ? undefined : `${label} ${name}`}
      title={said?.why}
      onClick={() => {
        const copied = copyText(text).then((problem) => {
          setSaid(problem === null ? { word: 'Copied', why: undefined } : { word: 'Not copied', why: problem });
          announce(problem === null ? 'Copied' : `Not copied: ${problem}`);
        });
        unawaited(copied, 'copy a text');
      }}
    >
      <span class="steady">
        <span class="steady-size" aria-hidden="true">
          {label.length > 'Not copied'.length ? label : 'Not copied'}
        </span>
        <span class="steady-word">{said?.word ?? label}</span>
      </span>
    </button>
  );
}
