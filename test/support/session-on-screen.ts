/** The session that is open, in the window or on the phone: one screen, used in the same way in both. */
import type { Locator, Page } from '@playwright/test';
import { allowButton } from './read-question.ts';

export class SessionOnScreen {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  /** Title and state. */
  get head(): Locator {
    return this.page.locator('.session-head');
  }

  get feed(): Locator {
    return this.page.getByRole('feed', { name: 'Conversation' });
  }

  get promptField(): Locator {
    return this.page.getByRole('textbox', { name: 'Prompt' });
  }

  /** What the agent of the session asks. */
  get questions(): Locator {
    return this.page.getByRole('region', { name: 'Waits for your answer' });
  }

  async prompt(text: string): Promise<void> {
    await this.promptField.fill(text);
    await this.page.getByRole('button', { name: /^Send/ }).click();
  }

  async stop(): Promise<void> {
    await this.page.getByRole('button', { name: 'Stop the agent' }).click();
  }

  /** Reads the first question, then allows it by its first button. */
  async allow(): Promise<void> {
    await (await allowButton(this.questions)).click();
  }

  async denyBecause(note: string): Promise<void> {
    await this.questions.getByRole('button', { name: 'Deny and say why' }).click();
    await this.questions.getByRole('textbox').fill(note);
    await this.questions.getByRole('button', { name: /and say why/ }).click();
  }
}
