import { expect, type Page } from '@playwright/test';
import type { FixtureHost } from '../gallery/fixture-host.ts';
import { SESSION } from '../gallery/fixture-state.ts';
import { scenes } from '../gallery/scenes.ts';
import { test } from './gallery-page.ts';

const PHONE = { width: 390, height: 844 };

/** The made-up computer behind the screens. */
async function onHost<T>(page: Page, act: (host: FixtureHost, session: string) => T): Promise<T> {
  return page.evaluate(`(${act.toString()})(window.gallery.hosts.value[0], ${JSON.stringify(SESSION)})`) as Promise<T>;
}

test.use({ viewport: PHONE });

test.describe('answering a question', () => {
  test('shows how far the answer has come, takes no second one, and the agent gets the option by its id', async ({
    gallery: { page, open },
  }) => {
    await open('session-approval');
    const questions = page.getByRole('region', { name: 'Waits for your answer' });
    await questions.getByRole('group', { name: 'Allow' }).getByRole('button').first().click();
    await expect(questions.getByText('sending')).toBeVisible();
    await expect(questions.getByRole('button', { name: /Allow|Deny/ })).toHaveCount(0);
    expect(await onHost(page, (host) => host.calls.value)).toEqual([
      { call: 'answer', detail: { approval: 'ap-edit', option: 'once' } },
    ]);
    await onHost(page, (host) => host.receive(host.outbox.value[0]?.id ?? '', 'accepted'));
    await expect(questions.getByText('on your computer')).toBeVisible();
    await onHost(page, (host) => host.receive(host.outbox.value[0]?.id ?? '', 'applied'));
    await expect(questions.getByText('the agent has it')).toBeVisible();
  });

  test('with a denial can say why, and the words travel with it', async ({ gallery: { page, open } }) => {
    await open('session-approval');
    await page.getByRole('button', { name: 'Deny and say why' }).click();
    const send = page.getByRole('button', { name: 'Deny and say why' });
    await expect(send).toBeDisabled();
    await page.getByRole('textbox', { name: 'What should it do instead?' }).fill(' Keep the name. ');
    await send.click();
    expect(await onHost(page, (host) => host.calls.value)).toEqual([
      { call: 'answer', detail: { approval: 'ap-edit', option: 'no', note: 'Keep the name.' } },
    ]);
  });

  test('elsewhere takes the buttons away and says where', async ({ gallery: { page, open } }) => {
    await open('session-approval');
    await expect(page.getByRole('group', { name: 'Allow' })).toBeVisible();
    await onHost(page, (host, session) => {
      const by = { device: 'other', name: 'iPad in the kitchen' };
      host.log(session).append({
        kind: 'approval.answered',
        body: { approval: 'ap-edit', option: { id: 'once', name: 'Allow', kind: 'allow_once' }, by },
      });
      const state = host.state.value;
      if (state) host.state.value = { ...state, approvals: [] };
    });
    await expect(
      page.getByRole('region', { name: 'Waits for your answer' }).getByText('Answered on iPad in the kitchen: Allow'),
    ).toBeVisible();
    await expect(page.getByRole('group', { name: 'Allow' })).toHaveCount(0);
  });

  test('is not offered to a device that may only watch, nor to one whose access was revoked', async ({
    gallery: { page, open },
  }) => {
    await open('session-watch');
    await expect(page.getByText('This device may only watch. Answer on the computer')).toBeVisible();
    await expect(page.getByRole('group', { name: 'Allow' })).toHaveCount(0);
    await expect(page.getByRole('textbox', { name: 'Prompt' })).toHaveCount(0);
    await open('home-revoked');
    await expect(page.getByText('It cannot be answered from here now.').first()).toBeVisible();
    await expect(page.getByRole('group', { name: 'Allow' })).toHaveCount(0);
  });

  test('has large buttons, allow and deny well apart', async ({ gallery: { page, open } }) => {
    await open('session-approval');
    const allow = await page.getByRole('group', { name: 'Allow' }).getByRole('button').all();
    const deny = await page.getByRole('group', { name: 'Deny' }).getByRole('button').all();
    const boxes = async (buttons: typeof allow) =>
      Promise.all(buttons.map(async (button) => (await button.boundingBox()) ?? { y: 0, height: 0 }));
    const [allowed, denied] = [await boxes(allow), await boxes(deny)];
    for (const box of [...allowed, ...denied]) expect(box.height).toBeGreaterThanOrEqual(48);
    const lowestAllow = Math.max(...allowed.map(({ y, height }) => y + height));
    expect(Math.min(...denied.map(({ y }) => y)) - lowestAllow).toBeGreaterThanOrEqual(24);
  });

  test('is possible from the list, and a new question is announced to those who do not see it', async ({
    gallery: { page, open },
  }) => {
    await open('home');
    const card = page.getByRole('article', { name: 'Run a command in checkout' });
    await expect(card.getByText('rm -rf dist && npm run build')).toBeVisible();
    await card.getByRole('button', { name: 'No', exact: true }).click();
    await expect(card.getByText('sending')).toBeVisible();
    await onHost(page, (host) => {
      const state = host.state.value;
      const [first] = state?.approvals ?? [];
      if (state && first)
        host.state.value = {
          ...state,
          approvals: [...state.approvals, { ...first, approval: 'new', title: 'Fetch a page' }],
        };
    });
    await expect(page.getByRole('status').filter({ hasText: 'Needs your answer: Fetch a page' })).toBeAttached();
  });
});

