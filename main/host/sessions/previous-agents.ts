/** Agents of one session that are on their way out. */
export class PreviousAgents {
  #gone: Promise<unknown> = Promise.resolve();

  /** One more that has to be gone; `gone` settles when it is. */
  add(gone: Promise<unknown>): void {
    this.#gone = Promise.allSettled([this.#gone, gone]);
  }

  /** Resolves when all are gone that were added before. */
  async gone(): Promise<void> {
    await this.#gone;
  }
}
