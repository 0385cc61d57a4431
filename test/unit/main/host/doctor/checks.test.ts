import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import { silentLog } from '#lib/log.ts';
import { type Check, summarise, toOneSentence } from '#main/host/doctor/check.ts';
import { checkClock, judgeClock } from '#main/host/doctor/clock-check.ts';
import { checkFolder, describeHistory } from '#main/host/doctor/folder-check.ts';
import { describeAdmission, describeDevices, describeRelay } from '#main/host/doctor/link-checks.ts';
import { openHistory } from '#main/host/history/history.ts';
import { inspectHistory } from '#main/host/history/inspect-history.ts';
import { MIGRATIONS } from '#main/host/history/migrations.ts';
import { proveDevice, readDeviceFact, readRelayFact } from '#main/host/remote/link/link-facts.ts';
import { makeFolder } from '#test/support/test-host.ts';

const NOW = Date.UTC(2026, 10, 22, 12);
const DAY_MS = 24 * 60 * 60_000;
const MIB = 1024 * 1024;

function makeHistory(folder: string) {
  const opened = openHistory({ folder, now: () => NOW, log: silentLog });
  if (opened.kind === 'refused') throw new Error(opened.text);
  return opened.history;
}

test('what is wrong first is said in one sentence; without anything wrong it is said what could not be checked', () => {
  const check = (state: Check['state'], text: string): Check => ({ name: 'name', title: 'Name', state, text, ms: 0 });
  expect(summarise([check('ok', 'Fine.'), check('wrong', 'A is bad. Mend it.'), check('wrong', 'B.')])).toBe(
    'A is bad; mend it.',
  );
  expect(summarise([check('ok', 'Fine.'), check('skipped', 'None.')])).toBe(
    'Nothing is wrong with what could be checked.',
  );
  expect(summarise([check('ok', 'Fine.')])).toBe('Everything works.');
  expect(toOneSentence('Nobody is at 127.0.0.1. Baton waits. HTTP is spoken.')).toBe(
    'Nobody is at 127.0.0.1; Baton waits; HTTP is spoken.',
  );
});

test('a folder is written to and left as it was; one that takes nothing or is nearly full is named', () => {
  const folder = makeFolder();
  const plenty = () => 3000 * MIB;
  expect(checkFolder(folder, plenty)).toEqual({ state: 'ok', text: `${folder} takes files; 2 GiB are left.` });
  expect(readdirSync(folder)).toEqual([]);
  expect(checkFolder(folder, () => 150.9 * MIB)).toEqual({
    state: 'wrong',
    text: `Only 150 MiB are left for ${folder}. Free some space.`,
  });
  expect(checkFolder(join(folder, 'a/b'), plenty)).toMatchObject({ state: 'skipped' });
  expect(readdirSync(folder)).toEqual([]);
  const file = join(folder, 'file');
  writeFileSync(file, '');
  const inTheWay = `Baton cannot keep its data in ${file}: it is a file. Choose another folder with --data.`;
  expect(checkFolder(file, plenty)).toEqual({ state: 'wrong', text: inTheWay });
  expect(checkFolder('/proc/baton', plenty).text).toMatch(/^Baton cannot keep its data in \/proc\/baton: .* Choose/);
});

test('a history is looked at without being touched: good, held by another Baton, newer, damaged, none', () => {
  const folder = makeFolder();
  expect(describeHistory(inspectHistory(folder), folder).state).toBe('skipped');
  const history = makeHistory(folder);
  const device = { id: 'one', name: 'Phone', scope: 'full', noiseKey: new Uint8Array(1), authKey: new Uint8Array(1) };
  history.devices.add({ ...device, scope: 'full', psk: new Uint8Array(32), isSigning: true });
  history.devices.touch('one');
  const devices = [{ name: 'Phone', lastSeenAt: NOW }];
  expect(inspectHistory(folder)).toEqual({ kind: 'good', isHeld: true, isWhole: false, devices });
  history.close();
  expect(inspectHistory(folder)).toEqual({ kind: 'good', isHeld: false, isWhole: true, devices });

  const path = join(folder, 'history.db');
  const newer = new Database(path);
  newer.pragma(`user_version = ${MIGRATIONS.length + 3}`);
  newer.close();
  expect(describeHistory(inspectHistory(folder), folder)).toEqual({
    state: 'wrong',
    text: `The history in ${folder} was written by a newer Baton (format ${MIGRATIONS.length + 3}; this one knows up to ${MIGRATIONS.length}). Update Baton.`,
  });

  writeFileSync(path, 'no database, but 60 bytes of something else entirely, honest.');
  const before = readFileSync(path);
  expect(describeHistory(inspectHistory(folder), folder)).toMatchObject({
    state: 'wrong',
    text: expect.stringMatching(/is damaged \(file is not a database\)\. Put a copy from a backup/),
  });
  expect(readFileSync(path)).toEqual(before);
  expect(readdirSync(folder).filter((name) => name.includes('damaged'))).toEqual([]);
});

