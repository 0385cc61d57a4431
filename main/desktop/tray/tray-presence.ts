/** Whether the desktop shows tray icons. Electron does not know: where nobody watches for them, an icon is made and never seen. */
import { execFile } from 'node:child_process';

const ASK_WITHIN_MS = 1_500;
const WATCHER = 'org.kde.StatusNotifierWatcher';
/** Desktops that show them without an extension; asked about only where the session bus cannot be asked. */
const KNOWN_DESKTOPS = /\b(KDE|XFCE|X-Cinnamon|Cinnamon|MATE|LXQt|LXDE|Unity|Budgie|Deepin|Pantheon)\b/i;

/** Each way to ask the bus, and what it prints. */
const QUESTIONS: readonly { readonly program: string; readonly args: readonly string[] }[] = [
  {
    program: 'gdbus',
    args: [
      ...['call', '--session', '--dest', 'org.freedesktop.DBus', '--object-path', '/org/freedesktop/DBus'],
      ...['--method', 'org.freedesktop.DBus.NameHasOwner', WATCHER],
    ],
  },
  {
    program: 'busctl',
    args: [
      ...['--user', 'call', 'org.freedesktop.DBus', '/org/freedesktop/DBus', 'org.freedesktop.DBus'],
      ...['NameHasOwner', 's', WATCHER],
    ],
  },
];

/** Runs a program for a short time; its output, or null if it failed. */
export type AskProgram = (program: string, args: readonly string[]) => Promise<string | null>;

/** True only if it is known: by the desktop's own answer, or, where none can be had, by the desktop's name. Never rejects. */
export async function findTray(options: {
  platform: NodeJS.Platform;
  desktop: string;
  ask?: AskProgram;
}): Promise<boolean> {
  const { platform, desktop, ask = askProgram } = options;
  if (platform === 'darwin' || platform === 'win32') return true;
  for (const { program, args } of QUESTIONS) {
    const answer = await ask(program, args);
    if (answer !== null && /\b(true|false)\b/.test(answer)) return /\btrue\b/.test(answer);
  }
  return KNOWN_DESKTOPS.test(desktop);
}

async function askProgram(program: string, args: readonly string[]): Promise<string | null> {
  return await new Promise((resolve) => {
    execFile(program, [...args], { timeout: ASK_WITHIN_MS, encoding: 'utf8' }, (error, output) =>
      resolve(error ? null : output),
    );
  });
}
