/** Keeps the tray true: gathers what it shows, redraws it when that changes, and lets no age on it grow old. */

import type { Clock } from '#lib/clock.ts';
import type { Disposer } from '#lib/disposer.ts';
import type { SettingsStore } from '#main/host/settings.ts';
import type { LoginView } from '#preload/contract.ts';
import type { HostSlot } from '../host-slot.ts';
import type { TrayIcon } from './tray.ts';
import type { TrayMenuState } from './tray-menu.ts';
import { renderTrayState, silentFrom, type TrayFacts, type TrayState } from './tray-state.ts';

/** Changes within this time are one. */
const DRAW_EVERY_MS = 100;
/** Ages in the menu and the tooltip are at most this much too young. */
export const AGES_REFRESHED_EVERY_MS = 10_000;

export interface TrayDeskOptions {
  readonly slot: HostSlot;
  readonly settings: SettingsStore;
  /** As of the last look. */
  readonly login: () => LoginView;
  /** The system's own settings may have changed it meanwhile. */
  readonly refreshLogin: () => Promise<unknown>;
  readonly clock: Clock;
}

export class TrayDesk {
  readonly #options: TrayDeskOptions;
  #icon: TrayIcon | null = null;
  #cancelDraw: Disposer | null = null;
  #cancelTick: Disposer = () => {};
  #isDisposed = false;

  constructor(options: TrayDeskOptions) {
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
    const { slot, clock } = this.#options;
    return renderTrayState({
      facts: this.#facts(),
      refusal: slot.refusal,
      isClosing: slot.isClosed,
      now: clock.now(),
    });
  }

  menu(): TrayMenuState {
    const { slot, settings, login } = this.#options;
    const facts = this.#facts();
    const asking = new Set(facts?.approvals.map(({ session }) => session));
    return {
      status: this.state().status,
      isRunning: slot.running !== null,
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
    void this.#options.refreshLogin().then(() => this.touch());
    const facts = this.#facts();
    const nextMs = nextLookMs(facts && silentFrom(facts), this.#options.clock.now());
    this.#cancelTick = this.#options.clock.after(nextMs, () => this.#tick());
  }

  #facts(): TrayFacts | null {
    const host = this.#options.slot.running?.host;
    if (!host) return null;
    const { sessions, approvals, isRemoteControlEnabled } = host.supervisor.state();
    return {
      link: host.remote.status,
      heardAt: host.remote.link.heardAt,
      devices: host.remote.devices(),
      sessions,
      approvals,
      isRemoteControlEnabled,
    };
  }
}

/** Nothing tells of a relay that falls silent: it is looked at in the moment from which it counts as silent. Pure. */
export function nextLookMs(silentAt: number | null, now: number): number {
  const untilSilentMs = silentAt === null ? 0 : silentAt - now;
  return untilSilentMs > 0 ? Math.min(untilSilentMs, AGES_REFRESHED_EVERY_MS) : AGES_REFRESHED_EVERY_MS;
}
