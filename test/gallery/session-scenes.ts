/** One session: what its agent does, asks and says, and what was written to it. */

import type { NewEvent } from '#protocol/events.ts';
import type { SessionSummary } from '#protocol/messages.ts';
import type { OutboxEntry, OutboxState } from '#ui/host-client.ts';
import { FixtureBaton } from './fixture-baton.ts';
import { EDIT_ASKED, EDIT_DONE, longSession, OPENING, PHONE, TABLET, TESTS_RUN, toLog } from './fixture-events.ts';
import { FixtureHost, type FixtureHostOptions, FixtureLog } from './fixture-host.ts';
import {
  EDIT_APPROVAL,
  hostState,
  LARGE_APPROVALS,
  RUN_APPROVAL,
  SESSION,
  sessions,
  summary,
  TRICKY_APPROVAL,
} from './fixture-state.ts';
import { LONG, LONG_HOST_NAME, LONG_PATH, MINUTE, OFFLINE, REFUSED_START, type Scene, STARTING } from './scene.ts';

const SESSION_PATH = `/s/studio/${SESSION}`;

interface SessionSceneOptions extends FixtureHostOptions {
  events: readonly NewEvent[];
  session?: Partial<SessionSummary>;
  loaded?: number;
  prepare?: (log: FixtureLog, host: FixtureHost) => void;
}

function session({ events, session: change = {}, loaded, prepare, ...options }: SessionSceneOptions): Scene {
  return {
    path: SESSION_PATH,
    make: () => {
      const own = summary({ id: SESSION, state: 'idle', ...change });
      const log = new FixtureLog(toLog(events), loaded);
      const others = sessions().filter(({ id }) => id !== SESSION);
      const host = new FixtureHost({
        state: hostState({ sessions: [own, ...others], approvals: [] }),
        ...options,
        logs: { [SESSION]: log },
      });
      prepare?.(log, host);
      return new FixtureBaton({ hosts: [host] });
    },
  };
}

function withApprovals(...approvals: (typeof EDIT_APPROVAL)[]) {
  return hostState({ sessions: [summary({ id: SESSION, state: 'waiting' }), ...sessions().slice(1)], approvals });
}

function prompt(id: string, text: string, state: OutboxState, reason: string | null = null): OutboxEntry {
  return { id, session: SESSION, kind: 'prompt', body: { text }, state, reason, at: Date.now() - 5000 };
}

