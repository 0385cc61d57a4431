/** Reads each slice of the window's state from where it lives. */

import type { HostLifecycle } from '#main/desktop/host-lifecycle.ts';
import type { PairingCodes } from '#main/desktop/pairing-codes.ts';
import type { SettingsStore } from '#main/host/settings.ts';
import type { AppView, LoginView, SecretsView, SliceName, UpdateView, WindowState } from '#preload/contract.ts';
import { renderActivity } from './activity-view.ts';
import { renderLink, renderRelay } from './link-view.ts';
import { renderDevices, renderSessions } from './sessions-view.ts';
import { renderSettings } from './settings-view.ts';

/** Rows of the activity that are always at hand. */
export const ACTIVITY_SHOWN_ROWS = 100;

export type WindowViews = { readonly [Name in SliceName]: () => WindowState[Name] };

export interface WindowViewsOptions {
  readonly lifecycle: HostLifecycle;
  readonly settings: SettingsStore;
  readonly pairing: PairingCodes;
  readonly app: Omit<AppView, 'refusal' | 'notices' | 'isTrayKnown'>;
  readonly notices: () => readonly string[];
  readonly isTrayKnown: () => boolean;
  readonly usage: () => WindowState['usage'];
  readonly login: () => LoginView;
  readonly secrets: () => SecretsView;
  readonly isKeptAwake: () => boolean;
  readonly update: () => UpdateView;
  readonly dataFolder: string;
  readonly now: () => number;
}

/** While no host runs, the slices that live in it are empty. */
export function createWindowViews(options: WindowViewsOptions): WindowViews {
  const { lifecycle, settings, pairing, now } = options;
  const startedAt = now();
  const host = () => lifecycle.running?.host ?? null;
  return {
    app: () => ({
      ...options.app,
      refusal: lifecycle.refusal,
      notices: options.notices(),
      isTrayKnown: options.isTrayKnown(),
    }),
    link: () => {
      const running = lifecycle.running;
      if (!running) {
        const relay = { origin: '', isOwn: settings.get().relay === null, phoneOrigin: '', isReachableByPhones: false };
        return renderLink({ kind: 'off', since: startedAt }, null, relay);
      }
      const { status, link } = running.host.remote;
      return renderLink(status, link.heardAt, renderRelay(running.relay));
    },
    sessions: () => {
      const current = host();
      if (!current) {
        const { remoteControl: isRemoteControlEnabled } = settings.get();
        return { list: [], isRemoteControlEnabled, diskTrouble: null };
      }
      const { supervisor, remote } = current;
      return renderSessions(
        supervisor.state(),
        remote.devices(),
        (session) => supervisor.isSessionRemote(session) === true,
      );
    },
    usage: () => (host() ? options.usage() : {}),
    pairing: () => pairing.view(),
    devices: () => {
      const current = host();
      const titleOf = (session: string) => current?.history.sessions.get(session)?.title ?? null;
      return current ? renderDevices(current.remote.devices(), titleOf) : [];
    },
    settings: () => {
      const current = host();
      return renderSettings(settings.get(), {
        login: options.login(),
        secrets: options.secrets(),
        isKeptAwake: options.isKeptAwake(),
        dataFolder: options.dataFolder,
        historyBytes: current?.historyBytes() ?? 0,
        sessionCount: current?.history.sessions.list().length ?? 0,
      });
    },
    activity: () => {
      const history = host()?.history;
      if (!history) return [];
      const titleOf = (session: string) => history.sessions.get(session)?.title ?? null;
      return renderActivity(history.audit.newest(ACTIVITY_SHOWN_ROWS), titleOf);
    },
    update: () => options.update(),
  };
}
