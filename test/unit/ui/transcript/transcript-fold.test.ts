import { describe, expect, test } from 'vitest';
import type { Actor, ApprovalOption, NewEvent, SessionEvent, ToolCall } from '#protocol/events.ts';
import type { Row } from '#ui/transcript/rows.ts';
import { renderRows, streamingRows, TranscriptFold } from '#ui/transcript/transcript-fold.ts';

const PHONE: Actor = { device: 'd1', name: 'Pixel 8' };
const ALLOW: ApprovalOption = { id: 'yes', name: 'Allow', kind: 'allow_once' };

function log(...events: NewEvent[]): SessionEvent[] {
  return events.map((event, index) => ({ ...event, seq: index + 1, at: 1000 * (index + 1) }));
}

function prompt(command: string, text = 'Do it'): NewEvent {
  return { kind: 'prompt', body: { command, text, by: PHONE } };
}

function tool(change: Partial<ToolCall> = {}): NewEvent {
  return {
    kind: 'tool',
    body: { id: 'tool-1', title: 'Edit a.ts', kind: 'edit', state: 'running', content: [], paths: [], ...change },
  };
}

function kinds(rows: readonly Row[]): string[] {
  return rows.map(({ kind }) => kind);
}

const TURN: NewEvent[] = [
  {
    kind: 'session.created',
    body: { agent: 'demo', agentName: 'Demo agent', folder: '/tmp/x', title: 'Title', by: PHONE },
  },
  prompt('c1'),
  { kind: 'turn.started', body: { command: 'c1' } },
  { kind: 'thought', body: { id: 't', text: 'Hm.' } },
  { kind: 'turn.acknowledged', body: { command: 'c1' } },
  { kind: 'plan', body: { entries: [{ text: 'One', priority: 'low', state: 'in_progress' }] } },
  tool(),
  { kind: 'message', body: { id: 'm', text: 'Done.' } },
  tool({ state: 'done' }),
  { kind: 'plan', body: { entries: [{ text: 'One', priority: 'low', state: 'completed' }] } },
  { kind: 'turn.ended', body: { command: 'c1', stop: 'end_turn' } },
];