test('looking whether a folder is held lets a host start at the same time', () => {
  const folder = makeFolder();
  makeHistory(folder).close();
  expect(inspectHistory(folder)).toMatchObject({ isHeld: false });
  const history = makeHistory(folder);
  expect(inspectHistory(folder)).toMatchObject({ isHeld: true });
  history.close();
});

test('a clock that is off by more than two minutes is said, with how much and to which side', () => {
  expect(judgeClock(120_000).state).toBe('ok');
  expect(judgeClock(-120_000).state).toBe('ok');
  expect(judgeClock(120_001).text).toMatch(/^The clock of this computer is 2 minutes ahead of the relay’s\. Set it/);
  expect(judgeClock(-3 * 60 * 60_000).text).toContain('3 hours behind the relay’s');
  expect(judgeClock(2 * DAY_MS).text).toContain('2 days ahead of');
});

test('the clock is compared with the Date header of the relay; who says none or nothing is not waited for', async () => {
  const server = createServer((request, response) => {
    if (request.url !== '/healthz' || request.method !== 'HEAD') return;
    response.sendDate = false;
    response.setHeader('date', new Date(NOW).toUTCString());
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const at = (now: number) => checkClock({ origin, now: () => now, timeoutMs: 5_000 });
  expect(await at(NOW + 60_000)).toMatchObject({ state: 'ok' });
  expect((await at(NOW + 25 * DAY_MS)).text).toContain('25 days ahead of');
  const mute = createServer(() => {});
  await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    mute.closeAllConnections();
    mute.close();
  });
  const silent = `http://127.0.0.1:${(mute.address() as AddressInfo).port}`;
  expect(await checkClock({ origin: silent, now: () => NOW, timeoutMs: 50 })).toMatchObject({ state: 'skipped' });
});

test('a device that was seen while the clock was a day ahead is given no age that is made up', () => {
  const device = (name: string, lastSeenAt: number | null) => ({ kind: 'away', name, lastSeenAt }) as const;
  expect(describeDevices([], NOW)).toMatchObject({ state: 'skipped' });
  expect(
    describeDevices(
      [
        readDeviceFact({ name: 'Pixel', lastSeenAt: NOW, connection: proveDevice(38.2, NOW - 3_000) }, NOW),
        device('iPad\u001b[2J', NOW - DAY_MS),
        device('Tablet', null),
        device('Laptop', NOW + DAY_MS),
      ],
      NOW,
    ).text,
  ).toMatch(
    /^“Pixel” is connected, last proof 3 s ago \(38 ms\); “iPad\P{Cc}*” was last seen 1 day ago; “Tablet” was never seen since it was paired; “Laptop” was last seen at a time that is yet to come by this clock\.$/u,
  );
});

test('the link and the admission are told as the host knows them, and not claimed where it does not', () => {
  expect(describeRelay(readRelayFact({ kind: 'connected', since: NOW - 60_000 }, NOW - 2_000, NOW), NOW)).toEqual({
    state: 'ok',
    text: 'Connected for 1 min; the relay was heard 2 s ago.',
  });
  expect(
    describeRelay(readRelayFact({ kind: 'connected', since: NOW - 60_000 }, NOW - 20_000, NOW), NOW),
  ).toMatchObject({
    state: 'wrong',
    text: expect.stringContaining('silent for 20 s'),
  });
  const silent = { kind: 'silent', name: 'Pixel', provenAt: NOW - 180_000 } as const;
  expect(describeDevices([silent], NOW).text).toBe(
    '“Pixel” has a connection open and is silent, last proof 3 min ago.',
  );
  const unreachable = { kind: 'unreachable', since: NOW - 5_000, reason: 'There is no network.', retryAt: NOW + 4_000 };
  expect(describeRelay({ ...unreachable, kind: 'unreachable' }, NOW).text).toBe(
    'Baton has not been connected for 5 s: There is no network. It tries again by itself in 4 s.',
  );
  const host = { isRunning: true, isConnected: true, isKnown: true, admitted: 2, paired: 2 };
  expect(describeAdmission(host)).toMatchObject({ state: 'ok' });
  expect(describeAdmission({ ...host, admitted: 1 }).text).toContain('admits 1 of 2 devices');
  expect(describeAdmission({ ...host, admitted: null }).text).toContain('has not taken the list');
  expect(describeAdmission({ ...host, isKnown: false }).text).toContain('has not taken the list');
  expect(describeAdmission({ ...host, isConnected: false, admitted: null })).toMatchObject({ state: 'skipped' });
  expect(describeAdmission({ ...host, isRunning: false, admitted: null })).toMatchObject({ state: 'skipped' });
});
