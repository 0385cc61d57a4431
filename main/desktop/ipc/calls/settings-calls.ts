/** What a person sets: keeping awake, how long agents are kept, notifications, start at login, agents of their own. */

import type { SettingsStore } from '#main/host/settings.ts';
import type { LoginView } from '#preload/contract.ts';
import { type CallHandlers, type FindHost, fail, succeed, withHost } from './call-handlers.ts';

type SettingsChannel =
  | 'settings.set'
  | 'settings.dismiss-guide'
  | 'login.set'
  | 'agents.refresh'
  | 'agent.add'
  | 'agent.remove';

export const CUSTOM_AGENTS_MAX = 32;

export function createSettingsCalls(options: {
  findHost: FindHost;
  settings: SettingsStore;
  setLogin: (isEnabled: boolean) => Promise<LoginView>;
}): Pick<CallHandlers, SettingsChannel> {
  const { findHost, settings, setLogin } = options;
  const store = (change: Parameters<SettingsStore['update']>[0]) =>
    // While another Baton uses the data folder, the settings are its.
    withHost(findHost, () => {
      try {
        settings.update(change);
        return succeed(null);
      } catch (error) {
        return fail(`The settings could not be written: ${error instanceof Error ? error.message : String(error)}`);
      }
    });
  return {
    'settings.set': (change) => store(change),
    'settings.dismiss-guide': ({ guide }) =>
      store({ dismissedGuides: [...new Set([...settings.get().dismissedGuides, guide])] }),
    'login.set': async ({ isEnabled }) => succeed(await setLogin(isEnabled)),
    'agents.refresh': () =>
      withHost(findHost, async (host) => {
        await host.registry.refresh();
        return succeed(null);
      }),
    'agent.add': async (agent) => {
      const { customAgents } = settings.get();
      const others = customAgents.filter(({ id }) => id !== agent.id);
      if (others.length >= CUSTOM_AGENTS_MAX) {
        return fail(`${CUSTOM_AGENTS_MAX} agents of your own are in the settings already. Remove one first.`);
      }
      // Its environment, which only the file can hold, stays with an agent that is changed.
      const env = customAgents.find(({ id }) => id === agent.id)?.env ?? {};
      return await store({ customAgents: [...others, { ...agent, env }] });
    },
    'agent.remove': async ({ id }) => {
      const { customAgents } = settings.get();
      if (!customAgents.some((agent) => agent.id === id)) return fail('This agent is not in the settings any more.');
      return await store({ customAgents: customAgents.filter((agent) => agent.id !== id) });
    },
  };
}
