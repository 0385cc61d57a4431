/** Made-up conversations. */
import type { Actor, ApprovalOption, NewEvent, SessionEvent, ToolCall } from '#protocol/events.ts';

export const PHONE: Actor = { device: 'device-phone', name: 'Pixel 8' };
export const TABLET: Actor = { device: 'device-tablet', name: 'iPad in the kitchen' };
export const DESK: Actor = { device: null, name: 'Studio' };

export const OPTIONS: readonly ApprovalOption[] = [
  { id: 'once', name: 'Allow', kind: 'allow_once' },
  { id: 'always', name: 'Always allow edits in this session', kind: 'allow_always' },
  { id: 'no', name: 'Deny', kind: 'reject_once' },
];

const BEFORE = `import { WebSocket } from 'ws';

const RETRY_MS = 500;

export class RelayLink {
  #socket: WebSocket | null = null;
  #attempts = 0;

  connect(url: string): void {
    this.#socket = new WebSocket(url);
    this.#socket.on('close', () => {
      setTimeout(() => this.connect(url), RETRY_MS);
    });
  }

  close(): void {
    this.#socket?.close();
    this.#socket = null;
  }
}
`;

const AFTER = `import { WebSocket } from 'ws';

const RETRY_BASE_MS = 500;
const RETRY_MAX_MS = 30_000;

export class RelayLink {
  #socket: WebSocket | null = null;
  #attempts = 0;

  connect(url: string): void {
    this.#socket = new WebSocket(url);
    this.#socket.on('open', () => {
      this.#attempts = 0;
    });
    this.#socket.on('close', () => {
      const delay = Math.random() * Math.min(RETRY_MAX_MS, RETRY_BASE_MS * 2 ** this.#attempts);
      this.#attempts += 1;
      setTimeout(() => this.connect(url), delay);
    });
  }

  close(): void {
    this.#socket?.close();
    this.#socket = null;
  }
}
`;

export const EDIT_CALL: ToolCall = {
  id: 'call-edit',
  title: 'Edit src/relay/relay-link.ts',
  kind: 'edit',
  state: 'pending',
  content: [{ kind: 'diff', path: '/home/ada/code/baton/src/relay/relay-link.ts', before: BEFORE, after: AFTER }],
  paths: ['/home/ada/code/baton/src/relay/relay-link.ts'],
};

export const RUN_CALL: ToolCall = {
  id: 'call-run',
  title: 'Run the link tests',
  kind: 'execute',
  state: 'pending',
  content: [],
  paths: [],
  input: 'npx vitest run test/unit/relay --reporter=dot && git status --short',
};

export const TEST_OUTPUT = `
 RUN  v5.1.1 /home/ada/code/baton

 ✓ test/unit/relay/relay-link.test.ts (9 tests) 41ms
   ✓ dials again after the relay restarts 6ms
   ✓ waits longer after each failure, and never longer than 30 s 3ms
   ✓ starts from the shortest delay after a healthy connection 2ms
   ✓ does nothing in callbacks of an old attempt 4ms
   ✓ stops when the host was revoked 1ms
   ✓ says since when it is unreachable 2ms
 ✓ test/unit/relay/back-off.test.ts (4 tests) 12ms

 Test Files  2 passed (2)
      Tests  13 passed (13)
   Start at  22:41:07
   Duration  812ms (transform 96ms, setup 0ms, import 201ms, tests 53ms)
`;

const ANSWER = `The link now backs off with **full jitter** and starts afresh after a healthy connection.

What changed:

1. \`RETRY_BASE_MS\` doubles with every failed attempt, up to \`RETRY_MAX_MS\`.
2. The counter goes back to zero on \`open\`.
3. Nothing is scheduled after \`close()\`.

\`\`\`ts
const delay = Math.random() * Math.min(RETRY_MAX_MS, RETRY_BASE_MS * 2 ** attempts);
\`\`\`

| attempt | longest wait |
|---|---|
| 1 | 0.5 s |
| 4 | 4 s |
| 7 and later | 30 s |

All 13 tests pass. One thing to decide: should a clean \`1012\` restart wait for the \`retryAfter\` of the relay? See the [close codes](https://www.rfc-editor.org/rfc/rfc6455#section-7.4).`;

/** Numbers and dates events: the last one happened \`endAgoMs\` ago. */
export function toLog(events: readonly NewEvent[], endAgoMs = 20_000, stepMs = 9000): SessionEvent[] {
  const end = Date.now() - endAgoMs;
  return events.map(
    (event, index): SessionEvent => ({ ...event, seq: index + 1, at: end - (events.length - 1 - index) * stepMs }),
  );
}

