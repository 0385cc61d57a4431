/** For waiting until something holds, without asking again and again: who changes it calls `look`. */

const WAIT_MAX_MS = 15_000;

export class Watched {
  readonly #looks = new Set<() => void>();

  /** Those who wait look again. */
  look(): void {
    for (const look of [...this.#looks]) look();
  }

  /** Resolves once `condition` holds. Rejects, naming `what`, if that takes too long. */
  async until(what: string, condition: () => boolean, timeoutMs = WAIT_MAX_MS): Promise<void> {
    if (condition()) return;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const look = () => {
      if (condition()) resolve();
    };
    const timer = setTimeout(() => reject(new Error(`Waited in vain for ${what}.`)), timeoutMs);
    this.#looks.add(look);
    await promise.finally(() => {
      clearTimeout(timer);
      this.#looks.delete(look);
    });
  }
}
