import { useEffect, useState } from 'preact/hooks';
import { useApp } from '../../phone/screens/app-context.ts';

const COPIED_SHOWN_MS = 1600;

/** Copies a text; says so on the button. */
export function CopyButton({ text, label = 'Copy' }: { text: string; label?: string }) {
  const { announce } = useApp();
  const [word, setWord] = useState<string | null>(null);
  useEffect(() => {
    if (word === null) return;
    const timer = setTimeout(() => setWord(null), COPIED_SHOWN_MS);
    return () => clearTimeout(timer);
  }, [word]);
  return (
    <button
      type="button"
      class="copy"
      onClick={() => {
        copyText(text).then((isCopied) => {
          setWord(isCopied ? 'Copied' : 'Not copied');
          announce(isCopied ? 'Copied' : 'Copying was refused by the browser');
        });
      }}
    >
      {word ?? label}
    </button>
  );
}

/** False if the browser refuses. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
