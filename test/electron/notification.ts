/** `Notification`: shown to the test, which clicks it, takes one of its actions or closes it. */
import { EventEmitter } from 'node:events';
import type { StandInApp } from './app.ts';
import type { DesktopWire } from './desktop-wire.ts';
import { emitDetails, emitEvent } from './electron-event.ts';

type Used = 'title' | 'body' | 'silent' | 'actions' | 'show' | 'close';

export interface NotificationClass extends Pick<typeof Electron.Notification, 'isSupported'> {
  new (options?: Electron.NotificationConstructorOptions): EventEmitter & Pick<Electron.Notification, Used>;
}

/** Apps write `new Notification(…)`, so the class is made for its surroundings once. */
export function createNotificationClass(
  app: StandInApp,
  desktop: DesktopWire,
  isSupported: boolean,
): NotificationClass {
  const shown = new Map<number, StandInNotification>();
  let lastId = 0;

  class StandInNotification extends EventEmitter implements Pick<Electron.Notification, Used> {
    readonly id: string;
    readonly groupId: string;
    title: string;
    body: string;
    silent: boolean;
    actions: Electron.NotificationAction[];
    readonly #number = ++lastId;

    static isSupported(): boolean {
      return isSupported;
    }

    constructor(options: Electron.NotificationConstructorOptions = {}) {
      super();
      app.requireReady('Notification');
      this.id = options.id ?? `notification-${this.#number}`;
      this.groupId = options.groupId ?? '';
      this.title = options.title ?? '';
      this.body = options.body ?? '';
      this.silent = options.silent ?? false;
      this.actions = options.actions ?? [];
    }

    show(): void {
      const { title, body, silent, groupId, actions } = this;
      shown.set(this.#number, this);
      const view = {
        title,
        body,
        isSilent: silent,
        group: groupId,
        actions: actions.map((action) => action.text ?? ''),
      };
      desktop.tell('notification.show', { notification: this.#number, view });
      queueMicrotask(() => emitEvent(this, 'show'));
    }

    /** Takes it away; the app hears of it as of any closing. */
    close(): void {
      if (!shown.delete(this.#number)) return;
      desktop.tell('notification.close', { notification: this.#number });
      queueMicrotask(() => emitDetails(this, 'close', {}));
    }
  }

  desktop.answer('notification.act', ({ notification: id, act }) => {
    const notification = shown.get(id);
    if (!notification) throw new Error('The notification is no longer shown.');
    if (typeof act === 'number' && !notification.actions[act]) throw new Error(`It has no action ${act}.`);
    shown.delete(id);
    desktop.tell('notification.close', { notification: id });
    if (act === 'click') emitEvent(notification, 'click');
    else if (typeof act === 'number') {
      emitDetails(notification, 'action', { actionIndex: act, selectionIndex: -1 }, act, -1);
    }
    emitDetails(notification, 'close', {});
    return null;
  });
  return StandInNotification;
}