test.describe('writing', () => {
  test('Enter sends, Shift+Enter breaks the line, and the prompt shows its receipt', async ({
    gallery: { page, open },
  }) => {
    await open('session');
    const field = page.getByRole('textbox', { name: 'Prompt' });
    await field.fill('one');
    await field.press('Shift+Enter');
    await field.pressSequentially('two');
    await field.press('Enter');
    await expect(field).toHaveValue('');
    const feed = page.getByRole('feed');
    await expect(feed.getByText('one\ntwo')).toBeVisible();
    await expect(feed.getByText('sending')).toBeVisible();
    const id = await onHost(page, (host) => host.outbox.value[0]?.id ?? '');
    await page.evaluate(
      ([session, command]) => {
        const host = window.gallery.hosts.value[0];
        host?.receive(command as string, 'accepted');
        host?.log(session as string).append({
          kind: 'prompt',
          body: { command: command as string, text: 'one\ntwo', by: { device: 'd', name: 'This phone' } },
        });
      },
      [SESSION, id],
    );
    await expect(feed.getByText('on your computer')).toBeVisible();
    await page.evaluate(
      ([session, command]) => {
        const log = window.gallery.hosts.value[0]?.log(session as string);
        log?.append(
          { kind: 'turn.started', body: { command: command as string } },
          { kind: 'turn.acknowledged', body: { command: command as string } },
        );
      },
      [SESSION, id],
    );
    await expect(feed.getByText('the agent has it').last()).toBeVisible();
    await expect(feed.getByText('one\ntwo')).toHaveCount(1);
  });

  test('a draft outlives leaving the session', async ({ gallery: { page, open } }) => {
    await open('session');
    await page.getByRole('textbox', { name: 'Prompt' }).fill('half a thought');
    await page.getByRole('button', { name: 'Back to the list' }).click();
    await page
      .getByRole('link', { name: /Back off when the relay is away/ })
      .first()
      .click();
    await expect(page.getByRole('textbox', { name: 'Prompt' })).toHaveValue('half a thought');
  });

  test('a refused prompt says why and comes back into the field', async ({ gallery: { page, open } }) => {
    await open('session-receipts');
    await expect(page.getByText('32 prompts wait already.')).toBeVisible();
    await page.getByRole('button', { name: 'Edit and resend' }).click();
    await expect(page.getByRole('textbox', { name: 'Prompt' })).toHaveValue('Far too many prompts');
    await expect(page.getByText('32 prompts wait already.')).toHaveCount(0);
  });

  test('a prompt that waits can be taken back', async ({ gallery: { page, open } }) => {
    await open('session-offline');
    await expect(page.getByText('waiting for connection')).toBeVisible();
    await page.getByRole('button', { name: 'Take back' }).click();
    await expect(page.getByText('waiting for connection')).toHaveCount(0);
    expect(await onHost(page, (host) => host.calls.value)).toEqual([{ call: 'withdraw', detail: 'q9' }]);
  });

  test('an uncertain prompt runs again only when a person says so', async ({ gallery: { page, open } }) => {
    await open('session-uncertain');
    await page.getByRole('button', { name: 'Run again' }).click();
    expect(await onHost(page, (host) => host.calls.value)).toEqual([
      { call: 'prompt.resolve', detail: { command: 'c1', decision: 'run-again' } },
    ]);
    await expect(page.getByRole('button', { name: 'Leave it' })).toHaveCount(0);
  });

  test('the turn can be stopped, once', async ({ gallery: { page, open } }) => {
    await open('session-working');
    await page.getByRole('button', { name: 'Stop the agent' }).click();
    await expect(page.getByRole('button', { name: 'Stopping' })).toBeDisabled();
    expect(await onHost(page, (host) => host.calls.value.map(({ call }) => call))).toEqual(['cancel']);
  });
});

