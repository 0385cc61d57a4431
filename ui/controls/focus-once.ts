/** As a `ref`: gives an element the focus when it comes onto the screen, and selects what a field holds. */
export function focusOnce(element: HTMLElement | null): void {
  if (!element || element.dataset.focused !== undefined) return;
  element.dataset.focused = '';
  element.focus();
  if (element instanceof HTMLInputElement) element.select();
}
