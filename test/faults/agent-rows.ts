/** What can happen to an agent, and to the disk on which the computer keeps everything. */
import { randomUUID } from 'node:crypto';
import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Row } from './row.ts';
import { EXITING_AGENT, SESSION, type Stage } from './stage.ts';

const FLOOD_KIB = 48 * 1024;
const FILLER_CHUNK = Buffer.alloc(64 * 1024, 1);

const fillerOf = (stage: Stage) => join(stage.dataFolder, 'filler');

/** Until not one byte more can be written. */
function fillDisk(stage: Stage): void {
  const file = openSync(fillerOf(stage), 'w');
  try {
    for (const chunk of [FILLER_CHUNK, Buffer.of(1)]) writeUntilFull(file, chunk);
  } finally {
    closeSync(file);
  }
}

function writeUntilFull(file: number, chunk: Buffer): void {
  try {
    for (;;) writeSync(file, chunk);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  }
}

export const AGENT_ROWS: readonly Row[] = [
  {
    name: 'agent-killed',
    isShort: true,
    broken: {},
    says: /ended|Interrupted|interrupted|started again/,
    where: 'page',
    canAct: false,
    mayBeUncertain: true,
    strike: async (stage) => {
      if ((await stage.signalAgents('SIGKILL')) === 0) throw new Error('No agent was there to be killed.');
    },
    heal: () => {},
  },
  {
    name: 'agent-hung',
    broken: {},
    says: /handing it to the agent|Working/,
    where: 'page',
    strike: async (stage) => {
      if ((await stage.signalAgents('SIGSTOP')) === 0) throw new Error('No agent was there to be stopped.');
    },
    heal: async (stage) => {
      await stage.signalAgents('SIGCONT');
    },
  },
  {
    name: 'agent-floods',
    mayLackOlder: true,
    broken: {},
    says: /Connected · proven/,
    canAct: false,
    strike: async (stage) => {
      await stage.phone.allow();
      await stage.prompt(`flood ${FLOOD_KIB}`);
      await stage.untilPage(/xxxxxxxx/);
    },
    heal: () => {},
  },
  {
    name: 'agent-exits-at-start',
    broken: {},
    says: /Failed|could not be started|ended/,
    where: 'page',
    canAct: false,
    strike: async (stage) => {
      await stage.phone.allow();
      await stage.phone.backToList();
      await stage.phone.askForSession(new RegExp(EXITING_AGENT), 'Never begins');
    },
    heal: async (stage) => {
      await stage.phone.backToList();
      await stage.phone.openSession(SESSION);
    },
  },
  {
    name: 'agent-asks-20-at-once',
    broken: {},
    says: /Pretend step 20 of 20/,
    where: 'page',
    canAct: false,
    strike: async (stage) => {
      await stage.phone.allow();
      await stage.prompt('many approvals 20');
    },
    heal: () => {},
  },
  {
    name: 'disk-full-on-host',
    diskMib: 24,
    mayRefuse: true,
    broken: {},
    says: /The disk is full/,
    where: 'page',
    canAct: false,
    strike: async (stage) => {
      fillDisk(stage);
      await stage.prompt(`echo: no room on the computer ${randomUUID()} ${'x'.repeat(30_000)}`);
    },
    heal: (stage) => rmSync(fillerOf(stage)),
  },
];