test.describe('a session of 10,000 events', () => {
  test('opens at its end with few rows in the page, and scrolls to its beginning', async ({
    gallery: { page, open },
  }) => {
    await open('session-long');
    const feed = page.getByRole('feed');
    await expect(feed.getByText('All 13 tests pass.').last()).toBeInViewport();
    expect(await feed.getByRole('article').count()).toBeLessThan(60);
    await feed.evaluate((element) => element.scrollTo(0, 0));
    await expect(feed.getByText('Prompt number 1:')).toBeInViewport();
    await page.getByRole('button', { name: 'To the end' }).click();
    await expect(feed.getByText('All 13 tests pass.').last()).toBeInViewport();
  });

  test('stays at its end while text streams, and touches no other row', async ({ gallery: { page, open } }) => {
    await open('session-long');
    await onHost(page, (host, session) => {
      host.log(session).streaming.value = [{ id: 'live', role: 'message', text: 'Word 0' }];
    });
    const row = page.getByRole('article').filter({ hasText: 'Word 0' });
    await expect(row).toBeInViewport();
    await page.evaluate(() => {
      const streaming = [...document.querySelectorAll('.feed-row')].find((element) =>
        element.textContent?.includes('Word 0'),
      );
      const touched = { others: 0 };
      (window as unknown as { touched: typeof touched }).touched = touched;
      new MutationObserver((records) => {
        for (const { target } of records) {
          const inside = target instanceof Node && target.parentElement?.closest('.feed-row');
          if (inside && inside !== streaming) touched.others += 1;
        }
      }).observe(document.querySelector('.feed') as Element, { subtree: true, childList: true, characterData: true });
    });
    for (let word = 1; word <= 40; word += 1) {
      await page.evaluate(
        ([session, text]) => {
          const log = window.gallery.hosts.value[0]?.log(session as string);
          if (log) log.streaming.value = [{ id: 'live', role: 'message', text: text as string }];
        },
        [SESSION, Array.from({ length: word + 1 }, (_, index) => `Word ${index}\n\n`).join('')],
      );
    }
    await expect(page.getByText('Word 40', { exact: true })).toBeInViewport();
    expect(await page.evaluate(() => (window as unknown as { touched: { others: number } }).touched)).toEqual({
      others: 0,
    });
  });

  test('lets go of its end at the smallest scroll up, also while text streams', async ({ gallery: { page, open } }) => {
    await open('session-long');
    const feed = page.getByRole('feed');
    await settled(page);
    await feed.hover();
    await page.mouse.wheel(0, -12);
    await page.waitForFunction(() => {
      const element = document.querySelector('.feed');
      return element !== null && element.scrollHeight - element.clientHeight - element.scrollTop > 4;
    });
    const top = await feed.evaluate((element) => element.scrollTop);
    await onHost(page, (host, session) => {
      host.log(session).streaming.value = [{ id: 'live', role: 'message', text: 'One\n\nTwo\n\nThree' }];
    });
    await expect(page.getByText('Three')).toBeAttached();
    await settled(page);
    expect(await feed.evaluate((element) => element.scrollTop)).toBe(top);
  });

  test('does not move under somebody who reads further up, and says that there is more', async ({
    gallery: { page, open },
  }) => {
    await open('session-long');
    const feed = page.getByRole('feed');
    await feed.hover();
    await page.mouse.wheel(0, -3000);
    await expect(page.getByRole('button', { name: 'To the end' })).toBeVisible();
    await settled(page);
    const before = await firstVisible(page);
    await onHost(page, (host, session) =>
      host.log(session).append({ kind: 'message', body: { id: 'fresh', text: 'A fresh message' } }),
    );
    await expect(page.getByRole('button', { name: 'New messages' })).toBeVisible();
    expect(await firstVisible(page)).toEqual(before);
    await page.getByRole('button', { name: 'New messages' }).click();
    await expect(page.getByText('A fresh message')).toBeInViewport();
  });
});

