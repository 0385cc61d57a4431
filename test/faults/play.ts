/** Plays one row: with a prompt and an approval in flight something breaks, is noticed, heals, and then all is counted. */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { isFinalReceipt, type ReceiptState } from '../../protocol/commands.ts';
import { readHost, readJournal } from '../chaos/evidence.ts';
import { verify } from '../chaos/verify.ts';
import { ClaimWatch } from './claim-watch.ts';
import { readPage } from './page-evidence.ts';
import { untilTrue } from './patience.ts';
import type { Outcome, Row } from './row.ts';
import type { Stage } from './stage.ts';

/** No wrong status may stand for longer, and no fault go unnoticed. */
const NOTICE_WITHIN_MS = 15_000;
/** The longest back-off is 30 s. */
const RECOVER_WITHIN_MS = 60_000;
const REST_WITHIN_MS = 45_000;
const RESTING = /Idle|Interrupted|Failed/;

/** Never rejects: what goes wrong is in the outcome. */
export async function play(row: Row, stage: Stage): Promise<Outcome> {
  const watch = new ClaimWatch(stage);
  const problems: string[] = [];
  const seen = { pageSaid: '', terminalSaid: '', noticedMs: null as number | null, recoveredMs: null as number | null };
  let counted = { lost: 0, twice: 0 };
  try {
    await setInFlight(stage);
    await strikeAndHeal(row, stage, watch, seen);
    counted = await judge(row, stage, problems);
  } catch (error) {
    problems.push(error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error));
    problems.push(`The page said, in order: ${watch.said.join(' → ')}`);
  }
  await watch.stop();
  for (const { who, text, forMs } of watch.longest.values()) {
    if (forMs > NOTICE_WITHIN_MS) problems.push(`A false claim about the ${who} stood ${seconds(forMs)} s: “${text}”.`);
  }
  return { row: row.name, ...seen, falseMs: watch.longestMs, ...counted, problems };
}

/** A turn that waits for an answer, and a prompt that waits behind it on the computer. */
async function setInFlight(stage: Stage): Promise<void> {
  await stage.prompt(`${randomUUID()} change the file`);
  await stage.phone.questions.getByRole('group', { name: 'Allow', exact: true }).waitFor();
  await stage.prompt(`echo: queued ${randomUUID()}`);
  await stage.untilPage(/on your computer/);
}

/** Both are on their way while nothing, or not all, gets through. */
async function act(stage: Stage): Promise<void> {
  await stage.phone.allow();
  await stage.prompt(`echo: meanwhile ${randomUUID()}`);
}

async function strikeAndHeal(
  row: Row,
  stage: Stage,
  watch: ClaimWatch,
  seen: Pick<Outcome, 'pageSaid' | 'terminalSaid' | 'noticedMs' | 'recoveredMs'>,
): Promise<void> {
  const note = seen as { -readonly [Key in keyof typeof seen]: (typeof seen)[Key] };
  const { says, terminalSays, where = 'link', canAct = true } = row;
  const struckAt = performance.now();
  await row.strike(stage);
  watch.breaks(row.broken);
  if (canAct) await act(stage);
  const look = async () => (where === 'page' ? await stage.pageText() : await stage.pageLine());
  const left = () => Math.max(1_000, NOTICE_WITHIN_MS - (performance.now() - struckAt));
  const words = async () =>
    `“${says}”; the page says “${await stage.pageLine().catch(String)}”, the terminal “${stage.terminalLine}”`;
  await untilTrue(
    words,
    async () => {
      const found = says.exec(await look());
      if (found) note.pageSaid = await lineWith(says, await look());
      return found !== null;
    },
    left(),
  );
  note.noticedMs = performance.now() - struckAt;
  if (terminalSays) {
    await untilTrue(
      () => `the terminal to say ${terminalSays}; it says “${stage.terminalLine}”`,
      () => terminalSays.test(stage.terminalLine),
      left(),
    );
    note.noticedMs = performance.now() - struckAt;
  }
  note.terminalSaid = stage.terminalLine;
  watch.heals();
  const healedAt = performance.now();
  await row.heal(stage);
  await stage.untilLine(/Connected · proven/, RECOVER_WITHIN_MS);
  note.recoveredMs = performance.now() - healedAt;
  if (!canAct) await stage.prompt(`echo: afterwards ${randomUUID()}`);
  await row.after?.(stage);
}

