/** What an agent's answer to a prompt says of the end of its turn. Pure. */
import { RequestError } from '@agentclientprotocol/sdk';
import type { TurnEnd } from '../agent.ts';
import { errorText, metaError } from './acp-errors.ts';
import { acpPromptResult } from './acp-schemas.ts';
import type { RpcAnswer } from './acp-wire.ts';

/** Some agents report a model's error as success, and a turn that was cancelled as an error. */
export function describeEnd(answer: RpcAnswer, isCancelled: boolean): TurnEnd {
  if ('error' in answer) {
    const { code, message, data } = answer.error;
    const error = errorText(new RequestError(Number(code), String(message), data));
    return { stop: isCancelled ? 'cancelled' : 'error', error };
  }
  const parsed = acpPromptResult.safeParse(answer.result);
  const { stopReason: stop, _meta: meta } = parsed.success ? parsed.data : { stopReason: 'end_turn' as const };
  const error = stop === 'end_turn' ? metaError(meta) : undefined;
  return error === undefined ? { stop } : { stop: 'error', error };
}