/** Waits until two frames in a row show the same rows at the same places. */
async function settled(page: Page): Promise<void> {
  await page.waitForFunction(() => {
    const state = window as unknown as { lastPlaces?: string };
    const places = [...document.querySelectorAll('.feed-row')]
      .map((row) => Math.round(row.getBoundingClientRect().top))
      .join();
    const isSame = state.lastPlaces === places;
    state.lastPlaces = places;
    return isSame;
  });
}

/** What stands first in view, and how far from the top. */
async function firstVisible(page: Page): Promise<{ text: string; top: number }> {
  return page.evaluate(() => {
    const top = document.querySelector('.feed')?.getBoundingClientRect().top ?? 0;
    const row = [...document.querySelectorAll('.feed-row')].find(
      (element) => element.getBoundingClientRect().bottom > top + 1,
    );
    return { text: row?.textContent ?? '', top: Math.round((row?.getBoundingClientRect().top ?? 0) - top) };
  });
}

test('older events come in front without moving what is being read', async ({ gallery: { page, open } }) => {
  await open('session-paged');
  await onHost(page, (host, session) => host.log(session).holdOlder());
  await page.getByRole('feed').evaluate((element) => element.scrollTo(0, 900));
  await expect(page.getByText('Loading older messages')).toBeVisible();
  await settled(page);
  const before = await firstVisible(page);
  await onHost(page, (host, session) => host.log(session).releaseOlder());
  await expect(page.getByText('Loading older messages')).toHaveCount(0);
  await settled(page);
  expect(await onHost(page, (host, session) => host.log(session).events.value.length)).toBe(400);
  expect(await firstVisible(page)).toEqual(before);
});

test('an agent’s Markdown brings no script, no picture and no clothes of the page, and its links leave safely', async ({
  gallery: { page, open },
}) => {
  await open('session-wide');
  const message = page.locator('.row-message').first();
  await page.getByRole('feed').evaluate((element) => element.scrollTo(0, 0));
  await expect(message.getByRole('heading', { name: 'Heading' })).toBeAttached();
  await expect(message.locator('script, img, iframe, style, .update-bar')).toHaveCount(0);
  const odd = message.getByText('odd link');
  expect(await odd.getAttribute('href')).toBeNull();
  await expect(message.getByRole('checkbox')).toHaveCount(2);
  await open('session');
  const link = page.getByRole('link', { name: 'close codes' });
  expect(await link.evaluate((element: HTMLAnchorElement) => [element.rel, element.target])).toEqual([
    'noopener noreferrer',
    '_blank',
  ]);
});

