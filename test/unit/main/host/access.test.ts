import { describe, expect, test } from 'vitest';
import {
  type Client,
  canSee,
  canSeeComputer,
  channelRefusal,
  isPaired,
  refusalFor,
  type SessionStanding,
  THIS_COMPUTER,
} from '#main/host/access.ts';
import type { Device } from '#main/host/history/device-store.ts';
import { CloseCode } from '#protocol/close-codes.ts';
import { type CommandKind, commandBodies, type Scope } from '#protocol/commands.ts';

/** What each letter of the table stands for. */
const WORDS: Record<string, string | null> = {
  '.': null,
  R: 'This device was revoked.',
  W: 'This device may only watch. Its rights can be changed on the computer.',
  A: 'This device may send prompts and answer questions only. Its rights can be changed on the computer.',
  O: 'Remote control is switched off on the computer.',
  S: 'Remote control is switched off for this session.',
  U: 'This session is not known on the computer.',
  D: 'This session was deleted on the computer.',
};

/** One letter each, in this order. */
const COMMANDS = [
  'prompt',
  'prompt.withdraw',
  'prompt.resolve',
  'cancel',
  'answer',
  'mode.set',
  'session.new',
  'session.end',
  'session.resume',
  'session.rename',
] as const satisfies readonly CommandKind[];

const SESSIONS: Record<string, SessionStanding> = {
  shown: { kind: 'known', record: { isRemote: true } },
  hidden: { kind: 'known', record: { isRemote: false } },
  unknown: { kind: 'unknown' },
  deleted: { kind: 'deleted' },
};

function device(scope: Scope, revokedAt: number | null): Client {
  return { kind: 'device', id: 'phone', name: 'Phone', scope, revokedAt };
}

const CLIENTS: Record<string, Client> = {
  computer: THIS_COMPUTER,
  watch: device('watch', null),
  answer: device('answer', null),
  full: device('full', null),
  'watch, revoked': device('watch', 5),
  'answer, revoked': device('answer', 5),
  'full, revoked': device('full', 5),
};

/** client | remote control | session | what each command is answered | whether the session is seen */
const TABLE = `
computer        | on  | shown   | .......... | seen
computer        | on  | hidden  | .......... | seen
computer        | on  | unknown | U..U.U.UUU | -
computer        | on  | deleted | D.DDDDDDDD | -
computer        | off | shown   | .......... | seen
computer        | off | hidden  | .......... | seen
computer        | off | unknown | U..U.U.UUU | -
computer        | off | deleted | D.DDDDDDDD | -
watch           | on  | shown   | WWWWWWWWWW | seen
watch           | on  | hidden  | WWWWWWWWWW | -
watch           | on  | unknown | WWWWWWWWWW | -
watch           | on  | deleted | WWWWWWWWWW | -
watch           | off | shown   | WWWWWWWWWW | -
watch           | off | hidden  | WWWWWWWWWW | -
watch           | off | unknown | WWWWWWWWWW | -
watch           | off | deleted | WWWWWWWWWW | -
answer          | on  | shown   | .....AAAAA | seen
answer          | on  | hidden  | SSSSSAAAAA | -
answer          | on  | unknown | U..U.AAAAA | -
answer          | on  | deleted | D.DDDAAAAA | -
answer          | off | shown   | OOOOOAAAAA | -
answer          | off | hidden  | OOOOOAAAAA | -
answer          | off | unknown | OOOOOAAAAA | -
answer          | off | deleted | OOOOOAAAAA | -
full            | on  | shown   | .......... | seen
full            | on  | hidden  | SSSSSSSSSS | -
full            | on  | unknown | U..U.U.UUU | -
full            | on  | deleted | D.DDDDDDDD | -
full            | off | shown   | OOOOOOOOOO | -
full            | off | hidden  | OOOOOOOOOO | -
full            | off | unknown | OOOOOOOOOO | -
full            | off | deleted | OOOOOOOOOO | -
watch, revoked  | on  | shown   | RRRRRRRRRR | -
watch, revoked  | on  | hidden  | RRRRRRRRRR | -
watch, revoked  | on  | unknown | RRRRRRRRRR | -
watch, revoked  | on  | deleted | RRRRRRRRRR | -
watch, revoked  | off | shown   | RRRRRRRRRR | -
watch, revoked  | off | hidden  | RRRRRRRRRR | -
watch, revoked  | off | unknown | RRRRRRRRRR | -
watch, revoked  | off | deleted | RRRRRRRRRR | -
answer, revoked | on  | shown   | RRRRRRRRRR | -
answer, revoked | on  | hidden  | RRRRRRRRRR | -
answer, revoked | on  | unknown | RRRRRRRRRR | -
answer, revoked | on  | deleted | RRRRRRRRRR | -
answer, revoked | off | shown   | RRRRRRRRRR | -
answer, revoked | off | hidden  | RRRRRRRRRR | -
answer, revoked | off | unknown | RRRRRRRRRR | -
answer, revoked | off | deleted | RRRRRRRRRR | -
full, revoked   | on  | shown   | RRRRRRRRRR | -
full, revoked   | on  | hidden  | RRRRRRRRRR | -
full, revoked   | on  | unknown | RRRRRRRRRR | -
full, revoked   | on  | deleted | RRRRRRRRRR | -
full, revoked   | off | shown   | RRRRRRRRRR | -
full, revoked   | off | hidden  | RRRRRRRRRR | -
full, revoked   | off | unknown | RRRRRRRRRR | -
full, revoked   | off | deleted | RRRRRRRRRR | -
`;

