/** Anthropic's Messages API, streamed: https://docs.anthropic.com/en/api/messages-streaming */
import { contentText, field, type Json, list, text, withoutNotes } from './json.ts';
import type { ModelReply, ModelRequest, ToolResult } from './script.ts';
import type { Speaker } from './speaker.ts';

export function parseMessagesRequest(body: Json): ModelRequest {
  const prompts: string[] = [];
  let toolResults: ToolResult[] = [];
  for (const message of list(field(body, 'messages'))) {
    if (field(message, 'role') !== 'user') continue;
    const content = field(message, 'content');
    const parts = typeof content === 'string' ? [{ type: 'text', text: content }] : list(content);
    for (const part of parts) {
      if (field(part, 'type') === 'tool_result') {
        toolResults.push({ text: contentText(field(part, 'content')), isError: field(part, 'is_error') === true });
      }
    }
    const written = parts
      .filter((part) => field(part, 'type') === 'text')
      .map((part) => withoutNotes(text(field(part, 'text'))))
      .filter((piece) => piece !== '');
    if (written.length === 0) continue;
    prompts.push(written.join('\n'));
    toolResults = [];
  }
  return {
    model: text(field(body, 'model')),
    system: contentText(field(body, 'system')),
    prompts,
    toolResults,
    tools: list(field(body, 'tools')).map((tool) => ({
      name: text(field(tool, 'name')),
      properties: Object.keys((field(field(tool, 'input_schema'), 'properties') as object | undefined) ?? {}),
    })),
    isStreamed: field(body, 'stream') === true,
  };
}

/** Answers in full, or as server-sent events. */
export async function speakMessages(request: ModelRequest, reply: ModelReply, speaker: Speaker): Promise<void> {
  if (reply.kind === 'error') {
    return speaker.json(400, { type: 'error', error: { type: 'invalid_request_error', message: reply.message } });
  }
  const id = speaker.newId('msg_');
  const usage = { input_tokens: 10, cache_creation_input_tokens: 0, cache_read_input_tokens: 0, output_tokens: 1 };
  const start = { id, type: 'message', role: 'assistant', model: request.model, stop_sequence: null };
  const isTool = reply.kind === 'tool';
  const stopReason = isTool ? 'tool_use' : 'end_turn';
  const block = isTool
    ? { type: 'tool_use', id: speaker.newId('toolu_'), name: reply.name, input: {} }
    : { type: 'text', text: '' };
  if (!request.isStreamed) {
    const content = isTool ? { ...block, input: reply.input } : { type: 'text', text: reply.pieces.join('') };
    return speaker.json(200, { ...start, content: [content], stop_reason: stopReason, usage });
  }
  speaker.beginEvents();
  const send = (type: string, fields: object) => speaker.event({ type, ...fields }, type);
  await send('message_start', { message: { ...start, content: [], stop_reason: null, usage } });
  await send('content_block_start', { index: 0, content_block: block });
  const deltas = isTool
    ? [{ type: 'input_json_delta', partial_json: JSON.stringify(reply.input) }]
    : reply.pieces.map((piece) => ({ type: 'text_delta', text: piece }));
  for (const delta of deltas) {
    await send('content_block_delta', { index: 0, delta });
    if (!isTool) await speaker.pause(reply.pauseMs);
  }
  await send('content_block_stop', { index: 0 });
  await send('message_delta', {
    delta: { stop_reason: stopReason, stop_sequence: null },
    usage: { output_tokens: deltas.length },
  });
  await send('message_stop', {});
  speaker.endEvents();
}
