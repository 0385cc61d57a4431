/** A made-up main process: it keeps a state, notes every call, and answers as it is told. */
import type {
  ArgumentOf,
  BatonBridge,
  Channel,
  Pushes,
  PushName,
  Result,
  SliceName,
  ValueOf,
  WindowState,
} from '#preload/contract.ts';

export type Answers = { [Name in Channel]?: (argument: ArgumentOf<Name>) => ValueOf<Name> };

export interface FixtureOptions {
  readonly state: WindowState;
  readonly answers?: Answers;
  /** What every call but the first load says. */
  readonly failure?: string;
  /** Channels that never answer. */
  readonly silent?: readonly Channel[];
  /** Why even the load fails. */
  readonly loadFailure?: string;
}

export class FixtureBridge implements BatonBridge {
  readonly calls: { channel: Channel; argument: unknown }[] = [];
  state: WindowState;
  failure: string | null;
  readonly #options: FixtureOptions;
  readonly #answers: Answers;
  readonly #listeners = new Map<PushName, Set<(push: never) => void>>();

  constructor(options: FixtureOptions) {
    this.#options = options;
    this.state = options.state;
    this.failure = options.failure ?? null;
    this.#answers = { ...this.#own(), ...options.answers };
  }

  call<Name extends Channel>(channel: Name, argument: ArgumentOf<Name>): Promise<Result<ValueOf<Name>>> {
    this.calls.push({ channel, argument });
    if (this.#options.silent?.includes(channel)) return new Promise(() => undefined);
    return Promise.resolve(this.#answer(channel, argument));
  }

  on<Name extends PushName>(name: Name, listener: (push: Pushes[Name]) => void): () => void {
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners);
    listeners.add(listener);
    return () => listeners.delete(listener);
  }

  /** As main pushes a slice that has changed. */
  push<Name extends SliceName>(name: Name, value: WindowState[Name]): void {
    this.state = { ...this.state, [name]: value };
    this.#say('slice', { name, value } as Pushes['slice']);
  }

  show(push: Pushes['show']): void {
    this.#say('show', push);
  }

  /** Calls that were made to one channel. */
  made(channel: Channel): unknown[] {
    return this.calls.filter((call) => call.channel === channel).map(({ argument }) => argument);
  }

  #say<Name extends PushName>(name: Name, push: Pushes[Name]): void {
    for (const listener of this.#listeners.get(name) ?? []) (listener as (push: Pushes[Name]) => void)(push);
  }

  #answer<Name extends Channel>(channel: Name, argument: ArgumentOf<Name>): Result<ValueOf<Name>> {
    if (channel === 'window.load') {
      return this.#options.loadFailure === undefined
        ? { ok: true, value: this.state as ValueOf<Name> }
        : { ok: false, error: this.#options.loadFailure };
    }
    const isSilent = channel.startsWith('window.') || channel === 'pairing.hide';
    if (this.failure !== null && !isSilent) return { ok: false, error: this.failure };
    const answer = this.#answers[channel] as ((argument: ArgumentOf<Name>) => ValueOf<Name>) | undefined;
    return { ok: true, value: answer ? answer(argument) : (null as ValueOf<Name>) };
  }

  /** What main does to its own state, as far as a page can see it. */
  #own(): Answers {
    return {
      'remote.set': ({ isEnabled }) => {
        this.push('sessions', { ...this.state.sessions, isRemoteControlEnabled: isEnabled });
        return { isEnabled };
      },
      'session.link': ({ session }) => ({ link: `${this.state.link.relay.phoneOrigin}/s/studio/${session}` }),
      'session.set-remote': ({ session, isRemote }) => {
        const list = this.state.sessions.list.map((one) => (one.id === session ? { ...one, isRemote } : one));
        this.push('sessions', { ...this.state.sessions, list });
        return null;
      },
      'pairing.allow': () => ({ isThere: true }),
      'device.set-scope': ({ device, scope }) => {
        this.push(
          'devices',
          this.state.devices.map((one) => (one.id === device ? { ...one, scope } : one)),
        );
        return null;
      },
      'device.revoke-all': () => ({ revoked: this.state.devices.length }),
      'settings.set': (change) => {
        this.push('settings', { ...this.state.settings, ...change });
        return null;
      },
      'settings.dismiss-guide': ({ guide }) => {
        const { settings } = this.state;
        this.push('settings', { ...settings, dismissedGuides: [...settings.dismissedGuides, guide] });
        return null;
      },
      'login.set': ({ isEnabled }) => {
        const login = { kind: isEnabled ? 'on' : 'off' } as const;
        this.push('settings', { ...this.state.settings, login });
        return login;
      },
      'folder.choose': () => ({ folder: '/home/ada/code/chosen' }),
      'history.export': () => ({ file: '/home/ada/baton-history.jsonl', sessions: this.state.settings.sessionCount }),
      'history.delete': () => ({ sessions: 2 }),
      'activity.page': () => ({ rows: [] }),
      'activity.verify': () => ({ isIntact: true, text: 'All 214 rows are as they were written.' }),
      'update.check': () => ({ kind: 'current', at: Date.now() }),
      'doctor.run': () => ({ isOk: true, text: 'Everything works.', checks: [], at: Date.now() }),
      'relay.test': ({ address }) => ({
        isOk: true,
        origin: address ?? 'http://127.0.0.1:8377',
        roundTripMs: 42,
        steps: [],
        text: 'It works.',
      }),
    };
  }
}
