/** The test's hand on the host process: starts it, pairs with it, kills it, starts it again from the same folder. */
import { join } from 'node:path';
import { Child } from '../support/chaos/processes.ts';
import type { Identity } from '../support/device/device-store.ts';
import { pair } from '../support/device/pair.ts';
import type { FromHostProcess, HostProcessOptions, ToHostProcess } from './host-protocol.ts';

const ENTRY = join(import.meta.dirname, 'host-process.ts');

export class HostChild {
  readonly #options: HostProcessOptions;
  readonly #environment: NodeJS.ProcessEnv;
  #child: Child | null = null;
  #messages: FromHostProcess[] = [];
  hostId = '';
  /** Times it was connected to the relay, over all its lives. */
  connections = 0;
  /** What it printed that nobody expects: a host says nothing on its own. */
  printed = '';
  /** Why it did not start the last time, in its own words. */
  refusal: string | null = null;

  /** `environment`: what the agents get to see too. */
  constructor(options: HostProcessOptions, environment: NodeJS.ProcessEnv) {
    this.#options = options;
    this.#environment = environment;
  }

  /** Null while it is down. */
  get pid(): number | null {
    return this.#child?.isRunning ? this.#child.pid : null;
  }

  /** Whether, in this life, it was connected to the relay already. */
  get isConnected(): boolean {
    return this.pid !== null && this.#messages.some(isConnected);
  }

  /** Resolves once its history is open and it dials the relay. */
  async start(): Promise<void> {
    const child = new Child([ENTRY, JSON.stringify(this.#options)], {
      env: { ...process.env, ...this.#environment },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    this.#child = child;
    this.#messages = [];
    this.refusal = null;
    child.process.on('message', (message: FromHostProcess) => {
      if (message.kind === 'refused') this.refusal = message.text;
      this.#messages.push(message);
      if (message.kind === 'started') this.hostId = message.hostId;
      if (isConnected(message)) this.connections += 1;
      child.wake();
    });
    void child.gone.then(() => {
      this.printed += child.output;
    });
    await this.#until('started');
  }

  /** Pairs over the wire, as a person would: the code, the same digits on both sides, Allow. */
  async pair(name: string): Promise<Identity> {
    this.#messages = this.#messages.filter(({ kind }) => kind !== 'code' && kind !== 'asked');
    this.#say({ kind: 'show-code' });
    const { link } = await this.#until('code');
    const digits = Promise.withResolvers<string>();
    const paired = pair(link, name, digits.resolve);
    paired.catch(digits.reject);
    const isAsked = (message: FromHostProcess) => message.kind === 'asked' && message.name === name;
    // A device that breaks off is never asked about.
    const [asked, shown] = await Promise.all([this.#until('asked', isAsked), digits.promise]);
    if (asked.digits !== shown) throw new Error('The digits differ.');
    this.#say({ kind: 'allow', request: asked.request });
    return await paired;
  }

  async untilConnected(): Promise<void> {
    await this.#until('link', isConnected);
  }

  /** kill -9. */
  async kill(): Promise<void> {
    await this.#child?.kill();
  }

  /** In good order, within `timeoutMs`; false if it had to be killed. */
  async stop(timeoutMs: number): Promise<boolean> {
    const child = this.#child;
    if (!child?.isRunning) return true;
    this.#say({ kind: 'stop' });
    const { promise: late, resolve } = Promise.withResolvers<'late'>();
    const timer = setTimeout(() => resolve('late'), timeoutMs);
    const isLate = (await Promise.race([child.gone, late])) === 'late';
    clearTimeout(timer);
    if (isLate) await child.kill();
    return !isLate;
  }

  #say(message: ToHostProcess): void {
    this.#child?.process.send(message);
  }

  async #until<Kind extends FromHostProcess['kind']>(
    kind: Kind,
    isWanted: (message: FromHostProcess) => boolean = (message) => message.kind === kind,
  ): Promise<Extract<FromHostProcess, { kind: Kind }>> {
    const child = this.#child;
    if (!child) throw new Error('The host was never started.');
    const find = () => this.#messages.find(isWanted);
    await child.until(`the host to say "${kind}"`, () => find() !== undefined);
    return find() as Extract<FromHostProcess, { kind: Kind }>;
  }
}

function isConnected(message: FromHostProcess): boolean {
  return message.kind === 'link' && message.status === 'connected';
}