export const sessionScenes: Record<string, Scene> = {
  session: session({ events: [...OPENING, ...EDIT_ASKED, ...EDIT_DONE, ...TESTS_RUN] }),
  'session-working': session({
    events: [
      ...OPENING,
      ...EDIT_ASKED,
      ...EDIT_DONE,
      {
        kind: 'tool',
        body: {
          id: 'call-run',
          title: 'Run the link tests',
          kind: 'execute',
          state: 'running',
          content: [],
          paths: [],
          input: 'npx vitest run test/unit/relay',
        },
      },
    ],
    session: { state: 'working' },
    prepare: (log) => {
      log.streaming.value = [
        { id: 's1', role: 'thought', text: 'The edit is in. While the tests run I can' },
        {
          id: 's2',
          role: 'message',
          text: 'The link now backs off with **full jitter**.\n\nWhile the tests run, two things about the',
        },
      ];
    },
  }),
  'session-disk-full': session({
    events: [...OPENING, ...EDIT_ASKED, ...EDIT_DONE, ...TESTS_RUN],
    state: hostState({ diskTrouble: 'The disk is full. Free some space.' }),
  }),
  'session-approval': session({ events: [...OPENING, ...EDIT_ASKED], state: withApprovals(EDIT_APPROVAL) }),
  'session-approvals': session({
    events: [...OPENING, ...EDIT_ASKED],
    state: withApprovals({ ...RUN_APPROVAL, session: SESSION }, EDIT_APPROVAL),
  }),
  'session-approval-tricky': session({ events: [...OPENING], state: withApprovals(TRICKY_APPROVAL) }),
  'session-approvals-large': session({
    events: [...OPENING],
    state: { ...withApprovals(...LARGE_APPROVALS), approvalsLeftOut: 3 },
  }),
  'session-answered': session({
    events: [...OPENING, ...EDIT_ASKED],
    state: withApprovals(EDIT_APPROVAL),
    outbox: [
      {
        id: 'a1',
        session: SESSION,
        kind: 'answer',
        body: { approval: 'ap-edit', option: 'once' },
        state: 'accepted',
        reason: null,
        at: Date.now(),
      },
    ],
  }),
  /** The computer is asleep; what was written since waits in one place or another. */
  'session-left': session({
    events: [...OPENING, ...EDIT_ASKED],
    state: withApprovals(EDIT_APPROVAL),
    status: { kind: 'asleep', since: Date.now() - 40 * MINUTE },
    outbox: [
      {
        id: 'a1',
        session: SESSION,
        kind: 'answer',
        body: { approval: 'ap-edit', option: 'once' },
        state: 'left',
        reason: null,
        at: Date.now(),
      },
      prompt('q1', 'Then update the changelog', 'collected'),
      prompt('q2', 'And commit it', 'left'),
      prompt(
        'q3',
        'Here is the whole log of last night',
        'waiting',
        'It waits on this phone: it is too large to be left at the relay.',
      ),
      prompt('q4', 'And push', 'waiting', 'It waits on this phone, behind the one before it.'),
    ],
  }),
  'session-receipts': session({
    events: [
      ...OPENING,
      ...EDIT_ASKED,
      ...EDIT_DONE,
      { kind: 'prompt', body: { command: 'q0', text: 'A prompt of another device that waits in line', by: TABLET } },
      { kind: 'prompt', body: { command: 'q1', text: 'Then update the changelog', by: PHONE } },
      { kind: 'prompt', body: { command: 'w1', text: 'Never mind this one', by: PHONE } },
      { kind: 'prompt.withdrawn', body: { command: 'w1', by: PHONE } },
    ],
    session: { state: 'working', queued: 2 },
    outbox: [
      prompt('q1', 'Then update the changelog', 'accepted'),
      prompt('q2', 'And commit it', 'sending'),
      prompt('q3', 'And push', 'waiting'),
      prompt(
        'q4',
        'Far too many prompts',
        'rejected',
        '32 prompts wait already. Take one back or let the agent catch up.',
      ),
    ],
  }),
  'session-uncertain': session({
    events: [
      ...OPENING.slice(0, 5),
      { kind: 'turn.ended', body: { command: 'c1', stop: 'interrupted' } },
      {
        kind: 'command.uncertain',
        body: {
          command: 'c1',
          kind: 'prompt',
          text: 'Baton was ended while it handed this prompt to the agent. It is not known whether the agent got it.',
        },
      },
      { kind: 'session.interrupted', body: { text: 'Baton was ended in the middle of a turn.' } },
    ],
    session: { state: 'interrupted', detail: 'Baton was ended in the middle of a turn.' },
  }),
  'session-failed': session({
    events: [
      OPENING[0] as NewEvent,
      {
        kind: 'session.failed',
        body: {
          text: 'opencode exited at once with code 1: no provider is configured.',
          hint: 'Run “opencode auth login” on the computer, then try again.',
        },
      },
    ],
    session: { state: 'failed', detail: 'opencode exited at once with code 1.', agentName: 'OpenCode' },
  }),
  'session-denied': session({
    events: [
      ...OPENING,
      ...EDIT_ASKED,
      {
        kind: 'approval.answered',
        body: {
          approval: 'ap-edit',
          option: { id: 'no', name: 'Deny', kind: 'reject_once' },
          by: PHONE,
          note: 'Keep RETRY_MS as the name, and put the cap into settings.',
        },
      },
      { kind: 'approval.resolved', body: { approval: 'ap-edit', outcome: 'selected' } },
      { kind: 'tool', body: { ...(EDIT_ASKED[0] as Extract<NewEvent, { kind: 'tool' }>).body, state: 'failed' } },
      { kind: 'turn.ended', body: { command: 'c1', stop: 'cancelled' } },
      {
        kind: 'prompt',
        body: {
          command: 'c2',
          text: 'Keep RETRY_MS as the name, and put the cap into settings.',
          by: PHONE,
          note: true,
        },
      },
      { kind: 'turn.started', body: { command: 'c2' } },
      {
        kind: 'turn.ended',
        body: {
          command: 'c2',
          stop: 'error',
          error: 'API Error: 529 {"type":"overloaded_error","message":"Overloaded"}',
        },
      },
      { kind: 'notice', body: { level: 'warning', text: 'Restarted the agent (2 of 5).' } },
      { kind: 'session.started', body: { how: 'loaded', agentSession: 'abc' } },
    ],
  }),
  'session-blob': session({
    events: [
      ...OPENING,
      {
        kind: 'tool',
        body: {
          id: 'blob',
          title: 'Run every test of the repository and print one line for each',
          kind: 'execute',
          state: 'failed',
          paths: [],
          input: 'npm test -- --reporter=verbose',
          content: [
            {
              kind: 'blob',
              blob: 'b1',
              bytes: 1_430_000,
              sha256: '0'.repeat(64),
              head: Array.from(
                { length: 40 },
                (_, line) =>
                  `ok ${line + 1} - a test with a name that is rather long, as names of tests should be, and goes on past the edge`,
              ).join('\n'),
            },
          ],
        },
      },
    ],
    session: { state: 'working' },
  }),
  'session-ended': session({
    events: [
      ...OPENING,
      ...EDIT_ASKED,
      ...EDIT_DONE,
      ...TESTS_RUN,
      { kind: 'session.ended', body: { by: PHONE, text: 'Pixel 8 ended the session.' } },
    ],
    session: { state: 'ended' },
  }),
  'session-watch': session({
    events: [...OPENING, ...EDIT_ASKED],
    scope: 'watch',
    state: withApprovals(EDIT_APPROVAL),
  }),
  'session-offline': session({
    events: [...OPENING, ...EDIT_ASKED],
    state: withApprovals(EDIT_APPROVAL),
    status: OFFLINE,
    stateProvenAt: Date.now() - 4 * MINUTE,
    outbox: [prompt('q9', 'When you are done, run the tests', 'waiting')],
  }),
  'session-empty': session({ events: [], session: { state: 'starting' } }),
  'session-new': {
    path: `/s/studio/${STARTING.session}`,
    make: () => new FixtureBaton({ hosts: [new FixtureHost({ state: hostState(), outbox: [STARTING] })] }),
  },
  'session-new-refused': {
    path: `/s/studio/${REFUSED_START.session}`,
    make: () => new FixtureBaton({ hosts: [new FixtureHost({ state: hostState(), outbox: [REFUSED_START] })] }),
  },
  'session-unknown': {
    path: '/s/studio/0199a000-0000-7000-8000-0000000000ff',
    make: () => new FixtureBaton({ hosts: [new FixtureHost({ state: hostState() })] }),
  },
  'session-long': session({ events: longSession(1000), session: { state: 'working' } }),
  'session-paged': session({ events: longSession(100), loaded: 200 }),
  'session-wide': session({
    events: [
      ...OPENING.slice(0, 5),
      {
        kind: 'message',
        body: {
          id: 'wide',
          text: `A very long line of code:\n\n\`\`\`ts\nconst ${'extremely'.repeat(12)}LongName = await ${'reallyQuiteLong'.repeat(8)}();\n\`\`\`\n\nAnd a word: ${'W'.repeat(120)}\n\n- [x] done\n- [ ] not done\n  1. nested\n  2. list\n\n> quoted\n\n### Heading\n\n![a picture](https://tracker.example/pixel.png) <script>alert(1)</script><a href="javascript:alert(1)" class="update-bar">odd link</a>\n\n| a | b | c | d | e | f | g | h |\n|---|---|---|---|---|---|---|---|\n| one column | two column | three column | four column | five column | six column | seven | eight |`,
        },
      },
      {
        kind: 'tool',
        body: {
          id: 'wide-edit',
          title: `Edit ${LONG_PATH}/file.ts`,
          kind: 'edit',
          state: 'done',
          paths: [],
          content: [
            {
              kind: 'diff',
              path: `${LONG_PATH}/file.ts`,
              before: null,
              after: `export const text = '${'x'.repeat(200)}';\nexport const more = 1;\n`,
            },
          ],
        },
      },
      {
        kind: 'tool',
        body: {
          id: 'wide-delete',
          title: 'Delete the old cache',
          kind: 'delete',
          state: 'done',
          paths: [`${LONG_PATH}/cache.db`],
          content: [],
        },
      },
    ],
    session: { title: LONG, folder: LONG_PATH },
    name: LONG_HOST_NAME,
  }),
};
