import { mkdir, mkdtemp, readFile, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { AgentConversation, PermissionRequest } from '#main/host/agents/agent.ts';
import { createAgentStarter } from '#main/host/agents/agent-starter.ts';
import { groupMembers } from '#main/process/process-group.ts';
import { KNOWN_AGENTS } from '#main/host/agents/catalogue/profiles.ts';
import type { ApprovalOptionKind } from '#protocol/events.ts';
import { AgentRecorder, runPrompt } from '../support/agent-recorder.ts';
import { type ModelServer, startModelServer } from '../support/model/model-server.ts';
import { type RealAgent, setUpRealAgent } from '../support/real-agents.ts';
import { PINNED_AGENTS, type PinnedAgent } from './pins.ts';

describe.each(Object.keys(PINNED_AGENTS) as PinnedAgent[])('%s', (id) => {
  let base: string;
  let folder: string;
  let model: ModelServer;
  let agent: RealAgent;
  let recorder: AgentRecorder;
  const conversations: AgentConversation[] = [];

  beforeAll(async () => {
    base = await realpath(await mkdtemp(join(tmpdir(), `baton-real-${id}-`)));
    folder = join(base, 'project');
    await Promise.all([mkdir(folder), mkdir(join(base, 'home'))]);
    model = await startModelServer();
    agent = await setUpRealAgent(id, join(base, 'home'), model.url);
  });
  afterAll(async () => {
    await model.close();
    await rm(base, { recursive: true, force: true });
  });
  beforeEach(() => {
    recorder = new AgentRecorder();
  });
  afterEach(async () => {
    await Promise.all(conversations.splice(0).map((conversation) => conversation.stop()));
  });

  async function open(agentSession?: string): Promise<AgentConversation> {
    const profile = KNOWN_AGENTS.find((known) => known.id === id);
    if (profile === undefined) throw new Error(`Baton does not know ${id}.`);
    const command = {
      file: agent.program,
      args: agent.args,
      env: { ...profile.defaultEnv, ...agent.env },
      cwd: folder,
    };
    const registry = { resolve: async () => ({ profile, command, modes: profile.modes }) };
    const starter = createAgentStarter({ registry, log: recorder.log });
    const conversation = await starter.open({
      agent: id,
      folder,
      events: recorder,
      ...(agentSession ? { agentSession } : {}),
    });
    conversations.push(conversation);
    return conversation;
  }

  const prompt = async (conversation: AgentConversation, text: string) => {
    let acknowledgements = 0;
    const end = await runPrompt(conversation, text, () => acknowledgements++);
    expect(acknowledgements).toBe(1);
    return end;
  };
  const choose = (kind: ApprovalOptionKind) => {
    recorder.onAsked = (request: PermissionRequest) => {
      const option = request.options.find((offered) => offered.kind === kind);
      if (option) void request.answer(option);
    };
  };
  const written = (name: string) => readFile(join(folder, name), 'utf8').catch(() => null);
  const lastTool = () => recorder.updates.findLast((update) => update.kind === 'tool');

  test('begins a conversation in a mode in which it asks, and streams what its model says', async () => {
    const conversation = await open();
    expect(conversation).toMatchObject({ how: 'new', agentVersion: PINNED_AGENTS[id].version, canResume: true });
    expect(await prompt(conversation, 'good morning')).toEqual({ stop: 'end_turn' });
    expect(recorder.texts().join('')).toContain('You said: good morning');
    expect(recorder.streamed()).toContain('You said: good morning');
    expect(model.calls.filter((call) => call.request.prompts.at(-1) === 'good morning')).toHaveLength(1);
  });

  test('writes a file once it is allowed to, and shows the change before', async () => {
    const conversation = await open();
    choose('allow_once');
    const path = join(folder, 'allowed.txt');
    expect(await prompt(conversation, `write the file ${path} with allowed words`)).toEqual({ stop: 'end_turn' });
    expect([await written('allowed.txt'), recorder.permissions.length]).toEqual(['allowed words', 1]);
    expect(recorder.permissions[0]?.tool?.content).toContainEqual(
      expect.objectContaining({ kind: 'diff', path, after: 'allowed words' }),
    );
    expect(lastTool()).toMatchObject({ isFinal: true, tool: { state: 'done', paths: [path] } });
    expect(recorder.texts().join('')).toContain('It is done.');
  });

  test('does not write a file when it is denied', async () => {
    const conversation = await open();
    choose('reject_once');
    await prompt(conversation, `write the file ${join(folder, 'denied.txt')} with denied words`);
    expect([await written('denied.txt'), recorder.permissions.length]).toEqual([null, 1]);
    expect(lastTool()).toMatchObject({ isFinal: true, tool: { state: 'failed' } });
    expect(await prompt(conversation, 'and now?')).toEqual({ stop: 'end_turn' });
  });

  test('stops in mid-stream when it is cancelled, and so does its model', async () => {
    const conversation = await open();
    const turn = prompt(conversation, 'stream long 3000');
    await recorder.until('some text', () => recorder.streamed().includes('piece 3 of 3000'));
    await conversation.cancel();
    expect(await turn).toEqual({ stop: 'cancelled' });
    expect(recorder.texts().join('')).not.toContain('piece 2900');
    expect(await prompt(conversation, 'still there?')).toEqual({ stop: 'end_turn' });
    expect(model.calls.find((call) => call.request.prompts.at(-1)?.endsWith('stream long 3000'))?.state).toBe(
      'hung-up',
    );
  });

  test('cancelled in mid-question does not do what it asked for', async () => {
    const conversation = await open();
    const turn = prompt(conversation, `write the file ${join(folder, 'cancelled.txt')} with words`);
    await recorder.until('the question', () => recorder.permissions.length === 1);
    await conversation.cancel();
    expect([(await turn).stop, await written('cancelled.txt')]).toEqual(['cancelled', null]);
  });

  test('killed in mid-turn leaves nothing running, and goes on with its history', async () => {
    const conversation = await open();
    await prompt(conversation, 'the first of my prompts');
    const turn = runPrompt(conversation, 'stream long 3000');
    await recorder.until('some text', () => recorder.streamed().includes('piece 3 of 3000'));
    process.kill(conversation.pid, 'SIGKILL');
    expect(await turn).toMatchObject({ stop: 'interrupted' });
    await recorder.until('its end', () => recorder.exits.length === 1);
    await conversation.stop();
    expect(await groupMembers(conversation.pid)).toEqual([]);

    recorder = new AgentRecorder();
    const again = await open(conversation.agentSession);
    expect(again.agentSession).toBe(conversation.agentSession);
    expect(await prompt(again, 'repeat my first prompt')).toEqual({ stop: 'end_turn' });
    expect(recorder.texts()).toEqual(['Your first prompt was: the first of my prompts']);
  });

  test('says what its model’s error was', async () => {
    const conversation = await open();
    const end = await prompt(conversation, 'model error');
    expect(end).toEqual({
      stop: 'error',
      error: expect.stringContaining('The scripted model fails as it was told to.'),
    });
  });
});