test.describe('dialogs', () => {
  test('close with Escape and give the focus back', async ({ gallery: { page, open } }) => {
    await open('session');
    const opener = page.getByRole('button', { name: /^Studio: Connected/ });
    await opener.focus();
    await page.keyboard.press('Enter');
    await expect(page.getByRole('dialog', { name: 'Studio' })).toBeVisible();
    await expect(page.getByText('4f1c09ab27de')).toBeVisible();
    for (let press = 0; press < 6; press += 1) await page.keyboard.press('Tab');
    expect(
      await page.evaluate(
        () => document.activeElement === document.body || document.activeElement?.closest('dialog') !== null,
      ),
    ).toBe(true);
    await page.keyboard.press('Escape');
    await expect(page.getByRole('dialog')).toHaveCount(0);
    await expect(opener).toBeFocused();
  });

  test('forgetting a computer asks first', async ({ gallery: { page, open } }) => {
    await open('home');
    await page.getByRole('button', { name: /Connected · proven/ }).click();
    await page.getByRole('button', { name: 'Forget this computer' }).click();
    expect(await onHost(page, (host) => host.calls.value)).toEqual([]);
    await page.getByRole('button', { name: 'Forget Studio' }).click();
    await expect(page.getByRole('dialog')).toHaveCount(0);
    expect(await onHost(page, (host) => host.calls.value.map(({ call }) => call))).toEqual(['forget']);
  });

  test('a new session is started in a typed folder and opened at once', async ({ gallery: { page, open } }) => {
    await open('home');
    await page.getByRole('button', { name: 'New session' }).click();
    const sheet = page.getByRole('dialog', { name: 'New session' });
    await sheet.getByRole('radio', { name: 'Codex' }).check();
    await sheet.getByRole('radio', { name: 'Another folder' }).check();
    await expect(sheet.getByRole('button', { name: 'Start session' })).toBeDisabled();
    await sheet.getByRole('textbox', { name: /^Path/ }).fill('/srv/site');
    await sheet.getByRole('button', { name: 'Start session' }).click();
    await expect(page).toHaveURL(/\/s\/studio\/[0-9a-f-]{36}$/);
    await expect(page.getByText('Starting a session')).toBeVisible();
    expect(await onHost(page, (host) => host.calls.value)).toEqual([
      { call: 'session.new', detail: { agent: 'codex', folder: '/srv/site' } },
    ]);
    await page.goBack();
    await expect(page.getByRole('heading', { name: 'Studio' })).toBeVisible();
  });

  test('agents that are missing say how to install them', async ({ gallery: { page, open } }) => {
    await open('no-agents');
    await page.getByRole('button', { name: 'New session' }).click();
    await expect(page.getByText('No agent was found on Studio.')).toBeVisible();
    await expect(page.getByText('npm install -g opencode-ai@1.18.33')).toBeVisible();
  });
});

test('what is not proven is marked with its age', async ({ gallery: { page, open } }) => {
  await open('home-offline');
  await expect(page.getByText(/This device is offline since/)).toBeVisible();
  await expect(page.getByText('What follows is as of 12 min ago')).toBeVisible();
  await open('home');
  await expect(page.getByText(/Connected · proven \d+ s ago · 38 ms/)).toBeVisible();
  await expect(page.getByText(/What follows is as of/)).toHaveCount(0);
});

test('a wide screen shows the list beside the session, and asks each question once', async ({
  gallery: { page, open },
}) => {
  await page.setViewportSize({ width: 1200, height: 800 });
  await open('session-approval');
  await expect(page.getByRole('heading', { name: 'Studio' })).toBeVisible();
  await expect(page.getByRole('feed')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Allow', exact: true })).toHaveCount(1);
});

for (const colorScheme of ['light', 'dark'] as const) {
  test(`every scene fits 360 pixels, has names and large targets, and can be read in the ${colorScheme}`, async ({
    gallery: { page, open },
  }) => {
    await page.setViewportSize({ width: 360, height: 740 });
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    for (const name of [...Object.keys(scenes), 'failed']) {
      await open(name);
      expect.soft(await page.evaluate(inspect), name).toEqual([]);
    }
  });
}

/** Runs in the page. Everything that is wrong with what is visible. */
function inspect(): string[] {
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
