/** Plays one row: with a prompt and an approval in flight something breaks, is noticed, heals, and then all is counted. */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import Database from 'better-sqlite3';
import { isFinalReceipt, type ReceiptState } from '#protocol/commands.ts';
import type { WireEvent } from '#protocol/events.ts';
import { type DeviceEvidence, readHost, readJournal } from '../chaos/evidence.ts';
import { verify } from '../chaos/verify.ts';
import { ClaimWatch } from './claim-watch.ts';
import { readPage, readProgress } from './page-evidence.ts';
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
  await row.strike(stage);
  const struckAt = performance.now();
  watch.breaks(row.broken);
  if (canAct) await act(stage);
  const look = async () => (where === 'page' ? await stage.pageText() : await stage.pageLine());
  const left = () => Math.max(1_000, NOTICE_WITHIN_MS - (performance.now() - struckAt));
  const words = async () =>
    `“${says}”; the page says “${await stage.pageLine().catch(String)}”, the terminal “${stage.terminalLine}”`;
  await untilTrue(
    words,
    async () => {
      if (where === 'nowhere') return true;
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
    // An answer that did not arrive, or a question that was asked again: the first tap may only read on.
    if (await allow.isEnabled({ timeout: 100 }).catch(() => false))
      await allow.click({ timeout: 1_000 }).catch(() => {});
    const head =
      (await page
        .locator('.session-head')
        .first()
        .innerText({ timeout: 1_000 })
        .catch(() => '')) ?? '';
    const { commands, seqs } = await readProgress(page);
    const open = commands.filter(({ state }) => !isFinalReceipt(state as ReceiptState));
    return [
      ...(RESTING.test(head) ? [] : [`The session is not at rest: ${head.replaceAll('\n', ' ')}.`]),
      ...(open.length > 0
        ? [
            `${open.length} commands have no final receipt: ${open.map(({ kind, state }) => `${kind} ${state}`).join(', ')}.`,
          ]
        : []),
      ...(isDeepStrictEqual(seqs, readSeqs(file)) ? [] : ['The page has not every event yet.']),
    ];
  };
  await untilTrue(
    async () => `rest: ${(await unrest()).join(' ')}`,
    async () => (await unrest()).length === 0,
    REST_WITHIN_MS,
  );

  const host = readHost(file);
  const evidence = {
    host,
    devices: [await readCopy(row, stage, host.events)],
    journal: readJournal(stage.journal),
    hostKills: stage.hostKills,
    keeperKills: 0,
  };
  const isMeant = (text: string) =>
    row.mayRefuse === true && /never reached the host; its device says "rejected"/.test(text);
  const violations = verify(evidence).violations.filter((text) => !isMeant(text));
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

/** The number of the last event of each session, as the host has it. */
function readSeqs(file: string): Record<string, number> {
  const database = new Database(file, { readonly: true });
  try {
    const rows = database
      .prepare<[], { session: string; last: number }>('SELECT session, max(seq) AS last FROM event GROUP BY session')
      .all();
    return Object.fromEntries(rows.map(({ session, last }) => [session, last]));
  } finally {
    database.close();
  }
}

/** What the page has; if it may lack older events, those are taken as the host has them. */
async function readCopy(
  row: Row,
  stage: Stage,
  logs: ReadonlyMap<string, readonly WireEvent[]>,
): Promise<DeviceEvidence> {
  const copy = await readPage('The page', stage.phone.page);
  if (!row.mayLackOlder) return copy;
  const events = [...copy.events].map(([session, kept]): [string, readonly WireEvent[]] => {
    const older = logs.get(session)?.slice(0, (kept[0]?.seq ?? 1) - 1) ?? [];
    return [session, [...older, ...kept]];
  });
  return { ...copy, events: new Map(events) };
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
