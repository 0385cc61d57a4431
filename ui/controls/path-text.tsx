/** Where a file lies, and whether that is outside the project. */
import type { PathWords } from '../words/path-words.ts';
import { VisibleText } from './visible-text.tsx';

export function PathText({ path, place }: { path: string; place: PathWords }) {
  return (
    <>
      <span title={path}>
        <VisibleText text={place.text} />
      </span>
      {place.isOutside && <span class="outside-mark">outside the project</span>}
    </>
  );
}
