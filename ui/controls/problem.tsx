/** Why what was asked for here did not happen; nothing while there is nothing to say. */
export function Problem({ text }: { text: string | null }) {
  if (text === null) return null;
  return (
    <p class="problem" role="alert">
      {text}
    </p>
  );
}
