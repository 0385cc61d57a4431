/** How long single turns of the event loop keep the processor. Time in which the machine did something else does not count. */
export class TurnWatch {
  #isOver = false;
  #turns = 0;
  #longestMs = 0;

  /** Runs `meanwhile` in every turn until the work is done. */
  async during(
    work: Promise<unknown>,
    meanwhile: () => void = () => {},
  ): Promise<{ turns: number; longestMs: number }> {
    const done = work.finally(() => {
      this.#isOver = true;
    });
    let before = spentMs();
    while (!this.#isOver) {
      await new Promise((resolve) => setImmediate(resolve));
      const now = spentMs();
      this.#longestMs = Math.max(this.#longestMs, now - before);
      this.#turns += 1;
      meanwhile();
      before = spentMs();
    }
    await done;
    return { turns: this.#turns, longestMs: this.#longestMs };
  }
}

function spentMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}
