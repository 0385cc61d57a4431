/** A small Electron app to try the stand-in with: a page, a bridge, and a channel on which a test runs code in main. */
import * as electron from 'electron';
import { app, BrowserWindow, ipcMain, protocol, session } from 'electron';

const { TRIAL_PRELOAD, TRIAL_GUARDED, TRIAL_CSP = "default-src 'self'" } = process.env;
const isGuarded = TRIAL_GUARDED === '1';
const say = (text: string) => console.log(text);

app.enableSandbox();
protocol.registerSchemesAsPrivileged([{ scheme: 'app', privileges: { standard: true, secure: true } }]);
const dataAt = process.argv.indexOf('--data') + 1;
app.setPath('userData', process.argv[dataAt] ?? '');
if (!app.requestSingleInstanceLock({ words: process.argv.slice(dataAt + 1) })) app.exit(3);

app.on('second-instance', (_event, _argv, _cwd, data) => say(`second-instance ${JSON.stringify(data)}`));
app.on('window-all-closed', () => say('window-all-closed'));
for (const name of ['before-quit', 'will-quit', 'quit'] as const) app.on(name as 'quit', () => say(name));

await app.whenReady();
if (isGuarded) {
  session.defaultSession.setPermissionRequestHandler((_contents, _permission, answer) => answer(false));
  session.defaultSession.setPermissionCheckHandler(() => false);
  session.defaultSession.webRequest.onBeforeRequest(({ url }, answer) => answer({ cancel: !url.startsWith('app:') }));
  app.on('web-contents-created', (_event, contents) => {
    contents.on('will-navigate', (event) => event.preventDefault());
    contents.setWindowOpenHandler(() => ({ action: 'deny' }));
  });
}
protocol.handle('app', (request) => {
  const { pathname } = new URL(request.url);
  const [type, body] =
    pathname === '/index.html'
      ? ['text/html', `<!doctype html><title>Trial</title><p>${request.url}</p><script src="page.js"></script>`]
      : pathname === '/page.js'
        ? ['text/javascript', 'window.seenAtStart = Object.keys(window).join();']
        : ['text/plain', 'nothing here'];
  const headers = { 'content-type': type ?? '', 'content-security-policy': TRIAL_CSP };
  return new Response(body, { status: type === 'text/plain' ? 404 : 200, headers });
});

const AsyncFunction = (async () => {}).constructor as new (
  ...args: string[]
) => (...args: unknown[]) => Promise<unknown>;
ipcMain.handle('run', (event, code: string) => new AsyncFunction('electron', 'event', code)(electron, event));
ipcMain.handle('echo', (event, value: unknown) => ({ value, from: event.senderFrame?.url ?? null }));

const window = new BrowserWindow({
  show: false,
  width: 500,
  height: 400,
  webPreferences: { ...(TRIAL_PRELOAD ? { preload: TRIAL_PRELOAD } : {}), sandbox: true, contextIsolation: true },
});
await window.loadURL('app://bundle/index.html');
window.show();