export const OPENING: readonly NewEvent[] = [
  {
    kind: 'session.created',
    body: {
      agent: 'claude',
      agentName: 'Claude Code',
      folder: '/home/ada/code/baton',
      title: 'Back off when the relay is away',
      by: PHONE,
    },
  },
  { kind: 'session.started', body: { how: 'new', agentSession: 'abc' } },
  { kind: 'mode', body: { current: 'default', available: [], by: null } },
  {
    kind: 'prompt',
    body: {
      command: 'c1',
      text: 'The relay link dials every 500 ms for ever when the relay is away. Make it back off, with tests.',
      by: PHONE,
    },
  },
  { kind: 'turn.started', body: { command: 'c1' } },
  {
    kind: 'thought',
    body: {
      id: 't1',
      text: 'The user wants exponential back-off with jitter. Let me look at `relay-link.ts` first, then at how the tests inject a clock.\n\n- full jitter\n- cap at 30 s',
    },
  },
  { kind: 'turn.acknowledged', body: { command: 'c1' } },
  { kind: 'message', body: { id: 'm1', text: 'I’ll look at how the link dials today.' } },
  {
    kind: 'tool',
    body: {
      id: 'call-read',
      title: 'Read src/relay/relay-link.ts',
      kind: 'read',
      state: 'done',
      content: [{ kind: 'text', text: BEFORE }],
      paths: ['/home/ada/code/baton/src/relay/relay-link.ts'],
    },
  },
  {
    kind: 'tool',
    body: {
      id: 'call-search',
      title: 'Search for “RETRY_MS” in src and test',
      kind: 'search',
      state: 'done',
      content: [{ kind: 'text', text: 'src/relay/relay-link.ts:3\nsrc/relay/relay-link.ts:12' }],
      paths: [],
    },
  },
  {
    kind: 'plan',
    body: {
      entries: [
        { text: 'Read how the link dials today', priority: 'medium', state: 'completed' },
        { text: 'Back off with full jitter, at most 30 s', priority: 'high', state: 'in_progress' },
        { text: 'Test it with an injected clock', priority: 'medium', state: 'pending' },
      ],
    },
  },
];

export const EDIT_ASKED: readonly NewEvent[] = [
  { kind: 'tool', body: EDIT_CALL },
  {
    kind: 'approval.requested',
    body: { approval: 'ap-edit', title: 'Edit src/relay/relay-link.ts', tool: EDIT_CALL, options: [...OPTIONS] },
  },
];

export const EDIT_DONE: readonly NewEvent[] = [
  { kind: 'approval.answered', body: { approval: 'ap-edit', option: OPTIONS[0] as ApprovalOption, by: TABLET } },
  { kind: 'approval.resolved', body: { approval: 'ap-edit', outcome: 'selected' } },
  { kind: 'tool', body: { ...EDIT_CALL, state: 'done' } },
];

export const TESTS_RUN: readonly NewEvent[] = [
  { kind: 'tool', body: { ...RUN_CALL, state: 'done', content: [{ kind: 'text', text: TEST_OUTPUT }] } },
  {
    kind: 'plan',
    body: {
      entries: [
        { text: 'Read how the link dials today', priority: 'medium', state: 'completed' },
        { text: 'Back off with full jitter, at most 30 s', priority: 'high', state: 'completed' },
        { text: 'Test it with an injected clock', priority: 'medium', state: 'completed' },
      ],
    },
  },
  { kind: 'message', body: { id: 'm2', text: ANSWER } },
  { kind: 'turn.ended', body: { command: 'c1', stop: 'end_turn' } },
];

/** A long session of ordinary turns: \`turns\` × 10 events. */
export function longSession(turns: number): NewEvent[] {
  const events: NewEvent[] = [OPENING[0] as NewEvent];
  for (let turn = 1; turn <= turns; turn += 1) {
    const command = `long-${turn}`;
    events.push(
      {
        kind: 'prompt',
        body: {
          command,
          text: `Prompt number ${turn}: look at module ${turn % 40} again.`,
          by: turn % 3 === 0 ? TABLET : PHONE,
        },
      },
      { kind: 'turn.started', body: { command } },
      { kind: 'turn.acknowledged', body: { command } },
      {
        kind: 'thought',
        body: {
          id: `th-${turn}`,
          text: `Module ${turn % 40} was changed in turn ${Math.max(1, turn - 3)}. I should check its callers.`,
        },
      },
      {
        kind: 'message',
        body: { id: `ma-${turn}`, text: `I will look at **module ${turn % 40}** and at who calls it.` },
      },
      {
        kind: 'tool',
        body: {
          id: `tr-${turn}`,
          title: `Read src/module-${turn % 40}.ts`,
          kind: 'read',
          state: 'done',
          content: [{ kind: 'text', text: BEFORE }],
          paths: [],
        },
      },
      {
        kind: 'tool',
        body: {
          id: `te-${turn}`,
          title: `Edit src/module-${turn % 40}.ts`,
          kind: 'edit',
          state: 'done',
          content:
            turn % 5 === 0
              ? [
                  {
                    kind: 'diff',
                    path: `/home/ada/code/baton/src/module-${turn % 40}.ts`,
                    before: BEFORE,
                    after: AFTER,
                  },
                ]
              : [],
          paths: [],
        },
      },
      {
        kind: 'tool',
        body: {
          id: `tx-${turn}`,
          title: 'Run the tests',
          kind: 'execute',
          state: turn % 17 === 0 ? 'failed' : 'done',
          content: [{ kind: 'text', text: TEST_OUTPUT }],
          paths: [],
        },
      },
      {
        kind: 'message',
        body: {
          id: `mb-${turn}`,
          text:
            turn % 4 === 0 ? ANSWER : `Module ${turn % 40} is in order. The tests pass:\n\n\`\`\`\n13 passed\n\`\`\``,
        },
      },
      { kind: 'turn.ended', body: { command, stop: turn % 23 === 0 ? 'cancelled' : 'end_turn' } },
    );
  }
  return events;
}
