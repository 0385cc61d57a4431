/** What page or window add around the shared session screen: what only they know of, or can do. */
import type { Signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import type { IconName } from '../controls/icons.tsx';

export interface SessionAdditions {
  /** At the end of the header. */
  readonly headEnd?: ComponentChildren;
  /** What a person can do about a link that is not proven. */
  readonly linkAction?: ComponentChildren;
  /** More facts of the menu, as `dt` and `dd`. */
  readonly facts?: ComponentChildren;
  readonly entries?: readonly MenuEntry[];
  /** True when the screen is to take the focus; it says false once it has. */
  readonly wantsFocus?: Signal<boolean>;
}

/** An entry of the session's menu that opens a page of the sheet. */
export interface MenuEntry {
  readonly icon: IconName;
  readonly name: string;
  /** Of its page. */
  readonly title: string;
  page(back: () => void, close: () => void): ComponentChildren;
}
