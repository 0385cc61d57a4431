import { expect } from '@playwright/test';
import { SESSION } from '../gallery/fixture-state.ts';
import { firstVisible, settled } from './feed-places.ts';
import { FRONT_ENDS, onHost, test } from './gallery-page.ts';

for (const frontEnd of FRONT_ENDS) {
  test.describe(`in the ${frontEnd}`, () => {
    test.use({ frontEnd });

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
          }).observe(document.querySelector('.feed') as Element, {
            subtree: true,
            childList: true,
            characterData: true,
          });
        });
        for (let word = 1; word <= 40; word += 1) {
          await page.evaluate(
            ([session, text]) => {
              window.host.log(session as string).streaming.value = [
                { id: 'live', role: 'message', text: text as string },
              ];
            },
            [SESSION, Array.from({ length: word + 1 }, (_, index) => `Word ${index}\n\n`).join('')],
          );
        }
        await expect(page.getByText('Word 40', { exact: true })).toBeInViewport();
        expect(await page.evaluate(() => (window as unknown as { touched: { others: number } }).touched)).toEqual({
          others: 0,
        });
      });

      test('lets go of its end at the smallest scroll up, also while text streams', async ({
        gallery: { page, open },
      }) => {
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

    test('a message runs in the direction of its words, says where a link leads, and is plain where Markdown fails', async ({
      gallery: { page, open },
    }) => {
      await open('session');
      const deep = `${'>'.repeat(5_000)} deep`;
      await page.evaluate(
        ([session, nested]) => {
          window.host.log(session as string).append(
            { kind: 'message', body: { id: 'rtl', text: 'هذا `code()` سطر.\n\nPlain English.\n\n- بند' } },
            { kind: 'message', body: { id: 'link', text: 'See [https://bank.example](https://evil.example/x).' } },
            {
              kind: 'message',
              body: { id: 'link2', text: '[https://a.example/evil.example](https://evil.example)' },
            },
            { kind: 'message', body: { id: 'link3', text: 'Plain https://good.example/x' } },
            { kind: 'message', body: { id: 'deep', text: nested as string } },
          );
        },
        [SESSION, deep],
      );
      const direction = (text: string | RegExp) =>
        page
          .locator('.row-message')
          .getByText(text)
          .last()
          .evaluate((element) => getComputedStyle(element).direction);
      expect(await direction(/هذا/)).toBe('rtl');
      expect(await direction('Plain English.')).toBe('ltr');
      expect(await direction('بند')).toBe('rtl');
      expect(await direction('code()')).toBe('ltr');
      for (const name of [
        'https://bank.example (evil.example)',
        'https://a.example/evil.example (evil.example)',
        'https://good.example/x',
      ])
        await expect(page.getByRole('link', { name, exact: true })).toBeVisible();
      await expect(page.locator('.row-message .plain-text').last()).toHaveText(deep);
    });

    test('lets go of its end too if rows are drawn where somebody scrolled to before it hears of that', async ({
      gallery: { page, open },
    }) => {
      await open('session-paged');
      await onHost(page, (host, session) => host.log(session).holdOlder());
      await settled(page);
      await page.evaluate(async () => {
        const feed = document.querySelector('.feed') as Element;
        // A while after a scroll the virtualizer looks by itself where the list is, and draws the rows that belong there.
        feed.dispatchEvent(new Event('scroll'));
        const until = performance.now() + 300;
        while (performance.now() < until);
        feed.scrollTop = 900;
      });
      await expect(page.getByText('Loading older messages')).toBeVisible();
      await settled(page);
      await expect(page.getByText('Loading older messages')).toBeVisible();
    });

    // The page hears of a scroll a frame later: rows may be drawn, and the list grow shorter, in between.
    for (const [change, texts] of [
      ['a row comes', [{ id: 'live', role: 'message', text: 'Late text' }]],
      ['a row goes', []],
    ] as const) {
      for (const order of ['before', 'after'] as const) {
        test(`lets go of its end too if ${change} ${order} the scroll up within one frame`, async ({
          gallery: { page, open },
        }) => {
          await open('session-long');
          await expect(page.getByRole('feed').getByText('All 13 tests pass.').last()).toBeInViewport();
          if (change === 'a row goes') {
            await onHost(page, (host, session) => {
              host.log(session).streaming.value = [{ id: 'live', role: 'message', text: 'Early text' }];
            });
            await expect(page.getByText('Early text')).toBeInViewport();
          }
          await settled(page);
          const done = await page.evaluate(
            async ([session, pieces, isChangeFirst]) => {
              const feed = document.querySelector('.feed') as Element;
              const change = async () => {
                window.host.log(session).streaming.value = pieces;
                // Drawings are microtasks: this one is done before the task ends.
                for (let turn = 0; turn < 20; turn += 1) await null;
              };
              const height = feed.scrollHeight;
              if (isChangeFirst) await change();
              const from = feed.scrollTop;
              feed.scrollTop -= 900;
              const scrolled = from - feed.scrollTop;
              if (!isChangeFirst) await change();
              return { scrolled, isChanged: feed.scrollHeight !== height };
            },
            [SESSION, [...texts], order === 'before'] as const,
          );
          expect(done).toEqual({ scrolled: 900, isChanged: true });
          const toEnd = page.getByRole('button', { name: /^(To the end|New messages)$/ });
          await expect(toEnd).toBeVisible();
          await settled(page);
          await expect(toEnd).toBeVisible();
        });
      }
    }
  });
}
