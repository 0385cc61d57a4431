/** Pure: the settings as the window shows them. */

import type { Settings } from '#main/host/settings.ts';
import type { LoginView, SecretsView, SettingsView } from '#preload/contract.ts';

/** Facts of the machine beside what the person chose. */
export interface SettingsFacts {
  readonly login: LoginView;
  readonly secrets: SecretsView;
  readonly isKeptAwake: boolean;
  readonly dataFolder: string;
  readonly historyBytes: number;
  readonly sessionCount: number;
}

/** Without the environment of custom agents, which may hold keys. */
export function renderSettings(settings: Settings, facts: SettingsFacts): SettingsView {
  const { relay, relayPort, relayPublicUrl, keepAwake, keepAgentsHours, isNotifying } = settings;
  const { customAgents, dismissedGuides } = settings;
  return {
    ...{ relay, relayPort, relayPublicUrl, keepAwake, keepAgentsHours, isNotifying, dismissedGuides },
    ...facts,
    customAgents: customAgents.map(({ id, name, command, args }) => ({ id, name, command, args })),
  };
}
