import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  FINISHED_REMEMBERED_CHARS,
  TOOL_TEXT_MAX_CHARS,
  TOOLS_REMEMBERED_MAX,
} from '#main/host/agents/acp/acp-tools.ts';
import { TEXT_PART_MAX_CHARS, UpdateReducer } from '#main/host/agents/acp/acp-updates.ts';
import type { AgentUpdate } from '#main/host/agents/agent.ts';

function createFolder() {
  let count = 0;
  const folder = new UpdateReducer(() => `id${++count}`);
  return { folder, fold: (update: unknown) => folder.fold(update).updates };
}

const message = (text: string, messageId?: string) => ({
  sessionUpdate: 'agent_message_chunk',
  content: { type: 'text', text },
  ...(messageId ? { messageId } : {}),
});
const thought = (text: string) => ({ sessionUpdate: 'agent_thought_chunk', content: { type: 'text', text } });
const tool = (fields: object) => ({ sessionUpdate: 'tool_call', toolCallId: 't', title: 'Tool', ...fields });
const toolUpdate = (fields: object) => ({ sessionUpdate: 'tool_call_update', toolCallId: 't', ...fields });

describe('text of an agent', () => {
  test('streams as deltas and is finished by a thought after a message, and by a new tool call', () => {
    const { fold } = createFolder();
    expect([message('Hel'), message('lo'), thought('hm'), tool({})].map(fold)).toMatchObject([
      [{ kind: 'delta', role: 'message', id: 'id1', text: 'Hel' }],
      [{ kind: 'delta', role: 'message', id: 'id1', text: 'lo' }],
      [
        { kind: 'text', role: 'message', id: 'id1', text: 'Hello' },
        { kind: 'delta', role: 'thought', id: 'id2', text: 'hm' },
      ],
      [
        { kind: 'text', role: 'thought', id: 'id2', text: 'hm' },
        { kind: 'tool', tool: { id: 't' } },
      ],
    ]);
  });

  test('is one text, whatever its pieces and whatever goes on meanwhile', () => {
    const between = fc.constantFrom(
      toolUpdate({ content: [{ type: 'content', content: { type: 'text', text: '.' } }] }),
      toolUpdate({ status: 'completed' }),
      { sessionUpdate: 'plan', entries: [{ content: 'Step' }] },
      { sessionUpdate: 'usage_update' },
    );
    const part = fc.oneof(
      fc.constantFrom(
        '# Title\n\n',
        '- one\n',
        '```ts\nconst a = 1;\n```\n',
        '**bold**',
        '`code`',
        '\n\n',
        '日本語',
        '👩‍👩‍👧',
      ),
      fc.string({ unit: 'binary', maxLength: 12 }),
    );
    const text = fc.array(part, { minLength: 1, maxLength: 12 }).map((parts) => parts.join(''));
    const cuts = fc.array(fc.tuple(fc.nat(200), fc.array(between, { maxLength: 2 })), { maxLength: 8 });
    fc.assert(
      fc.property(text, cuts, fc.option(fc.constant('m')), (whole, places, id) => {
        fc.pre(whole.trim() !== '');
        const { fold, folder } = createFolder();
        fold(tool({ status: 'in_progress' }));
        const told: AgentUpdate[] = [];
        let from = 0;
        for (const [at, others] of places.toSorted(([a], [b]) => a - b)) {
          told.push(...fold(message(whole.slice(from, at), id ?? undefined)));
          from = Math.max(from, Math.min(at, whole.length));
          for (const other of others) told.push(...fold(other));
        }
        told.push(...fold(message(whole.slice(from), id ?? undefined)), ...folder.flush());
        expect(told.flatMap((update) => (update.kind === 'text' ? [update.text] : []))).toEqual([whole]);
        expect(told.flatMap((update) => (update.kind === 'delta' ? [update.text] : [])).join('')).toBe(whole);
      }),
      { numRuns: 5_000 },
    );
  });

  test('is another message when the message id changes', () => {
    const { fold, folder } = createFolder();
    fold(message('one', 'a'));
    expect(fold(message('two', 'b'))[0]).toEqual({ kind: 'text', role: 'message', id: 'id1', text: 'one' });
    expect(folder.flush()).toEqual([{ kind: 'text', role: 'message', id: 'id2', text: 'two' }]);
    expect(folder.flush()).toEqual([]);
  });

  test('is not finished by updates that show nothing', () => {
    const { fold, folder } = createFolder();
    fold(message('one '));
    for (const kind of ['usage_update', 'available_commands_update', 'something_new'])
      expect(fold({ sessionUpdate: kind })).toEqual([]);
    fold(message('two'));
    expect(folder.flush()).toMatchObject([{ text: 'one two' }]);
  });

  test('that is blank does not begin a message', () => {
    const { fold, folder } = createFolder();
    expect([...fold(message('')), ...fold(message('\n\n')), ...folder.flush()]).toEqual([]);
  });

  test('that never ends is cut into parts, and nothing of it is lost', () => {
    const { fold, folder } = createFolder();
    const text = `${'a'.repeat(TEXT_PART_MAX_CHARS - 1)}😀${'b'.repeat(TEXT_PART_MAX_CHARS * 2 - 1)}\n`;
    const texts = [...fold(message(text)), ...folder.flush()].flatMap((update) =>
      update.kind === 'text' ? [update] : [],
    );
    expect(texts.map((part) => part.text).join('')).toBe(text);
    expect(Math.max(...texts.map((part) => part.text.length))).toBeLessThanOrEqual(TEXT_PART_MAX_CHARS);
    expect(texts.every((part) => part.text.isWellFormed())).toBe(true);
    expect(new Set(texts.map((part) => part.id)).size).toBe(texts.length);
  });

  test('names what is no text', () => {
    const { fold, folder } = createFolder();
    const contents = [
      { type: 'image', data: 'AAAA', mimeType: 'image/png' },
      { type: 'resource_link', name: 'a.ts', uri: 'file:///a.ts' },
      { type: 'resource', resource: { uri: 'file:///b.ts', text: 'body' } },
      { type: 'hologram' },
    ];
    for (const content of contents) fold({ sessionUpdate: 'agent_message_chunk', content });
    expect(folder.flush()).toMatchObject([{ text: '[image image/png][a.ts](file:///a.ts)body[hologram]' }]);
  });
});

