/** The host with a terminal for a face: shows who asks to pair, what each session waits for, and obeys single keys. */

import type { Clock } from '#lib/clock.ts';
import type { Disposer } from '#lib/disposer.ts';
import type { Log } from '#lib/log.ts';
import { toPlainLine } from '#lib/plain-line.ts';
import { unawaited } from '#lib/unawaited.ts';
import type { Scope } from '#protocol/commands.ts';
import type { Host } from '../host/host.ts';
import { readDeviceFact } from '../host/remote/link/link-facts.ts';
import type { PairingOffer, PairingRequest } from '../host/remote/pairing.ts';
import type { SettingsStore } from '../host/settings.ts';
import { describeOffer, describeRequest, renderCode } from './pairing-view.ts';
import type { Question } from './question.ts';
import type { Screen } from './screen.ts';
import { SessionDialog } from './session-dialog.ts';
import { describeDevice, describeStatus } from './status-words.ts';

const STATUS_EVERY_MS = 1_000;
/** When anyone who asked to be paired is gone and somebody else asks, a key on its way was meant for the previous. */
const DEAF_AFTER_CHANGE_MS = 1_500;
/** Without a terminal, a status line that is overtaken by the next one is noise: only changes of substance are printed. */
const AGES = /(just now|\d+ (s|min|h|days|ms)( ago)?)/g;

const KEYS = 'Keys: p pair · l sessions · d devices · r remote on/off · q quit · ? help';
/**
 * None of these may be an answer to someone who asks to be paired: the question may come while the key is on its way. So the list of
 * sessions has no `s`.
 */
const HELP = [
  'Keys:',
  '  p  show a code that pairs a phone, or hide it',
  '  l  list the sessions, with the memory and processor time of each, and end one',
  '  d  list the devices, and revoke one',
  '  r  remote control of all sessions on or off',
  '  q  quit',
];

export class TerminalApp {
  readonly #host: Host;
  readonly #settings: SettingsStore;
  readonly #screen: Screen;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #sessions: SessionDialog;
  readonly #build: string;
  readonly #quit: (options?: { leaveAgents: boolean }) => void;
  readonly #disposers: Disposer[] = [];
  #question: Question | null = null;
  #shownLink: string | null = null;
  #isCodeWanted = false;
  #deafUntil = 0;
  #lastPlainStatus = '';
  readonly #asked = new Set<string>();

  constructor(options: {
    host: Host;
    settings: SettingsStore;
    screen: Screen;
    clock: Clock;
    log: Log;
    build: string;
    quit: (options?: { leaveAgents: boolean }) => void;
  }) {
    this.#host = options.host;
    this.#settings = options.settings;
    this.#screen = options.screen;
    this.#clock = options.clock;
    this.#log = options.log;
    this.#sessions = new SessionDialog({ ...options, ask: (question) => this.#ask(question) });
    this.#build = options.build;
    this.#quit = options.quit;
  }

