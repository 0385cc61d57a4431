/** What a desktop shows a person besides windows, and what the person answers: boxes, file dialogs, notifications, the clipboard. */
import type { MessageBoxView, NotificationView } from '#test/electron/messages.ts';
import type { ShownNotification } from './app.ts';

/** Questions and answers in the order in which they come; either may be there first. */
class Answers<Value> {
  readonly #given: Value[] = [];
  readonly #waiting: ((value: Value) => void)[] = [];

  give(value: Value): void {
    const waiting = this.#waiting.shift();
    if (waiting) waiting(value);
    else this.#given.push(value);
  }

  take(): Promise<Value> {
    const given = this.#given.shift();
    if (given !== undefined) return Promise.resolve(given);
    const { promise, resolve } = Promise.withResolvers<Value>();
    this.#waiting.push(resolve);
    return promise;
  }

  get isWaiting(): boolean {
    return this.#waiting.length > 0;
  }
}

const QUIT_BUTTON = /^Quit/;

export class DesktopState {
  readonly messageBoxes: MessageBoxView[] = [];
  readonly openDialogs = new Answers<readonly string[] | null>();
  readonly saveDialogs = new Answers<string | null>();
  readonly opened: string[] = [];
  clipboard: string | null = null;
  readonly #boxes = new Answers<number>();
  readonly #notifications = new Map<number, { view: NotificationView; isShown: boolean }>();
  #isLeaving = false;

  async askInBox(view: MessageBoxView): Promise<number> {
    this.messageBoxes.push(view);
    if (this.#isLeaving) this.#leaveBox();
    return await this.#boxes.take();
  }

  answerBox(button: number): void {
    this.#boxes.give(button);
  }

  /** From now on every box is answered with its Quit. */
  leave(): void {
    this.#isLeaving = true;
    if (this.#boxes.isWaiting) this.#leaveBox();
  }

  showNotification(number: number, view: NotificationView): void {
    this.#notifications.set(number, { view, isShown: true });
  }

  closeNotification(number: number): void {
    const notification = this.#notifications.get(number);
    if (notification) notification.isShown = false;
  }

  notifications(): ShownNotification[] {
    return [...this.#notifications.values()].map(({ view, isShown }) => ({ ...view, isShown }));
  }

  /** The number of the notification that was shown as the `index`th. */
  numberOf(index: number): number {
    const number = [...this.#notifications.keys()][index];
    if (number === undefined) throw new Error(`There are only ${this.#notifications.size} notifications.`);
    return number;
  }

  #leaveBox(): void {
    const quit = this.messageBoxes.at(-1)?.buttons.findIndex((label) => QUIT_BUTTON.test(label)) ?? -1;
    this.#boxes.give(Math.max(quit, 0));
  }
}
