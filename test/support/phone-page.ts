/** The phone's page as a person uses it: by what it says and what can be tapped. */
import { type Browser, type BrowserContext, expect, type Locator, type Page } from '@playwright/test';
import { allowButton } from './read-question.ts';
import { SessionOnScreen } from './session-on-screen.ts';
import type { TerminalHost } from './terminal-host.ts';

export interface PhoneOptions {
  readonly width?: number;
  readonly height?: number;
  readonly colorScheme?: 'light' | 'dark';
}

export class PhonePage extends SessionOnScreen {
  readonly context: BrowserContext;
  /** What went wrong inside the page: errors and refused requests. */
  readonly problems: string[] = [];

  private constructor(page: Page, context: BrowserContext) {
    super(page);
    this.context = context;
    page.on('pageerror', (error) => this.problems.push(`error: ${error.message}`));
    page.on('console', (message) => {
      if (message.type() === 'error' && !message.text().includes('WebSocket connection'))
        this.problems.push(message.text());
    });
  }

  /** A browser profile of its own, as another phone would be. */
  static async open(browser: Browser, options: PhoneOptions = {}): Promise<PhonePage> {
    const context = await browser.newContext({
      viewport: { width: options.width ?? 390, height: options.height ?? 844 },
      colorScheme: options.colorScheme ?? 'light',
    });
    return new PhonePage(await context.newPage(), context);
  }

  /** Opens the link and asks to be paired. Resolves with the six digits shown. */
  async beginPairing(link: string, name: string): Promise<string> {
    await this.page.goto(link);
    await this.page.getByLabel('Name of this device').fill(name);
    await this.page.getByRole('button', { name: 'Connect' }).click();
    const digits = this.page.locator('.digits');
    await expect(digits).toBeVisible();
    return (await digits.innerText()).replaceAll(/\s/g, '');
  }

  async finishPairing(): Promise<void> {
    await this.page.getByRole('button', { name: 'Open sessions' }).click();
    await expect(
      this.page
        .locator('.status-text')
        .getByText(/Connected · proven/)
        .first(),
    ).toBeVisible();
  }

  /** Resolves when the session has begun and can be prompted. */
  async startSession(agent: string | RegExp, title: string): Promise<void> {
    await this.askForSession(agent, title);
    await expect(this.promptField).toBeVisible();
  }

  /** Whether it begins is another matter. */
  async askForSession(agent: string | RegExp, title: string): Promise<void> {
    await this.page.getByRole('button', { name: 'New session' }).click();
    const sheet = this.page.getByRole('dialog');
    await sheet.getByRole('radio', { name: agent }).check();
    await sheet.getByRole('textbox', { name: /^Title/ }).fill(title);
    await sheet.getByRole('button', { name: 'Start session' }).click();
    await expect(this.page.getByRole('heading', { name: title })).toBeVisible();
  }

  async openSession(title: string): Promise<void> {
    await this.page
      .getByRole('link', { name: new RegExp(title) })
      .first()
      .click();
    await expect(this.page.getByRole('heading', { name: title })).toBeVisible();
  }

  /** Allows in the list of sessions, where the oldest question of all comes first. */
  async allowFromList(): Promise<void> {
    const asked = this.page.getByRole('region', { name: /^Needs you/ });
    await (await allowButton(asked)).click();
  }

  /** From a session to the list, where the whole status is on view. */
  async backToList(): Promise<void> {
    await this.page.getByRole('button', { name: 'Back to the list' }).click();
    await expect(this.status).toBeVisible();
  }

  get status(): Locator {
    return this.page.locator('.status-text').first();
  }

  async close(): Promise<void> {
    await this.context.close();
  }
}

/** Pairs a browser with a host in a terminal: opens the link, compares the digits on both sides, presses the key. */
export async function pairWithTerminal(
  phone: Pick<PhonePage, 'beginPairing' | 'finishPairing'>,
  host: TerminalHost,
  name: string,
  key: 'a' | 's' | 'w' = 'a',
): Promise<void> {
  const link = (await host.untilPrinted(/https?:\/\/\S+\/p#\S+/g, lastLinkAt(host)))[0];
  const from = host.output().length;
  const digits = await phone.beginPairing(link, name);
  const [, first, second] = await host.untilPrinted(/digits:\s+(\d{3}) (\d{3})/, from);
  expect(`${first}${second}`).toBe(digits);
  host.press(key);
  await phone.finishPairing().catch((error) => {
    throw new Error(`Pairing did not finish. The host printed:\n${host.output()}`, { cause: error });
  });
}

/** Where the newest pairing link begins in what the host printed; earlier ones may be used up. */
function lastLinkAt(host: TerminalHost): number {
  return Math.max(0, ...[...host.output().matchAll(/https?:\/\/\S+\/p#/g)].map((match) => match.index));
}

/** Presses `p` and waits for the code; one is shown by itself only while no device is paired. */
export async function showNewCode(host: TerminalHost): Promise<void> {
  const from = host.output().length;
  host.press('p');
  await host.untilPrinted(/\/p#/, from);
}
