/** A dialog: from the bottom on a phone, in the middle on a wide screen. The browser keeps the focus in it and gives it back. */
import type { ComponentChildren } from 'preact';
import { useId, useLayoutEffect, useRef } from 'preact/hooks';
import { Icon } from './icons.tsx';

export interface SheetProps {
  title: string;
  /** Called once, after the dialog has closed, however that came about. */
  onClose: () => void;
  /** `close` closes the dialog. */
  children: (close: () => void) => ComponentChildren;
}

export function Sheet({ title, onClose, children }: SheetProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  // With the drawing itself: a key or click before the next frame must not go to what lies behind.
  useLayoutEffect(() => {
    dialog.current?.showModal();
  }, []);
  const close = () => dialog.current?.close();
  return (
    <dialog
      ref={dialog}
      class="sheet"
      aria-labelledby={id}
      onClose={onClose}
      onClick={(event) => {
        if (event.target === event.currentTarget) close();
      }}
      onKeyDown={(event) => {
        // The dialog's own Escape; nothing behind it should hear it.
        if (event.key === 'Escape') event.stopPropagation();
      }}
    >
      <div class="sheet-body">
        <header class="sheet-head">
          <h2 id={id}>{title}</h2>
          <button type="button" class="icon-button" aria-label="Close" onClick={close}>
            <Icon name="close" />
          </button>
        </header>
        {children(close)}
      </div>
    </dialog>
  );
}