describe('rows of a session', () => {
  test('show a turn in the order in which it happened, its plan once and at the end', () => {
    const rows = renderRows(log(...TURN));
    expect(kinds(rows)).toEqual(['line', 'prompt', 'thought', 'tool', 'message', 'plan']);
    expect(rows.at(-1)).toMatchObject({ kind: 'plan', entries: [{ text: 'One', state: 'completed' }] });
  });

  test('are the same when folded event by event as when folded at once', () => {
    const events = log(
      ...TURN,
      prompt('c2'),
      { kind: 'turn.started', body: { command: 'c2' } },
      { kind: 'turn.ended', body: { command: 'c2', stop: 'cancelled' } },
    );
    const fold = new TranscriptFold();
    for (let length = 0; length <= events.length; length += 1) fold.update(events.slice(0, length));
    expect(fold.update(events)).toEqual(new TranscriptFold().update(events));
  });

  test('keep what a finished tool call was, also if another one has its id', () => {
    const turn = (command: string, ...events: NewEvent[]): NewEvent[] => [
      prompt(command),
      { kind: 'turn.started', body: { command } },
      ...events,
      { kind: 'turn.ended', body: { command, stop: 'end_turn' } },
    ];
    const events = log(
      ...turn('c1', tool({ title: 'One' }), tool({ title: 'One', state: 'done' }), tool({ title: 'Two' })),
      tool({ title: 'Two', state: 'done' }),
      ...turn('c2', tool({ title: 'Three', state: 'done' }), tool({ title: 'Four' }), tool({ title: 'Five' })),
      ...turn('c3', tool({ title: 'Six' })),
    );
    const rows = renderRows(events).filter((row) => row.kind === 'tool');
    expect(rows.map(({ call }) => `${call.title} ${call.state}`)).toEqual([
      'One done',
      'Two done',
      'Three done',
      'Five running',
      'Six running',
    ]);
    expect(new Set(rows.map(({ key }) => key)).size).toBe(rows.length);
  });

  test('keep their identity when events are added at the end, so that only the new row is drawn', () => {
    const events = log(...TURN);
    const fold = new TranscriptFold();
    const before = fold.update(events).rows;
    const after = fold.update([
      ...events,
      { kind: 'message', body: { id: 'm2', text: 'More.' }, seq: 99, at: 99_000 },
    ]).rows;
    expect(after.length).toBe(before.length + 1);
    expect(before.every((row, index) => row === after[index])).toBe(true);
  });

  test('are folded afresh when older events come in front', () => {
    const events = log(...TURN);
    const fold = new TranscriptFold();
    fold.update(events.slice(4));
    expect(fold.update(events)).toEqual(new TranscriptFold().update(events));
  });

  test('are folded afresh when a snapshot of the same length replaces them', () => {
    const fold = new TranscriptFold();
    fold.update(log(prompt('a'), { kind: 'message', body: { id: 'm', text: 'old' } }));
    const rows = fold.update(log(prompt('b'), { kind: 'message', body: { id: 'm', text: 'new' } })).rows;
    expect(rows).toMatchObject([{ kind: 'message', text: 'new' }]);
  });

  test('show a tool call once, where it began, in its latest state', () => {
    const rows = renderRows(log(...TURN)).filter(({ kind }) => kind === 'tool');
    expect(rows).toMatchObject([{ call: { state: 'done' }, at: 7000 }]);
  });

  test('mark a tool call that never finished as over when its turn ends', () => {
    const rows = renderRows(
      log(prompt('c1'), { kind: 'turn.started', body: { command: 'c1' } }, tool(), {
        kind: 'turn.ended',
        body: { command: 'c1', stop: 'cancelled' },
      }),
    );
    expect(rows).toMatchObject([
      { kind: 'prompt' },
      { kind: 'tool', isOver: true, call: { state: 'running' } },
      { kind: 'turn-end', stop: 'cancelled' },
    ]);
  });

  test('say nothing about a turn that ended well, and say how any other ended', () => {
    const ended = (stop: 'refusal' | 'error') =>
      renderRows(
        log(
          prompt('c'),
          { kind: 'turn.started', body: { command: 'c' } },
          { kind: 'turn.ended', body: { command: 'c', stop, error: 'E' } },
        ),
      ).at(-1);
    expect(ended('refusal')).toMatchObject({ kind: 'turn-end', stop: 'refusal' });
    expect(ended('error')).toMatchObject({ kind: 'turn-end', stop: 'error', error: 'E' });
  });

  test('say that a session was interrupted once, not twice', () => {
    const rows = renderRows(
      log(
        prompt('c'),
        { kind: 'turn.started', body: { command: 'c' } },
        { kind: 'turn.ended', body: { command: 'c', stop: 'interrupted' } },
        { kind: 'command.uncertain', body: { command: 'c', kind: 'prompt', text: 'Nobody knows.' } },
        { kind: 'session.interrupted', body: { text: 'The agent died.' } },
      ),
    );
    expect(rows).toMatchObject([
      { kind: 'prompt', receipt: 'uncertain', reason: 'Nobody knows.' },
      { kind: 'line', text: 'The agent died.' },
    ]);
  });

  test('show nothing for a kind that this page does not know', () => {
    const unknown = { kind: 'hologram', body: {}, seq: 1, at: 1 } as unknown as SessionEvent;
    expect(renderRows([unknown])).toEqual([]);
  });
});

describe('a prompt', () => {
  const receiptAfter = (...events: NewEvent[]) =>
    renderRows(log(prompt('c1'), ...events)).find(({ kind }) => kind === 'prompt');

  test('climbs from accepted to applied as the log proves it', () => {
    expect(receiptAfter()).toMatchObject({ receipt: 'accepted' });
    expect(receiptAfter({ kind: 'turn.started', body: { command: 'c1' } })).toMatchObject({ receipt: 'dispatched' });
    expect(
      receiptAfter(
        { kind: 'turn.started', body: { command: 'c1' } },
        { kind: 'turn.acknowledged', body: { command: 'c1' } },
      ),
    ).toMatchObject({ receipt: 'applied' });
  });

  test('is not called applied by the death of its agent', () => {
    expect(
      receiptAfter(
        { kind: 'turn.started', body: { command: 'c1' } },
        { kind: 'turn.ended', body: { command: 'c1', stop: 'interrupted' } },
      ),
    ).toMatchObject({ receipt: 'dispatched' });
  });

  test('that waits in line stands below everything and takes its place when its turn starts', () => {
    const events = log(
      prompt('c1', 'first'),
      { kind: 'turn.started', body: { command: 'c1' } },
      prompt('c2', 'second'),
      { kind: 'message', body: { id: 'm', text: 'Working' } },
    );
    const fold = new TranscriptFold();
    const waiting = fold.update(events);
    expect(kinds(waiting.rows)).toEqual(['prompt', 'message']);
    expect(waiting.queued).toMatchObject([{ text: 'second', receipt: 'accepted' }]);
    const started = fold.update([
      ...events,
      { kind: 'turn.ended', body: { command: 'c1', stop: 'end_turn' }, seq: 5, at: 5000 },
      { kind: 'turn.started', body: { command: 'c2' }, seq: 6, at: 6000 },
    ]);
    expect(kinds(started.rows)).toEqual(['prompt', 'message', 'prompt']);
    expect(started.queued).toEqual([]);
  });

  test('that was taken back says so and by whom', () => {
    expect(
      renderRows(log(prompt('c1'), { kind: 'prompt.withdrawn', body: { command: 'c1', by: PHONE } })),
    ).toMatchObject([{ isWithdrawn: true, reason: 'Taken back by Pixel 8' }]);
  });

  test('whose text is on an older page is still shown where its turn began', () => {
    expect(renderRows(log({ kind: 'turn.started', body: { command: 'old' } }))).toMatchObject([
      { kind: 'prompt', text: '', by: null },
    ]);
  });

  test('that was uncertain shows what was decided about it, on whichever device', () => {
    const by = { device: 'd2', name: 'Tablet' };
    const rows = renderRows(
      log(
        prompt('c1'),
        { kind: 'command.uncertain', body: { command: 'c1', kind: 'prompt', text: 'Nobody knows.' } },
        { kind: 'command.resolved', body: { command: 'c1', decision: 'dismiss', by } },
      ),
    );
    expect(rows.at(-1)).toMatchObject({ kind: 'prompt', receipt: 'uncertain', decision: { kind: 'dismiss', by } });
  });

  test('that was uncertain and runs again is no longer uncertain', () => {
    const events: NewEvent[] = [
      { kind: 'turn.started', body: { command: 'c1' } },
      { kind: 'command.uncertain', body: { command: 'c1', kind: 'prompt', text: 'Nobody knows.' } },
      { kind: 'turn.started', body: { command: 'c1' } },
    ];
    expect(receiptAfter(...events)).toMatchObject({ receipt: 'dispatched', reason: null });
  });
});