const rows = TABLE.trim()
  .split('\n')
  .map((line) => line.split('|').map((cell) => cell.trim()) as [string, string, string, string, string]);

describe('who may see and do what', () => {
  test('the table has a row for every client, switch and session, and a cell for every command', () => {
    expect([...COMMANDS].toSorted()).toEqual(Object.keys(commandBodies).toSorted());
    const wanted = Object.keys(CLIENTS).flatMap((client) =>
      ['on', 'off'].flatMap((all) => Object.keys(SESSIONS).map((session) => `${client} ${all} ${session}`)),
    );
    expect(rows.map(([client, all, session]) => `${client} ${all} ${session}`)).toEqual(wanted);
    expect(rows.filter(([, , , answers]) => answers.length !== COMMANDS.length)).toEqual([]);
  });

  test.each(rows)('%s, remote control %s, session %s: %s, %s', (name, all, of, answers, seen) => {
    const client = CLIENTS[name] as Client;
    const facts = { settings: { remoteControl: all === 'on' }, session: SESSIONS[of] as SessionStanding };
    const told = COMMANDS.map((command) => [command, refusalFor(client, command, facts)]);
    expect(told).toEqual(COMMANDS.map((command, index) => [command, WORDS[answers[index] ?? '']]));
    expect(canSee(client, facts)).toBe(seen === 'seen');
  });

  test('agents and folders are seen by this computer always, by a device while it is paired and remote control is on', () => {
    const looks = Object.entries(CLIENTS).flatMap(([name, client]) =>
      [true, false].filter((remoteControl) => canSeeComputer(client, { remoteControl })).map((on) => `${name}: ${on}`),
    );
    expect(looks).toEqual(['computer: true', 'computer: false', 'watch: true', 'answer: true', 'full: true']);
  });
});

describe('who may connect', () => {
  const key = new Uint8Array(32);
  const row: Device = {
    ...{ id: 'phone', name: 'Phone', scope: 'full', noiseKey: key, authKey: key, psk: key, isSigning: true },
    ...{ pairedAt: 1, lastSeenAt: null, revokedAt: null },
  };

  test('only a device that is paired, with its key', () => {
    expect([row, null, { ...row, revokedAt: 5 }, { ...row, psk: null }].map(isPaired)).toEqual([
      true,
      false,
      false,
      false,
    ]);
  });

  test('a revoked one is told so, a stranger is not admitted', () => {
    expect(channelRefusal({ ...row, revokedAt: 5, psk: null })).toEqual({
      code: CloseCode.revoked,
      reason: 'This device was revoked.',
    });
    expect(channelRefusal(null)).toEqual({ code: CloseCode.notAdmitted, reason: 'Not paired.' });
  });
});
