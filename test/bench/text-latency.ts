/** From the agent's mouth to the person's eye, and from the person's finger to the agent's ear. */
import { readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { BenchHost, journalOf, STAMPING_AGENT } from '../support/bench/bench-host.ts';
import { pairPhone } from '../support/bench/bench-phone.ts';
import { startBenchRelay } from '../support/bench/bench-relay.ts';
import type { PhonePage } from '../support/phone-page.ts';
import type { Bench, BenchContext } from './bench.ts';
import { formatPercentiles, percentileValues, summarize } from './statistics.ts';

const UPDATES_PER_TURN = 100;
const GAP_MS = 50;
const WARM_UP_UPDATES = 40;
const WARM_UP_PROMPTS = 5;
const TURN_TIMEOUT_MS = 60_000;

export const textLatency: Bench = {
  key: 'a',
  name: 'Agent output → text on the phone’s page',
  async run(context) {
    const turns = context.isQuick ? 1 : 5;
    const { phone } = await startPath(context);
    // Fills caches and lets the engines optimise what runs often.
    await speak(phone, WARM_UP_UPDATES);
    for (let turn = 0; turn < turns; turn += 1) await speak(phone, UPDATES_PER_TURN);
    const seen = (await phone.page.evaluate(() => window.batonWatch.stamps)).slice(WARM_UP_UPDATES);
    const inPage = summarize(seen.map((stamp) => stamp.seen.inPageAt - stamp.saidAt));
    const shown = summarize(seen.map((stamp) => stamp.seen.shownAt - stamp.saidAt));
    const how = `${shown.count} updates, one every ${GAP_MS} ms or so`;
    return [
      {
        what: 'Agent says a word → the word is in the page',
        result: formatPercentiles(inPage, { p99: true }),
        how,
        values: percentileValues(inPage),
      },
      {
        what: 'Agent says a word → its frame is on the screen',
        result: formatPercentiles(shown, { p99: true }),
        how,
        values: percentileValues(shown),
      },
    ];
  },
};

export const promptLatency: Bench = {
  key: 'b',
  name: 'Prompt tap → the agent has it',
  async run(context) {
    const prompts = context.isQuick ? 5 : 100;
    const { phone, host } = await startPath(context);
    const toAgent: number[] = [];
    const toProof: number[] = [];
    for (let number = 0; number < prompts + WARM_UP_PROMPTS; number += 1) {
      const text = `prompt number ${number}.`;
      const { page } = phone;
      const proof = page.evaluate((words) => window.batonWatch.untilSeen(words), `I have it: ${text}`);
      await phone.prompt(text);
      const { shownAt } = await proof;
      const tappedAt = await page.evaluate(() => window.batonWatch.lastClickAt);
      const arrivedAt = readJournal(host).get(text);
      if (arrivedAt === undefined) throw new Error(`The agent never got "${text}".`);
      if (number >= WARM_UP_PROMPTS) {
        toAgent.push(arrivedAt - tappedAt);
        toProof.push(shownAt - tappedAt);
      }
      await page.getByRole('button', { name: 'Stop the agent' }).waitFor({ state: 'detached' });
      await wait(20 + Math.random() * 30);
    }
    const [agent, proof] = [summarize(toAgent), summarize(toProof)];
    const how = `${prompts} prompts`;
    return [
      { what: 'Prompt tap → the agent has it', result: formatPercentiles(agent), how, values: percentileValues(agent) },
      {
        what: 'Prompt tap → the agent’s answer is on the screen',
        result: formatPercentiles(proof),
        how,
        values: percentileValues(proof),
      },
    ];
  },
};

/** The whole path, with one session of the stamping agent open on the page. */
async function startPath(context: BenchContext): Promise<{ phone: PhonePage; host: BenchHost }> {
  const { folder, phoneFolder } = context;
  const relay = await startBenchRelay({ folder, phoneFolder });
  const host = await BenchHost.start({ folder, relayOrigin: relay.origin });
  const phone = await pairPhone(await context.browser(), host, 'Bench phone');
  context.atEnd(() => phone.close());
  await phone.startSession(STAMPING_AGENT.name, 'Latency');
  return { phone, host };
}

/** One turn of so many words; resolves when all are on the screen. */
async function speak(phone: PhonePage, words: number): Promise<void> {
  const { page } = phone;
  const before = await page.evaluate(() => window.batonWatch.stamps.length);
  await phone.prompt(`stamp ${words} ${GAP_MS}`);
  await page.waitForFunction((count) => window.batonWatch.stamps.length >= count, before + words, {
    timeout: TURN_TIMEOUT_MS,
    polling: 200,
  });
  await page.getByRole('button', { name: 'Stop the agent' }).waitFor({ state: 'detached' });
}

function readJournal(host: BenchHost): Map<string, number> {
  const lines = readFileSync(journalOf(host.folder), 'utf8').trim().split('\n');
  return new Map(lines.map((line) => JSON.parse(line)).map(({ text, at }: { text: string; at: number }) => [text, at]));
}
