import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { launchBrowser, makeTrialFolder, startTrial, type Trial } from './trial.ts';

let browser: Browser;
let folder: ReturnType<typeof makeTrialFolder>;
let trial: Trial | null = null;

beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser.close();
});
beforeEach(() => {
  folder = makeTrialFolder();
});
afterEach(async () => {
  await trial?.app.kill();
  trial = null;
  folder.remove();
});

async function start(options: Parameters<typeof startTrial>[2] = {}): Promise<Trial> {
  trial = await startTrial(browser, folder.folder, options);
  return trial;
}

const ICON = Buffer.from('89504e470d0a1a0a0000000d494844520000001600000016', 'hex');

it('the tray shows what it was given, marks a checkbox before the app hears of it, and presses nothing disabled', async () => {
  const { app, run } = await start();
  const icon = join(folder.folder, 'off.png');
  writeFileSync(icon, ICON);
  await run(`
    globalThis.tray = new electron.Tray(${JSON.stringify(icon)});
    tray.setToolTip('Trial');
    tray.setContextMenu(electron.Menu.buildFromTemplate([
      { label: 'Idle', enabled: false },
      { label: 'Switch', type: 'checkbox', checked: false, click: (item) => console.log('switch ' + item.checked) },
      { label: 'Awake', submenu: [
        { label: 'Off', type: 'radio', checked: true },
        { label: 'Always', type: 'radio', click: () => console.log('always') },
      ] },
    ]));`);
  await app.clickMenu('Switch');
  await app.clickMenu('Awake', 'Always');
  await expect(app.clickMenu('Idle')).rejects.toThrow('"Idle" is disabled');
  await expect(app.clickMenu('Nothing')).rejects.toThrow('0 items are called "Nothing"');
  const tray = await app.tray();
  expect({ ...tray, items: tray.items.map(({ label, isChecked }) => [label, isChecked]) }).toEqual({
    tooltip: 'Trial',
    iconPath: icon,
    items: [
      ['Idle', false],
      ['Switch', true],
      ['Awake', false],
    ],
  });
  expect(tray.items[2]?.items.map(({ label, isChecked }) => [label, isChecked])).toEqual([
    ['Off', false],
    ['Always', true],
  ]);
  await expect.poll(() => app.output()).toMatch(/switch true\nalways/);
});

it('an icon that is not there fails, in the tray and as an image', async () => {
  const { run } = await start();
  await expect(run(`new electron.Tray('/nowhere/icon.png')`)).rejects.toThrow('ENOENT');
  await expect(run(`electron.nativeImage.createFromPath('/nowhere/icon.png')`)).rejects.toThrow('ENOENT');
});

it('a dialog waits for the person, and takes an answer that was ready before', async () => {
  const { app, run } = await start();
  const asked = run(
    `return (await electron.dialog.showMessageBox({ message: 'Sure?', buttons: ['No', 'Yes'] })).response`,
  );
  await expect.poll(async () => (await app.messageBoxes()).map((box) => box.message)).toEqual(['Sure?']);
  await app.answerNextMessageBox(1);
  expect(await asked).toBe(1);
  await app.answerNextSaveDialog(null);
  expect(await run(`return await electron.dialog.showSaveDialog({})`)).toEqual({ canceled: true, filePath: '' });
  await app.answerNextOpenDialog(['/tmp']);
  expect(await run(`return (await electron.dialog.showOpenDialog({})).filePaths`)).toEqual(['/tmp']);
});

it('a notification is clicked, acted on by number, or closed, and is gone afterwards', async () => {
  const { app, run } = await start();
  await run(`
    for (const name of ['one', 'two', 'three']) {
      const note = new electron.Notification({ title: name, body: 'b', actions: [{ type: 'button', text: 'Allow' }] });
      note.on('click', () => console.log(name + ' clicked'));
      note.on('action', (details) => console.log(name + ' action ' + details.actionIndex));
      note.on('close', () => console.log(name + ' closed'));
      note.show();
      globalThis[name] = note;
    }`);
  await expect.poll(async () => (await app.notifications()).length).toBe(3);
  await app.actOnNotification(0, 'click');
  await app.actOnNotification(1, 0);
  await run(`three.close()`);
  await expect(app.actOnNotification(0, 'click')).rejects.toThrow('no longer shown');
  await expect.poll(async () => (await app.notifications()).map((note) => note.isShown)).toEqual([false, false, false]);
  await expect.poll(() => app.output()).toMatch(/one clicked\none closed\ntwo action 0\ntwo closed\nthree closed/);
});

it('safeStorage encrypts for real, asks for a new encryption after its key was rotated, and refuses when it is told to', async () => {
  const encrypt = `return (await electron.safeStorage.encryptStringAsync('a secret')).toString('hex')`;
  const decrypt = (hex: unknown) =>
    `return await electron.safeStorage.decryptStringAsync(Buffer.from(${JSON.stringify(hex)}, 'hex'))`;
  const first = await start();
  const encrypted = await first.run(encrypt);
  expect(Buffer.from(String(encrypted), 'hex').toString('latin1')).not.toContain('secret');
  expect(await first.run(decrypt(encrypted))).toEqual({ result: 'a secret', shouldReEncrypt: false });
  await expect(first.run(decrypt(`${encrypted}00`))).rejects.toThrow();
  await first.app.kill();

  const rotated = await start({ keyring: 'rotated' });
  expect(await rotated.run(decrypt(encrypted))).toEqual({ result: 'a secret', shouldReEncrypt: true });
  const again = await rotated.run(encrypt);
  expect(await rotated.run(decrypt(again))).toEqual({ result: 'a secret', shouldReEncrypt: false });
  await rotated.app.kill();

  const refusing = await start({ keyring: 'refusing' });
  await expect(refusing.run(decrypt(again))).rejects.toThrow('decrypting');
  await refusing.app.kill();

  const without = await start({ keyring: 'unavailable' });
  expect(await without.run(`return await electron.safeStorage.isAsyncEncryptionAvailable()`)).toBe(false);
  await expect(without.run(encrypt)).rejects.toThrow('not available');
});

it('a computer that falls asleep runs nothing between the handlers of suspend and resume', async () => {
  const { app, run } = await start();
  await run(`
    electron.powerMonitor.on('suspend', () => {
      console.log('handled');
      setImmediate(() => console.log('left for later'));
    });
    electron.powerMonitor.on('resume', () => console.log('resumed'));`);
  await app.emitPower('suspend', { isFrozen: true });
  await expect.poll(() => app.output()).toContain('handled');
  expect(app.output()).not.toContain('left for later');
  await app.emitPower('resume');
  await expect.poll(() => app.output()).toMatch(/left for later[\s\S]*resumed|resumed[\s\S]*left for later/);
});

it('says what keeps the computer awake, and whether it runs on its battery', async () => {
  const { app, run } = await start({ isOnBattery: true });
  await run(`globalThis.id = electron.powerSaveBlocker.start('prevent-app-suspension')`);
  expect(await app.powerBlockers()).toEqual(['prevent-app-suspension']);
  await run(`electron.powerSaveBlocker.stop(id)`);
  expect(await app.powerBlockers()).toEqual([]);
  expect(await run(`return electron.powerMonitor.isOnBatteryPower()`)).toBe(true);
  await app.setOnBattery(false);
  expect(await run(`return electron.powerMonitor.isOnBatteryPower()`)).toBe(false);
});