describe('a tool call', () => {
  test('is told whole each time; its announcement and its end belong in the log', () => {
    const { fold } = createFolder();
    const known = { id: 't', title: 'Run it', kind: 'execute', content: [], paths: ['/a'], input: 'ls -l' };
    expect(
      fold(tool({ title: 'Run\n it', kind: 'execute', rawInput: { command: 'ls -l' }, locations: [{ path: '/a' }] })),
    ).toEqual([{ kind: 'tool', isFinal: true, tool: { ...known, state: 'pending' } }]);
    expect(fold(toolUpdate({ status: 'in_progress' }))).toEqual([
      { kind: 'tool', isFinal: false, tool: { ...known, state: 'running' } },
    ]);
    expect(fold(toolUpdate({ status: 'completed', rawOutput: { stdout: 'out' } }))).toEqual([
      { kind: 'tool', isFinal: true, tool: { ...known, state: 'done', content: [{ kind: 'text', text: 'out' }] } },
    ]);
  });

  test('that changes nothing is not told again', () => {
    const { fold } = createFolder();
    fold(tool({}));
    expect(fold(toolUpdate({ status: 'pending' }))).toEqual([]);
  });

  test('that is over stays as it was when its id is used again', () => {
    const { fold, folder } = createFolder();
    fold(tool({ title: 'Read one.txt' }));
    fold(toolUpdate({ status: 'completed' }));
    const again = [tool({ title: 'Read two.txt' }), toolUpdate({ status: 'completed' })].flatMap(fold);
    expect(again.map((update) => update.kind === 'tool' && [update.tool.title, update.tool.state])).toEqual([
      ['Read two.txt', 'pending'],
      ['Read two.txt', 'done'],
    ]);
    const ids = new Set(again.map((update) => update.kind === 'tool' && update.tool.id));
    expect(ids.size).toBe(1);
    expect(ids).not.toContain('t');
    const asked = folder.foldQuestion({ toolCallId: 't', title: 'Read three.txt' } as never);
    expect(asked).toMatchObject([{ isFinal: true, tool: { title: 'Read three.txt', state: 'pending' } }]);
    expect(folder.tools.get('t')?.title).toBe('Read three.txt');
  });

  test('of an earlier turn is another one than what is announced now, and goes on if it is updated', () => {
    const { fold, folder } = createFolder();
    fold(tool({ title: 'Watch' }));
    folder.beginTurn();
    expect(fold(toolUpdate({ status: 'in_progress' }))).toMatchObject([{ isFinal: false, tool: { id: 't' } }]);
    const [announced] = fold(tool({ title: 'Build' }));
    expect(announced).toMatchObject({ isFinal: true, tool: { title: 'Build' } });
    expect(announced?.kind === 'tool' && announced.tool.id).not.toBe('t');
  });

  test('keeps its own id in another life of the host', () => {
    const first = createFolder();
    first.fold(tool({ status: 'completed' }));
    const [announced] = first.fold(tool({ title: 'Again' }));
    const second = createFolder();
    second.folder.restore(JSON.parse(first.folder.save()));
    const [update] = second.fold(toolUpdate({ status: 'completed' }));
    expect(update?.kind === 'tool' && update.tool.id).toBe(announced?.kind === 'tool' && announced.tool.id);
  });

  test('may be updated without ever having been announced, with fields missing or wrong', () => {
    const { fold } = createFolder();
    expect(
      fold(
        toolUpdate({
          title: null,
          status: 'sleeping',
          kind: 7,
          content: [{ type: 'mystery' }, { type: 'diff', path: '/a', newText: 'x' }],
        }),
      ),
    ).toEqual([
      {
        kind: 'tool',
        isFinal: true,
        tool: {
          id: 't',
          title: 'Tool call',
          kind: 'other',
          state: 'pending',
          content: [
            { kind: 'text', text: '{\n  "type": "mystery"\n}' },
            { kind: 'diff', path: '/a', before: null, after: 'x' },
          ],
          paths: [],
        },
      },
    ]);
  });

  test('keeps the change it made when the agent ends it with a mere sentence', () => {
    const { fold } = createFolder();
    const diff = { type: 'diff', path: '/a', oldText: 'x', newText: 'y' };
    const sentence = { type: 'content', content: { type: 'text', text: 'Wrote it.' } };
    fold(tool({ content: [diff] }));
    expect(fold(toolUpdate({ status: 'completed', content: [sentence] }))).toMatchObject([
      {
        tool: {
          content: [
            { kind: 'diff', before: 'x', after: 'y' },
            { kind: 'text', text: 'Wrote it.' },
          ],
        },
      },
    ]);
  });

  test('that a question is about has the input that the question tells, and is announced if it is unknown', () => {
    const { fold, folder } = createFolder();
    fold(tool({ rawInput: { command: 'make' } }));
    expect(
      folder.foldQuestion({ toolCallId: 't', title: 'Run make?', rawInput: { command: 'rm', cwd: '/' } } as never),
    ).toMatchObject([{ isFinal: false, tool: { title: 'Run make?', input: 'rm', arguments: '{\n  "cwd": "/"\n}' } }]);
    expect(folder.foldQuestion({ toolCallId: 'u', title: 'New' } as never)).toMatchObject([
      { isFinal: true, tool: { id: 'u' } },
    ]);
  });

  test('with an output beyond all measure loses its middle, and says so', () => {
    const { fold } = createFolder();
    const content = [{ type: 'content', content: { type: 'text', text: `A${'x'.repeat(TOOL_TEXT_MAX_CHARS)}Z` } }];
    const [update] = fold(tool({ content }));
    const text = update?.kind === 'tool' && update.tool.content[0]?.kind === 'text' ? update.tool.content[0].text : '';
    expect(text.length).toBeLessThan(TOOL_TEXT_MAX_CHARS + 100);
    expect(text).toMatch(/^Ax+\n\[… 2 characters left out by Baton …\]\nx+Z$/);
  });

  test('is forgotten when very many others came after it', () => {
    const { fold, folder } = createFolder();
    for (let index = 0; index <= TOOLS_REMEMBERED_MAX; index++) fold(tool({ toolCallId: `t${index}` }));
    expect([folder.tools.get('t0'), folder.tools.get('t1')?.id]).toEqual([undefined, 't1']);
  });

  test('is forgotten when it is over and much was said by others that are over; one that is not over is remembered', () => {
    const { fold, folder } = createFolder();
    const text = 'x'.repeat(FINISHED_REMEMBERED_CHARS / 2);
    const content = [{ type: 'content', content: { type: 'text', text } }];
    fold(tool({ toolCallId: 'open', status: 'in_progress', content }));
    for (const toolCallId of ['t0', 't1', 't2']) fold(tool({ toolCallId, status: 'completed', content }));
    expect(['open', 't0', 't1', 't2'].map((id) => folder.tools.get(id)?.id)).toEqual(['open', undefined, 't1', 't2']);
  });

  test('has an id that the log can hold', () => {
    const { fold } = createFolder();
    const ids = ['', 'x'.repeat(500)].map((toolCallId) => fold(tool({ toolCallId }))[0]);
    for (const update of ids) expect(update?.kind === 'tool' && update.tool.id).toMatch(/^.{1,200}$/);
  });
});

