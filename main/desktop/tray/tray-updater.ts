/** Keeps the tray true: gathers what it shows, redraws it when that changes, and lets no age on it grow old. */

import type { Clock } from '#lib/clock.ts';
import type { Disposer } from '#lib/disposer.ts';
import type { Log } from '#lib/log.ts';
import { unawaited } from '#lib/unawaited.ts';
import { nextChangeAt } from '#main/host/remote/link/link-facts.ts';
import type { SettingsStore } from '#main/host/settings.ts';
import type { LoginView } from '#preload/contract.ts';
import type { HostLifecycle } from '../host-lifecycle.ts';
import type { TrayIcon } from './tray.ts';
import type { TrayMenuState } from './tray-menu.ts';
import { renderTrayState, type TrayFacts, type TrayState } from './tray-state.ts';

/** Changes within this time are one. */
const DRAW_EVERY_MS = 100;
/** Ages in the menu and the tooltip are at most this much too young. */
export const AGES_REFRESHED_EVERY_MS = 10_000;

export interface TrayUpdaterOptions {
  readonly lifecycle: HostLifecycle;
  readonly settings: SettingsStore;
  /** As of the last look. */
  readonly login: () => LoginView;
  /** The system's own settings may have changed it meanwhile. */
  readonly refreshLogin: () => Promise<unknown>;
  readonly clock: Clock;
  readonly log: Log;
}

export class TrayUpdater {
  readonly #options: TrayUpdaterOptions;
  #icon: TrayIcon | null = null;
  #cancelDraw: Disposer | null = null;
  #cancelTick: Disposer = () => {};
  #isDisposed = false;

  constructor(options: TrayUpdaterOptions) {
    this.#options = options;
  }

  /** Draws on this icon from now on. */
  attach(icon: TrayIcon): void {
    this.#icon = icon;
    this.#tick();
  }

  /** Something that the tray shows may have changed. */
  touch(): void {
    if (this.#isDisposed) return;
    this.#cancelDraw ??= this.#options.clock.after(DRAW_EVERY_MS, () => {
      this.#cancelDraw = null;
      this.draw();
    });
  }

  draw(): void {
    this.#icon?.update(this.state());
  }

  state(): TrayState {
    const { lifecycle, clock } = this.#options;
    return renderTrayState({
      facts: this.#facts(),
      refusal: lifecycle.refusal,
      isClosing: lifecycle.isClosed,
      now: clock.now(),
    });
  }

  menu(): TrayMenuState {
    const { lifecycle, settings, login } = this.#options;
    const facts = this.#facts();
    const asking = new Set(facts?.approvals.map(({ session }) => session));
    return {
      status: this.state().status,
      isRunning: lifecycle.running !== null,
      isRemoteControlEnabled: settings.get().remoteControl,
      sessions: (facts?.sessions ?? []).map(({ id, title, state }) => ({ id, title, state, isAsking: asking.has(id) })),
      login: login(),
      keepAwake: settings.get().keepAwake,
    };
  }

  dispose(): void {
    this.#isDisposed = true;
    this.#cancelTick();
    this.#cancelDraw?.();
    this.#icon = null;
  }

  #tick(): void {
    this.draw();
    unawaited(
      this.#options.refreshLogin().then(() => this.touch()),
      'read whether Baton starts at login',
      this.#options.log,
    );
    const facts = this.#facts();
    const nextMs = nextLookMs(facts && nextChangeAt(facts.link), this.#options.clock.now());
    this.#cancelTick = this.#options.clock.after(nextMs, () => this.#tick());
  }

  #facts(): TrayFacts | null {
    const host = this.#options.lifecycle.running?.host;
    if (!host) return null;
    const { sessions, approvals, isRemoteControlEnabled, diskTrouble = null } = host.supervisor.state();
    return {
      link: host.remote.facts(),
      sessions,
      approvals,
      isRemoteControlEnabled,
      diskTrouble,
    };
  }
}

/** Nothing tells of a relay or a device that falls silent: the tray looks at the moment from which it counts as silent. Pure. */
export function nextLookMs(changesAt: number | null, now: number): number {
  const untilChangeMs = changesAt === null ? 0 : changesAt - now;
  return untilChangeMs > 0 ? Math.min(untilChangeMs, AGES_REFRESHED_EVERY_MS) : AGES_REFRESHED_EVERY_MS;
}
