/** The system's notifications: shown, answered, and taken back when what they are about is over. */
import type { Notification, NotificationConstructorOptions } from 'electron';
import type { Log } from '#lib/log.ts';
import type { Page } from '#preload/contract.ts';
import { type Attention, type HostGlance, type Notice, nextNotices } from './next-notifications.ts';
import type { NotificationAnswer } from './notification-answer.ts';

/**
 * Held at once, so that a click still arrives; the system keeps its own list. One that is closed is held too: on Windows it may only
 * have moved to the Action Center, where it is clicked, or taken back, later.
 */
export const NOTIFICATIONS_MAX = 20;

export interface NotificationsOptions {
  readonly isSupported: () => boolean;
  readonly create: (options: NotificationConstructorOptions) => Notification;
  readonly isEnabled: () => boolean;
  readonly attention: () => Attention;
  readonly open: (page: Page, session: string | null) => void;
  /** The question is answered by one of its options. */
  readonly answer: (answer: NotificationAnswer) => void;
  readonly log: Log;
}

export class Notifications {
  readonly #options: NotificationsOptions;
  readonly #shown = new Map<string, Notification>();
  #scene: HostGlance | null = null;

  constructor(options: NotificationsOptions) {
    this.#options = options;
  }

  /** What is there to be notified of now; the first scene is what a person finds, not news. */
  update(scene: HostGlance): void {
    const before = this.#scene;
    this.#scene = scene;
    if (before === null) return;
    const { show, takeBack } = nextNotices(before, scene, this.#options.attention());
    for (const key of takeBack) this.#close(key);
    if (!this.#options.isEnabled() || !this.#options.isSupported()) return;
    for (const notice of show) this.#show(notice);
  }

  /** The host is gone, and with it what was asked. */
  reset(): void {
    this.#scene = null;
    this.dispose();
  }

  dispose(): void {
    for (const key of [...this.#shown.keys()]) this.#close(key);
  }

  #show(notice: Notice): void {
    const { create, open, answer, log } = this.#options;
    this.#close(notice.key);
    const oldest = this.#shown.keys().next();
    if (this.#shown.size >= NOTIFICATIONS_MAX && !oldest.done) this.#shown.delete(oldest.value);
    const notification = create({
      groupId: notice.group,
      title: notice.title,
      body: notice.body,
      ...(notice.answer !== null && {
        urgency: 'critical' as const,
        actions: [
          { type: 'button', text: 'Allow' },
          { type: 'button', text: 'Deny' },
        ],
      }),
    });
    const forget = () => {
      if (this.#shown.get(notice.key) === notification) this.#shown.delete(notice.key);
    };
    notification.on('click', () => {
      forget();
      open(notice.page, notice.session);
    });
    notification.on('action', ({ actionIndex }) => {
      forget();
      const asked = notice.answer;
      if (asked === null || (actionIndex !== 0 && actionIndex !== 1)) return;
      answer({ ...asked, option: actionIndex === 0 ? asked.allow : asked.deny });
    });
    notification.on('failed', (_event, error) => {
      forget();
      log.warn('A notification could not be shown', { error });
    });
    this.#shown.set(notice.key, notification);
    notification.show();
  }

  #close(key: string): void {
    const notification = this.#shown.get(key);
    this.#shown.delete(key);
    notification?.close();
  }
}
