/** A question as it stands on the screen, read from the page as a person reads it. */
import type { Page } from '@playwright/test';
import type { PendingApproval } from '#protocol/messages.ts';

export interface DrawnQuestion {
  /** Everything below the title, and the title where it is what the agent would get; marks turned back into what they stand for. */
  readonly text: string;
  readonly diffs: readonly { readonly before: readonly string[]; readonly after: readonly string[] }[];
  readonly isAllowOffered: boolean;
  readonly hasNoDetails: boolean;
  /** Parts of which some lies where nobody can scroll to. */
  readonly clipped: readonly string[];
}

/** Asks this question alone, loads what is to be loaded, reads to the end. */
export async function drawQuestion(
  page: Page,
  question: PendingApproval,
  blobs: Readonly<Record<string, string>>,
): Promise<DrawnQuestion> {
  return await page.evaluate(readQuestion, { question, blobs });
}

/** Runs in the page. */
async function readQuestion({
  question,
  blobs,
}: {
  question: PendingApproval;
  blobs: Readonly<Record<string, string>>;
}): Promise<DrawnQuestion> {
  const { host } = window;
  host.blobs = blobs;
  const state = host.state.value;
  if (!state) throw new Error('There is no state.');
  host.state.value = { ...state, approvals: [question] };
  const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
  const card = () => document.querySelector<HTMLElement>(`article[aria-labelledby="approval-${question.approval}"]`);
  const buttons = () => [...(card()?.querySelectorAll<HTMLButtonElement>('button') ?? [])];
  const offered = () =>
    buttons().some(
      (button) => button.closest('[aria-label="Allow"]') && button.ariaLabel === 'Yes' && !button.disabled,
    );
  const refused = () => card()?.textContent?.includes('can only be denied') === true;
  // What stood there before is gone.
  for (let drawn = 0; drawn < 3; drawn += 1) await frame();
  for (let tries = 0; tries < 200 && !offered() && !refused(); tries += 1) {
    await frame();
    // The longest texts are scrolled through, not tapped through.
    if (tries > 20)
      for (const what of card()?.querySelectorAll('.approval-what') ?? []) what.scrollTop = what.scrollHeight;
    for (const button of buttons()) {
      if (!button.disabled && /^(Load all|Read on)/.test(button.textContent ?? '')) button.click();
    }
  }
  const article = card();
  const what = article?.querySelector('.approval-what');
  if (!article || !what) throw new Error('The question is not there.');

  const unmark = (words: string) =>
    words.replace(/⟨?U\+([0-9A-F]+)(?: ×(\d+))?⟩?/g, (_all, hex: string, times = '1') =>
      String.fromCodePoint(Number.parseInt(hex, 16)).repeat(Number(times)),
    );
  const read = (node: Node): string => {
    if (node instanceof HTMLElement && node.classList.contains('unseen-mark')) return unmark(node.textContent ?? '');
    if (node.nodeType !== Node.TEXT_NODE) return [...node.childNodes].map(read).join('');
    const words = node.textContent ?? '';
    return words.replace(/⟨U\+[0-9A-F]+(?: ×\d+)?⟩/g, unmark);
  };
  const lines = (diff: Element, kinds: string) =>
    [...diff.querySelectorAll(`.diff-line:is(${kinds}) .diff-text`)].map((line) => {
      const text = read(line);
      return text === '\u00a0' ? '' : text;
    });
  const clips = (element: HTMLElement) =>
    element.scrollWidth > element.clientWidth + 1 || element.scrollHeight > element.clientHeight + 1;
  return {
    text: (question.tool?.input === question.title ? question.title : '') + read(what),
    diffs: [...article.querySelectorAll('.diff')].map((diff) => ({
      before: lines(diff, '.same, .removed'),
      after: lines(diff, '.same, .added'),
    })),
    isAllowOffered: offered(),
    hasNoDetails: article.textContent?.includes('The agent gave no details.') === true,
    clipped: [...article.querySelectorAll<HTMLElement>('pre, .diff-scroll, .diff-text')]
      .filter((element) => element.clientHeight > 0 && clips(element))
      .map(
        ({ className, tagName, scrollWidth, clientWidth }) => `${tagName} ${className} ${scrollWidth}/${clientWidth}`,
      ),
  };
}
