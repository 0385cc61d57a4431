/** Which folded rows a person has opened or closed: rows come and go while the list scrolls, this stays. */
import { useState } from 'preact/hooks';

export type OpenRows = Map<string, boolean>;

/** Whether the row is open, and how to change that. `isOpenAtFirst` counts until a person decides. */
export function useOpenRow(rows: OpenRows, key: string, isOpenAtFirst: boolean): [boolean, (isOpen: boolean) => void] {
  const [chosen, setChosen] = useState(() => rows.get(key));
  return [
    chosen ?? isOpenAtFirst,
    (isOpen) => {
      rows.set(key, isOpen);
      setChosen(isOpen);
    },
  ];
}
