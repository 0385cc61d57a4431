/** Runs tasks one after another, in the order they were given. */
export class SerialQueue {
  #last: Promise<unknown> = Promise.resolve();

  /** The task's own result or failure; a failure does not stop those that follow. */
  run<T>(task: () => Promise<T> | T): Promise<T> {
    const result = this.#last.then(task);
    this.#last = result.catch(() => {});
    return result;
  }
}