describe('a question', () => {
  const asked: NewEvent = {
    kind: 'approval.requested',
    body: { approval: 'a', title: 'Edit a.ts', tool: null, options: [ALLOW] },
  };

  test('keeps its place and gains its answer, then its outcome', () => {
    const rows = renderRows(
      log(
        asked,
        { kind: 'message', body: { id: 'm', text: 'x' } },
        { kind: 'approval.answered', body: { approval: 'a', option: ALLOW, by: PHONE, note: 'ok' } },
        { kind: 'approval.resolved', body: { approval: 'a', outcome: 'selected' } },
      ),
    );
    expect(rows).toMatchObject([
      { kind: 'approval', answer: { option: ALLOW, by: PHONE, note: 'ok', at: 3000 }, outcome: 'selected' },
      { kind: 'message' },
    ]);
  });

  test('that was asked on an older page still shows its answer', () => {
    expect(
      renderRows(log({ kind: 'approval.answered', body: { approval: 'a', option: ALLOW, by: PHONE } })),
    ).toMatchObject([{ kind: 'approval', answer: { option: ALLOW } }]);
  });
});

describe('the plan', () => {
  test('is there while its turn runs and gone afterwards', () => {
    const fold = new TranscriptFold();
    const events = log(...TURN);
    expect(fold.update(events.slice(0, 7))).toMatchObject({
      isTurnRunning: true,
      plan: { entries: [{ state: 'in_progress' }] },
    });
    expect(fold.update(events)).toMatchObject({ isTurnRunning: false, plan: null });
  });
});

describe('text that is being written', () => {
  test('comes after all rows, with the key that its finished message will have', () => {
    const rows = renderRows(log(prompt('c'), { kind: 'turn.started', body: { command: 'c' } }), [
      { id: 'm9', role: 'message', text: 'Hel' },
    ]);
    expect(rows.at(-1)).toMatchObject({ kind: 'message', key: 'message:m9', isStreaming: true });
    expect(renderRows(log({ kind: 'message', body: { id: 'm9', text: 'Hello' } }))).toMatchObject([
      { key: 'message:m9', isStreaming: false },
    ]);
  });

  test('is not shown twice when its finished message has come', () => {
    const transcript = new TranscriptFold().update(log({ kind: 'message', body: { id: 'm9', text: 'Hello' } }));
    expect(streamingRows(transcript, [{ id: 'm9', role: 'message', text: 'Hello' }])).toEqual([]);
  });
});

test('the mode is known at once and told only when it changes', () => {
  const available = [
    { id: 'ask', name: 'Ask first' },
    { id: 'free', name: 'Accept edits' },
  ];
  const transcript = new TranscriptFold().update(
    log(
      { kind: 'mode', body: { current: 'ask', available, by: null } },
      { kind: 'mode', body: { current: 'ask', available: [], by: null } },
      { kind: 'mode', body: { current: 'free', available: [], by: PHONE } },
    ),
  );
  expect(transcript.modes).toEqual({ current: 'free', available });
  expect(transcript.rows).toMatchObject([{ text: 'Pixel 8 changed the mode to Accept edits' }]);
});
