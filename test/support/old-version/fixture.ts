/** What version 56aa5b1 left behind, kept in `test/fixtures/56aa5b1`: its host, its page, a computer's data, a phone's storage. */
import { mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { unpackArchive } from './archive.ts';
import type { ComputerRecord } from './computer-record.ts';
import type { StorageDump } from './phone-storage.ts';

const ROOT = join(import.meta.dirname, '../../..');
export const FIXTURE_FOLDER = join(ROOT, 'test/fixtures/56aa5b1');

/**
 * Where the computer of the fixture kept its project. Its sessions name this folder, so it is made again when they are to go on; nothing
 * in it is read, and what the tests prompt there changes no file.
 */
export const OLD_PLACE = '/tmp/baton-fixture-56aa5b1';
export const OLD_PROJECT = `${OLD_PLACE}/project`;
/** The relay's port when the fixture was made: a browser keeps its storage by origin. */
export const OLD_PORT = 47_823;
export const OLD_ORIGIN = `http://127.0.0.1:${OLD_PORT}`;

/** Names of what the fixture has, as its maker gave them. */
export const OLD_SESSIONS = {
  greeting: 'Tidy the greeting',
  denied: 'Leave it alone',
  questions: 'Three questions',
  expired: 'Asked in vain',
  forgetful: 'Forgetful agent',
  over: 'Over and done',
  waiting: 'Waits for you',
} as const;
export const OLD_TEXTS = {
  /** A prompt that waits on the phone: it was written when the computer was gone. */
  unsent: 'echo: written on the way home',
  /** Typed on the phone and not sent. */
  draft: 'And then perhaps the farewell',
  /** Prompts that wait on the computer. */
  queued: ['echo: first in the queue', 'echo: second in the queue'],
} as const;

/** A device without a page, as `test/support/device` stores it. */
export interface OldTablet {
  readonly hostId: string;
  readonly hostKey: string;
  readonly relayOrigin: string;
  readonly deviceId: string;
  readonly psk: string;
  readonly noisePrivate: string;
  readonly noisePublic: string;
  readonly authPrivate: string;
  readonly authPublic: string;
}

function unpack(name: string, folder: string): string {
  unpackArchive(readFileSync(join(FIXTURE_FOLDER, `${name}.br`)), folder);
  return folder;
}

const readJson = (file: string): unknown => JSON.parse(readFileSync(file, 'utf8'));

/** The host of that version in `folder`, with the packages of this one that it left out of its bundle. The program to run. */
export function unpackOldHost(folder: string): string {
  unpack('host', folder);
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'), 'junction');
  return oldHostProgram(folder);
}

export function oldHostProgram(folder: string): string {
  return join(folder, 'main/host/agents/index.js');
}

/** The built page of that version. Its folder. */
export function unpackOldPage(folder: string): string {
  return unpack('page', folder);
}

export interface OldComputer {
  /** The data folder. */
  readonly data: string;
  /** Where the demo agent of that computer keeps its sessions (BATON_DEMO_STATE). */
  readonly agents: string;
  /** What that version itself read in the data folder. */
  readonly record: ComputerRecord;
  readonly tablet: OldTablet;
}

/** The computer in the state in which that version was killed. */
export function unpackOldComputer(folder: string): OldComputer {
  unpack('computer', folder);
  mkdirSync(OLD_PROJECT, { recursive: true });
  return {
    data: join(folder, 'data'),
    agents: join(folder, 'agents'),
    record: readJson(join(folder, 'record.json')) as ComputerRecord,
    tablet: readJson(join(folder, 'tablet.json')) as OldTablet,
  };
}

/** What the phone that is paired with that computer has stored. */
export function unpackOldPhone(folder: string): StorageDump {
  return readJson(join(unpack('phone', folder), 'storage.json')) as StorageDump;
}