describe('a description of the session', () => {
  const modes = { currentModeId: 'ask', availableModes: [{ id: 'ask', name: 'Ask' }, { id: 'auto' }] };
  const available = [
    { id: 'ask', name: 'Ask' },
    { id: 'auto', name: 'auto' },
  ];

  test('tells modes once they are settled, and then their changes', () => {
    const { fold, folder } = createFolder();
    folder.startModes({ modes } as never);
    expect(fold({ sessionUpdate: 'current_mode_update', currentModeId: 'auto' })).toEqual([]);
    expect(folder.settleModes()).toEqual([{ kind: 'mode', current: 'auto', available }]);
    expect(fold({ sessionUpdate: 'current_mode_update', currentModeId: 'auto' })).toEqual([]);
    expect(fold({ sessionUpdate: 'current_mode_update', currentModeId: 'ask' })).toEqual([
      { kind: 'mode', current: 'ask', available },
    ]);
  });

  test('has modes also where they are an option of the configuration, in groups or not', () => {
    const { fold, folder } = createFolder();
    const options = [
      { value: 'ask', name: 'Ask' },
      { name: 'More', options: [{ value: 'auto', name: 'auto' }] },
    ];
    folder.settleModes();
    const configOptions = [
      { id: 'm', category: 'mode', type: 'select', currentValue: 'ask', options },
      { id: 'other' },
      'nonsense',
    ];
    expect(fold({ sessionUpdate: 'config_option_update', configOptions })).toEqual([
      { kind: 'mode', current: 'ask', available },
    ]);
    expect(folder.modes?.configOption).toBe('m');
  });

  test('is no proof of work, unlike text, tools and plans', () => {
    const { folder } = createFolder();
    const settings = [
      { sessionUpdate: 'session_info_update', title: 'T' },
      { sessionUpdate: 'usage_update' },
      'nonsense',
      null,
    ];
    expect(settings.map((update) => folder.fold(update).isWork)).toEqual([false, false, false, false]);
    const work = [
      message('x'),
      { ...message('x'), sessionUpdate: 'user_message_chunk' },
      tool({}),
      { sessionUpdate: 'plan', entries: [] },
    ];
    expect(work.map((update) => folder.fold(update).isWork)).toEqual([true, true, true, true]);
  });

  test('tells a title when it is a new one', () => {
    const { fold } = createFolder();
    const title = (text: unknown) => fold({ sessionUpdate: 'session_info_update', title: text });
    expect([title(' A\n title '), title('A title'), title(null), title('')]).toEqual([
      [{ kind: 'title', title: 'A title' }],
      [],
      [],
      [],
    ]);
  });

  test('is all that is taken from a replayed history', () => {
    const { folder } = createFolder();
    const replayed = [message('old'), tool({}), { sessionUpdate: 'session_info_update', title: 'T' }, null];
    expect(replayed.map((update) => folder.foldSettings(update))).toEqual([
      [],
      [],
      [{ kind: 'title', title: 'T' }],
      [],
    ]);
  });
});

test('a plan keeps its entries, whatever is missing in them', () => {
  const { fold } = createFolder();
  const entries = [{ content: 'a', priority: 'high', status: 'completed' }, { content: 'b' }, { priority: 'low' }];
  expect(fold({ sessionUpdate: 'plan', entries })).toEqual([
    {
      kind: 'plan',
      entries: [
        { text: 'a', priority: 'high', state: 'completed' },
        { text: 'b', priority: 'medium', state: 'pending' },
      ],
    },
  ]);
});
