/** Typed calls in both directions over one channel: each side answers what the other asks. Arguments arrive in the order they were sent. */

export interface Call<Argument, Value> {
  readonly argument: Argument;
  readonly value: Value;
}

/** A map of calls is an interface whose members are `Call`s. */
export type CallMap<Map> = { readonly [Name in keyof Map]: Call<unknown, unknown> };
type Argument<Map extends CallMap<Map>, Name extends keyof Map> = Map[Name]['argument'];
type Value<Map extends CallMap<Map>, Name extends keyof Map> = Map[Name]['value'];
export type Answers<Map extends CallMap<Map>> = {
  [Name in keyof Map]: (argument: Argument<Map, Name>) => Value<Map, Name> | Promise<Value<Map, Name>>;
};

type Frame =
  | { readonly kind: 'call'; readonly id: number; readonly name: string; readonly argument: unknown }
  | { readonly kind: 'answer'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'failure'; readonly id: number; readonly message: string };

type AnyAnswer = (argument: unknown) => unknown;

export class Wire<Theirs extends CallMap<Theirs>, Ours extends CallMap<Ours>> {
  readonly #post: (frame: object) => void;
  readonly #answers = new Map<string, AnyAnswer>();
  readonly #waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  #lastId = 0;
  #closedBecause: string | null = null;

  constructor(post: (frame: object) => void) {
    this.#post = post;
  }

  /** Rejects with the other side's words if it fails there, or when the wire is cut. */
  call<Name extends keyof Theirs & string>(name: Name, argument: Argument<Theirs, Name>): Promise<Value<Theirs, Name>> {
    if (this.#closedBecause !== null) return Promise.reject(new Error(`${name}: ${this.#closedBecause}`));
    const id = ++this.#lastId;
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    this.#waiting.set(id, { resolve, reject });
    this.#post({ kind: 'call', id, name, argument } satisfies Frame);
    return promise as Promise<Value<Theirs, Name>>;
  }

  /** For what needs no answer: whatever becomes of it shows elsewhere. */
  tell<Name extends keyof Theirs & string>(name: Name, argument: Argument<Theirs, Name>): void {
    this.call(name, argument).catch(() => {});
  }

  answer<Name extends keyof Ours & string>(name: Name, answer: Answers<Ours>[Name]): void {
    this.#answers.set(name, answer as AnyAnswer);
  }

  /** `frame` comes from the other end of the same wire, so its shape is known. */
  receive(frame: unknown): void {
    const received = frame as Frame;
    if (received.kind === 'call') return void this.#handle(received);
    const waiting = this.#waiting.get(received.id);
    this.#waiting.delete(received.id);
    if (received.kind === 'answer') waiting?.resolve(received.value);
    else waiting?.reject(new Error(received.message));
  }

  close(reason: string): void {
    this.#closedBecause = reason;
    for (const { reject } of this.#waiting.values()) reject(new Error(reason));
    this.#waiting.clear();
  }

  async #handle({ id, name, argument }: Frame & { kind: 'call' }): Promise<void> {
    let frame: Frame;
    try {
      const answer = this.#answers.get(name);
      if (!answer) throw new Error(`Nobody answers ${name}.`);
      frame = { kind: 'answer', id, value: await answer(argument) };
    } catch (error) {
      frame = { kind: 'failure', id, message: error instanceof Error ? error.message : String(error) };
    }
    if (this.#closedBecause === null) this.#post(frame);
  }
}