function lineWith(pattern: RegExp, text: string): string {
  return text.split('\n').find((line) => pattern.test(line)) ?? pattern.exec(text)?.[0] ?? '';
}

/** Waits until nothing is under way, then compares everything with everything. */
async function judge(row: Row, stage: Stage, problems: string[]): Promise<{ lost: number; twice: number }> {
  const file = join(stage.dataFolder, 'history.db');
  const unrest = async (): Promise<string[]> => {
    const { questions, page } = stage.phone;
    const allow = questions.getByRole('group', { name: 'Allow', exact: true }).getByRole('button').first();
    // An answer that did not arrive, or a question that was asked again.
    if (await allow.isEnabled({ timeout: 100 }).catch(() => false))
      await allow.click({ timeout: 1_000 }).catch(() => {});
    const head =
      (await page
        .locator('.session-head')
        .first()
        .innerText({ timeout: 1_000 })
        .catch(() => '')) ?? '';
    const { commands, events } = await readPage('The page', page);
    const host = readHost(file);
    const count = (logs: ReadonlyMap<string, readonly unknown[]>) =>
      [...logs.values()].reduce((sum, log) => sum + log.length, 0);
    const open = commands.filter(({ state }) => !isFinalReceipt(state as ReceiptState));
    return [
      ...(RESTING.test(head) ? [] : [`The session is not at rest: ${head.replaceAll('\n', ' ')}.`]),
      ...(open.length > 0
        ? [
            `${open.length} commands have no final receipt: ${open.map(({ kind, state }) => `${kind} ${state}`).join(', ')}.`,
          ]
        : []),
      ...(count(events) === count(host.events)
        ? []
        : [`The page has ${count(events)} of ${count(host.events)} events.`]),
    ];
  };
  await untilTrue(
    async () => `rest: ${(await unrest()).join(' ')}`,
    async () => (await unrest()).length === 0,
    REST_WITHIN_MS,
  );

  const evidence = {
    host: readHost(file),
    devices: [await readPage('The page', stage.phone.page)],
    journal: readJournal(stage.journal),
    hostKills: stage.hostKills,
  };
  const { violations } = verify(evidence);
  const twice = violations.filter((text) => /times\.$/.test(text) && !/ 0 times\.$/.test(text));
  const uncertain = evidence.devices.flatMap(({ commands }) => commands).filter(({ state }) => state === 'uncertain');
  problems.push(...violations);
  if (uncertain.length > 0 && !row.mayBeUncertain) problems.push(`${uncertain.length} commands are uncertain.`);
  const sent = evidence.devices.flatMap(({ commands }) => commands).filter(({ kind }) => kind === 'prompt');
  const missing = stage.prompts.filter((text) => !sent.some(({ body }) => (body as { text: string }).text === text));
  problems.push(...missing.map((text) => `The page does not know the prompt “${text}” any more.`));
  problems.push(...(await shownTwice(stage)));
  return { lost: violations.length - twice.length + missing.length, twice: twice.length };
}

/** Each prompt stands on the screen once, if it is on the screen. */
async function shownTwice(stage: Stage): Promise<string[]> {
  const rows = await stage.phone.page.locator('.row-prompt').allInnerTexts();
  return stage.prompts.flatMap((text) => {
    const id = text.match(/[0-9a-f]{8}-[0-9a-f-]{27}/)?.[0] ?? text;
    const times = rows.filter((row) => row.includes(id)).length;
    return times <= 1 ? [] : [`The page shows “${text}” ${times} times.`];
  });
}

export function seconds(ms: number): string {
  return (ms / 1000).toFixed(1);
}