  start(): void {
    const { pairing } = this.#host.remote;
    const timer = setInterval(() => this.#refreshStatus(), STATUS_EVERY_MS);
    this.#disposers.push(
      () => clearInterval(timer),
      pairing.onDidChangeOffer((offer) => unawaited(this.#showOffer(offer), 'show the pairing code', this.#log)),
      pairing.onDidChangeRequests((requests) => this.#showRequests(requests)),
      this.#host.remote.onDidChange(() => {
        this.#showCodeIfPossible();
        this.#refreshStatus();
      }),
      this.#host.supervisor.onDidChange(() => this.#refreshStatus()),
    );
    this.#screen.print(KEYS);
    if (this.#host.remote.devices().length === 0) this.#wantCode();
    this.#refreshStatus();
  }

  /** A code is shown only while the relay is connected: before, anyone who used it would be told that it is unknown. */
  #wantCode(): void {
    this.#isCodeWanted = true;
    this.#showCodeIfPossible();
    if (this.#isCodeWanted) this.#screen.print('The pairing code appears as soon as the relay is connected.');
  }

  #showCodeIfPossible(): void {
    if (!this.#isCodeWanted || this.#host.remote.status.kind !== 'connected') return;
    this.#isCodeWanted = false;
    unawaited(this.#host.remote.pairing.show(), 'make a pairing code', this.#log);
  }

  /** One key, as a character; Ctrl+C is `\u0003`. What it asked for may fail, on a full disk for example; that is said and ends nothing. */
  press(key: string): void {
    try {
      this.#press(key);
    } catch (error) {
      this.#screen.print(`That did not work: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  #press(key: string): void {
    if (key === '\u0003' || key === '\u0004') {
      this.#quit();
      return;
    }
    const question = this.#question;
    if (question?.request !== undefined && this.#clock.now() < this.#deafUntil) {
      this.#screen.print('Look again: this question has taken the place of another one.');
      return;
    }
    if (question) {
      const chosen = question.keys[key.toLowerCase()];
      if (chosen || question.otherwise) {
        this.#question = null;
        (chosen ?? question.otherwise)?.();
        this.#goOn();
      }
      return;
    }
    switch (key.toLowerCase()) {
      case 'p':
        this.#togglePairing();
        return;
      case 'r':
        this.#toggleRemoteControl();
        return;
      case 'l':
        this.#sessions.open();
        return;
      case 'd':
        this.#showDevices();
        return;
      case 'q':
        this.#askQuit();
        return;
      case '?':
      case 'h':
        for (const line of HELP) this.#screen.print(line);
        return;
      default:
    }
  }

  dispose(): void {
    for (const dispose of this.#disposers) dispose();
    this.#sessions.dispose();
    this.#screen.close();
  }

  #togglePairing(): void {
    const { pairing } = this.#host.remote;
    if (pairing.isShown || this.#isCodeWanted) {
      this.#isCodeWanted = false;
      pairing.hide();
      this.#screen.print('The pairing code is hidden and void. Press p for a new one.');
    } else this.#wantCode();
  }

  /** A new code is not put between a question and its answer; it is shown after that. */
  async #showOffer(offer: PairingOffer | null): Promise<void> {
    if (!offer || offer.link === this.#shownLink || this.#question) return;
    const isRenewal = this.#shownLink !== null;
    this.#shownLink = offer.link;
    if (isRenewal) this.#screen.print('The previous pairing code is void. This is the new one:');
    for (const line of (await renderCode(offer.link)).split('\n')) this.#screen.print(line);
    for (const line of describeOffer(offer).split('\n')) this.#screen.print(line);
  }

  #showRequests(requests: readonly PairingRequest[]): void {
    const open = new Set(requests.map((request) => request.id));
    for (const id of this.#asked) {
      if (!open.has(id)) this.#asked.delete(id);
    }
    // A question of another kind stays: the answer to it must never be taken for an answer to this one.
    const asked = this.#question?.request;
    if (asked !== undefined && !open.has(asked)) {
      this.#question = null;
      this.#deafUntil = this.#clock.now() + DEAF_AFTER_CHANGE_MS;
    }
    this.#askNext();
  }

  #ask(question: Question | null): void {
    this.#question = question;
    this.#goOn();
  }

  /** What has waited for the answer to a question comes after it. */
  #goOn(): void {
    this.#askNext();
    unawaited(this.#showOffer(this.#host.remote.pairing.offer), 'show the pairing code', this.#log);
  }

  /** Puts the next person who waits before the one at the keyboard. */
  #askNext(): void {
    if (this.#question) return;
    const { pairing } = this.#host.remote;
    const request = pairing.requests.find((candidate) => !this.#asked.has(candidate.id));
    if (!request) return;
    this.#asked.add(request.id);
    for (const line of describeRequest(request, this.#build).split('\n')) this.#screen.print(line);
    const allow = (scope: Scope, words: string) => () => {
      const isThere = pairing.allow(request.id, scope);
      this.#screen.print(isThere ? `“${request.name}” ${words}.` : `“${request.name}” is not waiting any more.`);
      if (isThere) pairing.hide();
    };
    this.#question = {
      request: request.id,
      keys: {
        a: allow('full', 'may do everything'),
        s: allow('answer', 'may prompt and answer'),
        w: allow('watch', 'may watch'),
        n: () => {
          pairing.deny(request.id);
          this.#screen.print(`“${request.name}” was denied. Nothing of it was stored.`);
        },
      },
    };
  }

  #toggleRemoteControl(): void {
    const isEnabled = !this.#settings.get().remoteControl;
    this.#host.setRemoteControl(isEnabled);
    this.#screen.print(
      isEnabled
        ? 'Remote control is on for all sessions, present and future.'
        : 'Remote control is off: devices see no session and their commands are refused.',
    );
    this.#refreshStatus();
  }

  #showDevices(): void {
    const devices = this.#host.remote.devices();
    if (devices.length === 0) {
      this.#screen.print('No device is paired. Press p to pair one.');
      return;
    }
    const now = this.#clock.now();
    const listed = devices.slice(0, 9);
    listed.forEach((device, index) => {
      const where = describeDevice(readDeviceFact(device, now), now);
      this.#screen.print(`  ${index + 1}  ${device.name} · ${device.scope} · ${where}`);
    });
    this.#screen.print('Press a number to revoke that device, any other key to go back.');
    const revoke = (index: number) => () => {
      const device = listed[index];
      if (!device) return;
      this.#screen.print(
        `Revoke “${device.name}”? It must be paired again to come back.   y  revoke   any other key  keep`,
      );
      this.#question = {
        keys: {
          y: () => {
            const isRevoked = this.#host.remote.revoke(device.id);
            this.#screen.print(
              isRevoked ? `“${device.name}” is revoked.` : `“${device.name}” was not paired any more.`,
            );
          },
        },
        otherwise: () => this.#screen.print(`“${device.name}” stays.`),
      };
    };
    const keys = Object.fromEntries(listed.map((_, index) => [String(index + 1), revoke(index)]));
    this.#question = { keys, otherwise: () => this.#screen.print(KEYS) };
  }

  #askQuit(): void {
    const working = this.#host.supervisor
      .state()
      .sessions.filter(({ state }) => state === 'working' || state === 'waiting');
    if (working.length === 0) {
      this.#quit();
      return;
    }
    const names = working.map(({ title }) => `“${toPlainLine(title)}”`).join(', ');
    this.#screen.print(`${names} ${working.length === 1 ? 'is' : 'are'} in the middle of a turn.`);
    this.#screen.print('  y  quit and end them   l  leave them running until Baton is back   any other key  stay');
    this.#question = {
      keys: { y: () => this.#quit(), l: () => this.#quit({ leaveAgents: true }) },
      otherwise: () => this.#screen.print('Staying.'),
    };
  }

  #refreshStatus(): void {
    const { remote, supervisor } = this.#host;
    const status = describeStatus({
      link: remote.facts(),
      state: supervisor.state(),
      isRemoteControlEnabled: this.#settings.get().remoteControl,
      now: this.#clock.now(),
    });
    if (this.#screen.isTerminal) {
      this.#screen.setStatus(status);
      return;
    }
    const substance = status.replaceAll(AGES, '');
    if (substance === this.#lastPlainStatus) return;
    this.#lastPlainStatus = substance;
    this.#screen.print(status);
  }
}
