/**
 * OpenAI's chat completions and responses, streamed:
 * https://platform.openai.com/docs/api-reference/chat/streaming and …/responses-streaming
 */
import { contentText, field, type Json, list, text, withoutNotes } from './json.ts';
import type { ModelReply, ModelRequest, ToolOffer, ToolResult } from './script.ts';
import type { Speaker } from './speaker.ts';

export function parseChatRequest(body: Json): ModelRequest {
  return parseConversation(body, list(field(body, 'messages')), (message) => {
    if (field(message, 'role') === 'tool') return contentText(field(message, 'content'));
    return null;
  });
}

export function parseResponsesRequest(body: Json): ModelRequest {
  const input = field(body, 'input');
  const items = typeof input === 'string' ? [{ role: 'user', content: input }] : list(input);
  return parseConversation(body, items, (item) => {
    if (field(item, 'type') !== 'function_call_output') return null;
    const output = field(item, 'output');
    return typeof output === 'object' ? contentText(output) : text(output);
  });
}

function parseConversation(
  body: Json,
  items: readonly Json[],
  toolResult: (item: Json) => string | null,
): ModelRequest {
  const prompts: string[] = [];
  let toolResults: ToolResult[] = [];
  let system = text(field(body, 'instructions'));
  for (const item of items) {
    const result = toolResult(item);
    const role = field(item, 'role');
    if (result !== null) toolResults.push({ text: result, isError: false });
    else if (role === 'system' || role === 'developer') system += contentText(field(item, 'content'));
    else if (role === 'user') {
      const written = withoutNotes(contentText(field(item, 'content')));
      if (written === '') continue;
      prompts.push(written);
      toolResults = [];
    }
  }
  const tools = list(field(body, 'tools')).flatMap((tool): ToolOffer[] => {
    // Chat completions nest what responses have at the top.
    const offer = field(tool, 'function') ?? tool;
    const name = text(field(offer, 'name'));
    const properties = Object.keys((field(field(offer, 'parameters'), 'properties') as object | undefined) ?? {});
    return name === '' ? [] : [{ name, properties }];
  });
  return {
    model: text(field(body, 'model')),
    system,
    prompts,
    toolResults,
    tools,
    isStreamed: field(body, 'stream') === true,
  };
}

const USAGE = { prompt_tokens: 10, completion_tokens: 1, total_tokens: 11 };

export async function speakChat(request: ModelRequest, reply: ModelReply, speaker: Speaker): Promise<void> {
  if (reply.kind === 'error') return speaker.json(400, errorBody(reply.message));
  const isTool = reply.kind === 'tool';
  const call = isTool && {
    index: 0,
    id: speaker.newId('call_'),
    type: 'function',
    function: { name: reply.name, arguments: JSON.stringify(reply.input) },
  };
  const finish = isTool ? 'tool_calls' : 'stop';
  const common = { id: speaker.newId('chatcmpl-'), created: speaker.now(), model: request.model };
  if (!request.isStreamed) {
    const message = call ? { content: null, tool_calls: [call] } : { content: isTool ? '' : reply.pieces.join('') };
    const choices = [{ index: 0, message: { role: 'assistant', ...message }, finish_reason: finish }];
    return speaker.json(200, { ...common, object: 'chat.completion', choices, usage: USAGE });
  }
  speaker.beginEvents();
  const send = (delta: object, finish_reason: string | null = null) =>
    speaker.event({ ...common, object: 'chat.completion.chunk', choices: [{ index: 0, delta, finish_reason }] });
  await send({ role: 'assistant', content: '' });
  if (call) await send({ tool_calls: [call] });
  if (!isTool) {
    for (const piece of reply.pieces) {
      await send({ content: piece });
      await speaker.pause(reply.pauseMs);
    }
  }
  await send({}, finish);
  await speaker.event({ ...common, object: 'chat.completion.chunk', choices: [], usage: USAGE });
  speaker.endEvents('[DONE]');
}

export async function speakResponses(request: ModelRequest, reply: ModelReply, speaker: Speaker): Promise<void> {
  if (reply.kind === 'error') return speaker.json(400, errorBody(reply.message));
  const isTool = reply.kind === 'tool';
  const whole = isTool ? '' : reply.pieces.join('');
  const id = speaker.newId(isTool ? 'fc_' : 'msg_');
  const item = isTool
    ? {
        id,
        type: 'function_call',
        call_id: speaker.newId('call_'),
        name: reply.name,
        arguments: '',
        status: 'in_progress',
      }
    : { id, type: 'message', role: 'assistant', status: 'in_progress', content: [] as object[] };
  const done = isTool
    ? { ...item, arguments: JSON.stringify(reply.input), status: 'completed' }
    : { ...item, status: 'completed', content: [{ type: 'output_text', text: whole, annotations: [] }] };
  const response = { id: speaker.newId('resp_'), object: 'response', created_at: speaker.now(), model: request.model };
  const usage = {
    input_tokens: 10,
    input_tokens_details: { cached_tokens: 0 },
    output_tokens: 1,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: 11,
  };
  const completed = { ...response, status: 'completed', output: [done], usage };
  if (!request.isStreamed) return speaker.json(200, completed);

  speaker.beginEvents();
  let sequence = 0;
  const send = (type: string, fields: object) => speaker.event({ type, sequence_number: sequence++, ...fields }, type);
  const place = { item_id: id, output_index: 0, content_index: 0 };
  await send('response.created', { response: { ...response, status: 'in_progress', output: [] } });
  await send('response.output_item.added', { output_index: 0, item });
  if (isTool) {
    const words = JSON.stringify(reply.input);
    await send('response.function_call_arguments.delta', { item_id: id, output_index: 0, delta: words });
    await send('response.function_call_arguments.done', { item_id: id, output_index: 0, arguments: words });
  } else {
    await send('response.content_part.added', { ...place, part: { type: 'output_text', text: '', annotations: [] } });
    for (const piece of reply.pieces) {
      await send('response.output_text.delta', { ...place, delta: piece });
      await speaker.pause(reply.pauseMs);
    }
    await send('response.output_text.done', { ...place, text: whole });
    await send('response.content_part.done', { ...place, part: { type: 'output_text', text: whole, annotations: [] } });
  }
  await send('response.output_item.done', { output_index: 0, item: done });
  await send('response.completed', { response: completed });
  speaker.endEvents();
}

function errorBody(message: string): object {
  return { error: { message, type: 'invalid_request_error', param: null, code: null } };
}
