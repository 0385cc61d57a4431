/** The page of version 56aa5b1 as a person uses it. Its words are those of that version: they never change again. */
import { expect, type Locator, type Page } from '@playwright/test';

export class OldPage {
  readonly page: Page;
  /** What went wrong inside the page. */
  readonly problems: string[] = [];

  constructor(page: Page) {
    this.page = page;
    page.on('pageerror', (error) => this.problems.push(`error: ${error.message}`));
    page.on('console', (message) => {
      if (message.type() === 'error' && !message.text().includes('WebSocket connection'))
        this.problems.push(message.text());
    });
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
    await expect(this.page.locator('.status-text').first()).toContainText('Connected · proven');
  }

  /** Resolves when the session can be prompted. */
  async startSession(agent: RegExp, title: string): Promise<void> {
    await this.page.getByRole('button', { name: 'New session' }).click();
    const sheet = this.page.getByRole('dialog');
    await sheet.getByRole('radio', { name: agent }).check();
    await sheet.getByRole('textbox', { name: /^Title/ }).fill(title);
    await sheet.getByRole('button', { name: 'Start session' }).click();
    await expect(this.page.getByRole('heading', { name: title })).toBeVisible();
    await expect(this.promptField).toBeVisible();
  }

  async openSession(title: string): Promise<void> {
    await this.page
      .getByRole('link', { name: new RegExp(title) })
      .first()
      .click();
    await expect(this.page.getByRole('heading', { name: title })).toBeVisible();
  }

  async backToList(): Promise<void> {
    await this.page.getByRole('button', { name: 'Back to the list' }).click();
  }

  get promptField(): Locator {
    return this.page.getByRole('textbox', { name: 'Prompt' });
  }

  async prompt(text: string): Promise<void> {
    await this.promptField.fill(text);
    await this.page.getByRole('button', { name: /^Send/ }).click();
  }

  /** Taps the first button that allows what the agent asks, or denies it. */
  async answer(group: 'Allow' | 'Deny'): Promise<void> {
    const questions = this.page.getByRole('region', { name: 'Waits for your answer' });
    await questions.getByRole('group', { name: group, exact: true }).getByRole('button').first().click();
  }
}
