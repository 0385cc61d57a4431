/** Asks before something that cannot be taken back. The focus is on what changes nothing. */
import type { ComponentChildren } from 'preact';
import { Sheet } from '#phone/screens/sheet.tsx';
import type { Caller } from '../use-call.ts';
import { CallWords } from './problem.tsx';

export interface ConfirmSheetProps {
  title: string;
  /** What the button that does it says. */
  action: string;
  caller: Caller;
  /** False while something has to be typed first. */
  isReady?: boolean;
  onConfirm: (close: () => void) => void;
  onClose: () => void;
  children: ComponentChildren;
}

export function ConfirmSheet({
  title,
  action,
  caller,
  isReady = true,
  onConfirm,
  onClose,
  children,
}: ConfirmSheetProps) {
  return (
    <Sheet title={title} onClose={onClose}>
      {(close) => (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            if (isReady) onConfirm(close);
          }}
        >
          <div class="stack">{children}</div>
          <CallWords caller={caller} />
          <div class="actions end">
            <button type="button" class="button" onClick={close}>
              Cancel
            </button>
            <button type="submit" class="button danger-fill" disabled={!isReady || caller.isBusy}>
              {action}
            </button>
          </div>
        </form>
      )}
    </Sheet>
  );
}
