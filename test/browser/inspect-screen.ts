/** Runs in the page. Everything that is wrong with what is visible. */
export function inspect(): string[] {
  const problems: string[] = [];
  const told = (element: Element) =>
    `${element.tagName.toLowerCase()}.${element.className} “${(element.textContent ?? '').trim().slice(0, 40)}”`;
  const isShown = (element: Element) => {
    const box = element.getBoundingClientRect();
    return (
      box.width > 1 &&
      box.height > 1 &&
      (element as HTMLElement).checkVisibility({ visibilityProperty: true, opacityProperty: true })
    );
  };

  if (document.documentElement.scrollWidth > innerWidth)
    problems.push(`the page is ${document.documentElement.scrollWidth} px wide`);
  for (const element of document.querySelectorAll(
    '.pane, .feed, .feed-row, .alone, .session-list, .approval, .questions, .session-foot, .sheet',
  )) {
    if (element.scrollWidth > element.clientWidth + 1) problems.push(`wider than its place: ${told(element)}`);
  }

  for (const element of document.querySelectorAll<HTMLElement>(
    'button, input, textarea, summary, a[href], [role=button]',
  )) {
    if (!isShown(element)) continue;
    const label =
      element.getAttribute('aria-label') ??
      ('labels' in element ? (element as HTMLInputElement).labels?.[0]?.textContent : null) ??
      element.textContent;
    if ((label ?? '').trim() === '' && !element.closest('.markdown')) problems.push(`no name: ${told(element)}`);
    if (element.closest('.markdown') || (element instanceof HTMLInputElement && element.type === 'radio')) continue;
    const box = element.getBoundingClientRect();
    const after = getComputedStyle(element, '::after');
    const reach =
      after.position === 'absolute'
        ? Math.abs(Number.parseFloat(after.top)) + Math.abs(Number.parseFloat(after.bottom))
        : 0;
    const padding = getComputedStyle(element).display === 'inline' ? 12 : 0;
    if (box.height + reach + padding < 43.5)
      problems.push(`only ${Math.round(box.height + reach)} px high: ${told(element)}`);
  }

  const parse = (color: string) => {
    const [red = 0, green = 0, blue = 0, alpha = 1] = (color.match(/[\d.]+/g) ?? []).map(Number);
    return { rgb: [red, green, blue], alpha };
  };
  const mix = (over: { rgb: number[]; alpha: number }, under: number[]) =>
    over.rgb.map((value, at) => value * over.alpha + (under[at] ?? 0) * (1 - over.alpha));
  const ground = (element: Element | null): number[] => {
    if (!element) return [255, 255, 255];
    const color = parse(getComputedStyle(element).backgroundColor);
    return color.alpha === 1 ? color.rgb : mix(color, ground(element.parentElement));
  };
  const luminance = (rgb: number[]) => {
    const [red = 0, green = 0, blue = 0] = rgb.map((value) =>
      value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4,
    );
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    if (
      !element ||
      (node.textContent ?? '').trim() === '' ||
      !isShown(element) ||
      element.closest(':disabled, .visually-hidden')
    )
      continue;
    const style = getComputedStyle(element);
    const back = ground(element);
    const [light, dark] = [luminance(mix(parse(style.color), back)), luminance(back)].sort((a, b) => b - a) as [
      number,
      number,
    ];
    const ratio = (light + 0.05) / (dark + 0.05);
    const isLarge =
      Number.parseFloat(style.fontSize) >= 24 ||
      (Number.parseFloat(style.fontSize) >= 18.66 && Number(style.fontWeight) >= 700);
    if (ratio < (isLarge ? 3 : 4.5)) problems.push(`contrast ${ratio.toFixed(2)}: ${told(element)}`);
  }
  return [...new Set(problems)];
}
