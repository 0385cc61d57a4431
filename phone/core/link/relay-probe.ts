/** While the host does not answer, asks the relay, so that the screens can say who is silent. */
import type { Silent } from '#ui/host-client.ts';
import type { Disposer, Environment } from '../environment.ts';
import { HOST_SILENT_AFTER_MS, PROBE_INTERVAL_MS } from '../limits.ts';

/** An answer older than this says nothing of the relay now: two questions after it were left unanswered. */
const ANSWER_HOLDS_MS = 2 * PROBE_INTERVAL_MS + PROBE_INTERVAL_MS / 2;

export class RelayProbe {
  readonly #environment: Environment;
  readonly #ping: () => boolean;
  #stopTimer: Disposer = () => {};
  /** Whether the relay is one that answers such questions. */
  #isAsked = false;
  #answer: { at: number; hostSilentMs: number | null } | null = null;

  /** `ping` asks once, or returns false if the relay is not known to answer. */
  constructor(options: { environment: Environment; ping: () => boolean }) {
    this.#environment = options.environment;
    this.#ping = options.ping;
  }

  /** The host owes an answer from now on. */
  begin(): void {
    this.end();
    this.#isAsked = false;
    this.#answer = null;
    this.#wait();
  }

  /** The host has answered, or nothing is expected of it any more. */
  end(): void {
    this.#stopTimer();
  }

  handlePong(hostSilentMs: number | null): void {
    this.#answer = { at: this.#environment.monotonic(), hostSilentMs };
  }

  /** Judged by what the relay said since `begin`. */
  whoIsSilent(): Silent {
    if (!this.#isAsked) return 'host';
    if (!this.#answer || this.#environment.monotonic() - this.#answer.at > ANSWER_HOLDS_MS) return 'relay';
    const { hostSilentMs } = this.#answer;
    return hostSilentMs !== null && hostSilentMs < HOST_SILENT_AFTER_MS ? 'passage' : 'host';
  }

  #wait(): void {
    this.#stopTimer = this.#environment.after(PROBE_INTERVAL_MS, () => {
      this.#isAsked = this.#ping() || this.#isAsked;
      this.#wait();
    });
  }
}
