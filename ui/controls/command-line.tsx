import { CopyButton } from './copy-button.tsx';

/** A command to run in a terminal, with a button that copies it. */
export function CommandLine({ text }: { text: string }) {
  return (
    <div class="install">
      <code>{text}</code>
      <CopyButton text={text} name={text} />
    </div>
  );
}
