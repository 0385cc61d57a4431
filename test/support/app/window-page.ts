/** The tray window as a person uses it: by what it says and what can be clicked. */
import { expect, type Locator, type Page } from '@playwright/test';
import type { PhonePage } from '../phone-page.ts';
import { SessionOnScreen } from '../session-on-screen.ts';
import { readQr } from './qr-reader.ts';

export type PageName = 'Sessions' | 'Pair' | 'Devices' | 'Settings' | 'Activity';

export class WindowPage extends SessionOnScreen {
  async show(name: PageName): Promise<void> {
    const tab = this.page.getByRole('tab', { name: new RegExp(`^${name}`) });
    await tab.click();
    await expect(tab).toHaveAttribute('aria-selected', 'true');
  }

  get status(): Locator {
    return this.page.getByRole('region', { name: 'Status' }).locator('.status-text');
  }

  get remoteSwitch(): Locator {
    return this.page.getByRole('switch', { name: 'Remote control for all sessions' });
  }

  /** Item of a session in the list. */
  session(title: string): Locator {
    const titled = this.page.locator('.session-title', { hasText: new RegExp(`^${title}$`) });
    return this.page.locator('.session-item', { has: titled });
  }

  /** Opens a session from the list; its pane. */
  async openSession(title: string): Promise<Locator> {
    const back = this.page.getByRole('button', { name: 'Back to the list' });
    if (await back.isVisible()) await back.click();
    await this.session(title).getByRole('link').click();
    const pane = this.page.getByRole('region', { name: 'Session', exact: true });
    await expect(pane.getByRole('heading', { name: title, level: 1 })).toBeVisible();
    return pane;
  }

  /** The menu of the session that is open. */
  async openSessionMenu(): Promise<Locator> {
    await this.page.getByRole('button', { name: 'Session menu' }).click();
    const sheet = this.page.getByRole('dialog');
    await expect(sheet).toBeVisible();
    return sheet;
  }

  async startSession(agent: string | RegExp, title: string): Promise<void> {
    await this.show('Sessions');
    await this.page.getByRole('button', { name: 'New session' }).click();
    const sheet = this.page.getByRole('dialog');
    await sheet.getByRole('radio', { name: agent }).check();
    await sheet.getByRole('group', { name: 'Folder' }).getByRole('radio').first().check();
    await sheet.getByRole('textbox', { name: /^Title/ }).fill(title);
    await sheet.getByRole('button', { name: 'Start session' }).click();
    await expect(this.session(title)).toContainText('Idle');
  }

  /** The link in the code that is on the screen now; waits until one can be read. */
  async pairingLink(canvas: Page): Promise<string> {
    await this.show('Pair');
    await expect(this.page.getByRole('img', { name: /^Pairing code/ })).toBeVisible();
    const link = await readQr(this.page, canvas);
    if (link === null) throw new Error('The pairing code cannot be read from the screen.');
    return link;
  }

  /** The card of a device that asks to be paired. */
  request(name: string): Locator {
    return this.page.getByRole('article', { name: new RegExp(name) });
  }

  /** The six digits on that card. */
  async digits(name: string): Promise<string> {
    return (await this.request(name).locator('.digits').innerText()).replaceAll(/\s/g, '');
  }

  /** Scans the code, compares the digits on both sides, allows. */
  async pair(phone: PhonePage, name: string, scope = 'Everything'): Promise<void> {
    const digits = await phone.beginPairing(await this.pairingLink(phone.page), name);
    await expect(this.request(name)).toBeVisible();
    expect(await this.digits(name)).toBe(digits);
    await this.request(name).getByRole('radio', { name: scope }).check();
    await this.request(name).getByRole('button', { name: 'The digits are the same: Allow' }).click();
    await phone.finishPairing();
  }
}
