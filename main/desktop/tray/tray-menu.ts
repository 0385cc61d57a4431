/** Pure: from state to the tray's menu, built whole each time. */
import type { MenuItemConstructorOptions } from 'electron';
import { toPlainLine } from '#lib/plain-line.ts';
import { textHead } from '#lib/text-head.ts';
import type { KeepAwake, LoginView } from '#preload/contract.ts';
import type { SessionSummary } from '#protocol/messages.ts';

export const SESSIONS_SHOWN_MAX = 5;
const TITLE_SHOWN_MAX_CHARS = 40;

type MenuSession = Pick<SessionSummary, 'id' | 'title' | 'state'> & { readonly isAsking: boolean };

export interface TrayMenuState {
  readonly status: string;
  /** False while the host does not run: what needs it is greyed. */
  readonly isRunning: boolean;
  readonly isRemoteControlEnabled: boolean;
  readonly sessions: readonly MenuSession[];
  readonly login: LoginView;
  readonly keepAwake: KeepAwake;
}

export interface TrayMenuActions {
  setRemoteControl(isEnabled: boolean): void;
  pair(): void;
  openSession(session: string): void;
  open(): void;
  setStartAtLogin(isEnabled: boolean): void;
  setKeepAwake(choice: KeepAwake): void;
  quit(): void;
}

const STATE_WORDS: Partial<Record<SessionSummary['state'], string>> = {
  waiting: 'waits for you',
  failed: 'failed',
  interrupted: 'interrupted',
  working: 'works',
  starting: 'starts',
};
/** What needs a person first, then what runs. Sessions that are idle or over are left to the window. */
const RANK: readonly SessionSummary['state'][] = ['waiting', 'failed', 'interrupted', 'working', 'starting'];

const KEEP_AWAKE_WORDS: readonly (readonly [KeepAwake, string])[] = [
  ['off', 'Off'],
  ['always', 'Always'],
  ['on-power', 'When on power'],
];

export function renderTrayMenu(state: TrayMenuState, actions: TrayMenuActions): MenuItemConstructorOptions[] {
  const sessions = renderSessions(state.sessions, actions);
  return [
    { label: escapeLabel(state.status), enabled: false },
    { type: 'separator' },
    {
      label: 'Remote control for all sessions',
      type: 'checkbox',
      checked: state.isRemoteControlEnabled,
      enabled: state.isRunning,
      click: () => actions.setRemoteControl(!state.isRemoteControlEnabled),
    },
    { label: 'Pair a phone…', enabled: state.isRunning, click: () => actions.pair() },
    ...(sessions.length > 0 ? [{ type: 'separator' as const }, ...sessions] : []),
    { type: 'separator' },
    { label: 'Open Baton', click: () => actions.open() },
    {
      label:
        state.login.kind === 'requires-approval' ? 'Start at login (allow it in System Settings)' : 'Start at login',
      type: 'checkbox',
      checked: state.login.kind === 'on',
      enabled: state.login.kind !== 'unavailable',
      click: () => actions.setStartAtLogin(state.login.kind !== 'on'),
    },
    {
      label: 'Keep this computer awake while agents work',
      enabled: state.isRunning,
      submenu: KEEP_AWAKE_WORDS.map(([choice, label]) => ({
        label,
        type: 'radio' as const,
        checked: state.keepAwake === choice,
        click: () => actions.setKeepAwake(choice),
      })),
    },
    { type: 'separator' },
    { label: 'Quit Baton', click: () => actions.quit() },
  ];
}

function renderSessions(sessions: readonly MenuSession[], actions: TrayMenuActions): MenuItemConstructorOptions[] {
  const rank = (session: MenuSession) => (session.isAsking ? 0 : RANK.indexOf(session.state));
  return sessions
    .filter((session) => rank(session) >= 0)
    .sort((a, b) => rank(a) - rank(b))
    .slice(0, SESSIONS_SHOWN_MAX)
    .map((session) => ({
      // Two sessions may have the same words; a menu of the one is not a menu of the other.
      id: session.id,
      label: escapeLabel(
        `${shorten(session.title)}: ${session.isAsking ? STATE_WORDS.waiting : STATE_WORDS[session.state]}`,
      ),
      click: () => actions.openSession(session.id),
    }));
}

/** A title is an agent's words or a stranger's. */
function shorten(title: string): string {
  const line = toPlainLine(title);
  return line.length <= TITLE_SHOWN_MAX_CHARS ? line : `${textHead(line, TITLE_SHOWN_MAX_CHARS - 1)}…`;
}

/** In a menu a single & marks the next letter as a key. */
export function escapeLabel(text: string): string {
  return text.replaceAll('&', '&&');
}
