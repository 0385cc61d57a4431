import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isAlive } from '../../../main/keeper/place.ts';
import { LoneHost } from '../../support/keeper/lone-host.ts';

/** What the demo agent says to `long N`. */
const longText = (count: number) =>
  Array.from({ length: count }, (_, index) => ((index + 1) % 10 === 0 ? `${index + 1}.\n` : `${index + 1} `)).join('');

let host: LoneHost;
beforeEach(() => {
  host = new LoneHost();
});
afterEach(async () => {
  await host.clear();
});

describe('a host that is killed', () => {
  test('in the middle of a streamed text leaves the turn running: the next one has all of it, once', async () => {
    await host.start({ paceMs: 5 });
    const session = await host.newSession();
    const prompt = host.send('prompt', session, { text: 'long 600' });
    await host.until('some text', () => host.streamed.at(-1)?.includes('100.') === true);
    const agents = await host.agents();
    await host.kill();
    const before = host.log(session);
    const { keeper } = host;

    await host.start();
    expect(host.stateOf(session)).toBe('working');
    await host.untilState(session, 'idle');
    const log = host.log(session);
    expect(log.slice(0, before.length)).toEqual(before);
    expect(log.slice(before.length).map(({ kind, body }) => ({ kind, body }))).toEqual([
      { kind: 'message', body: { id: expect.any(String), text: longText(600) } },
      { kind: 'turn.ended', body: { command: prompt, stop: 'end_turn' } },
    ]);
    expect(host.receipts.get(prompt)).toBe('applied');
    expect([await host.agents(), host.keeper]).toEqual([agents, keeper]);

    const again = host.send('prompt', session, { text: 'echo: still here' });
    await host.untilReceipt(again, 'applied');
    await host.untilState(session, 'idle');
    expect(host.said(session)).toBe(`${longText(600)}still here`);
    expect(host.kinds(session)).not.toContain('session.interrupted');
  });
});
