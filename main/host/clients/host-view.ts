/** What clients of one kind see of the host, written down once for all of them. */
import type { FromHost, HostState } from '#protocol/messages.ts';

/** The host at one moment. */
export class HostView {
  /** Grows with every change. */
  readonly version: number;
  readonly #value: HostState;
  #json: string | null = null;
  #substance: string | null = null;

  constructor(version: number, value: HostState) {
    this.version = version;
    this.#value = value;
  }

  /** As a message. */
  get json(): string {
    this.#json ??= JSON.stringify({
      type: 'state',
      version: this.version,
      value: this.#value,
    } satisfies FromHost);
    return this.#json;
  }

  /** The state without what changes with every event of a log. */
  get substance(): string {
    this.#substance ??= JSON.stringify({
      ...this.#value,
      sessions: this.#value.sessions.map((session) => ({ ...session, seq: 0, updatedAt: 0 })),
    });
    return this.#substance;
  }
}

/** The latest view, made when somebody asks for it. */
export class LatestView {
  readonly #read: () => HostState;
  #version: number;
  #view: HostView | null = null;

  /** Versions grow across restarts too, unless the clock is set back. `now`: milliseconds since 1970. */
  constructor(read: () => HostState, now: number) {
    this.#read = read;
    this.#version = now * 1000;
  }

  get(): HostView {
    this.#view ??= new HostView(this.#version, this.#read());
    return this.#view;
  }

  /** The host has changed. */
  advance(): void {
    this.#version += 1;
    this.#view = null;
  }
}
