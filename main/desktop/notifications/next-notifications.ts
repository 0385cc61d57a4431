/** Pure: from what was and what is to what a person should hear of who is not attention. */

import { toPlainLine } from '#lib/plain-line.ts';
import { digestOf } from '#main/host/sessions/consent.ts';
import type { Page } from '#preload/contract.ts';
import { plainQuestion, type Question } from '#protocol/consent.ts';
import type { SessionSummary } from '#protocol/messages.ts';

/** What is notified of. */
export interface HostGlance {
  readonly sessions: readonly Pick<SessionSummary, 'id' | 'title' | 'state' | 'detail'>[];
  readonly approvals: readonly Question[];
  readonly requests: readonly { readonly id: string; readonly name: string }[];
}

/** Who looks at what. */
export interface Attention {
  /** The page of the window; null unless it has the focus. */
  readonly page: Page | null;
  /** Sessions on the window, or on the screen of a device that has proven lately that it is there. */
  readonly sessions: ReadonlySet<string>;
}

export interface Notice {
  /** Names it, to take it back; a newer one with the same key replaces it. */
  readonly key: string;
  /** What it is shown together with. */
  readonly group: string;
  readonly title: string;
  readonly body: string;
  readonly page: Page;
  readonly session: string | null;
  /** The question can be answered from the notification itself, which shows all of it; null if it cannot. */
  readonly answer: {
    readonly session: string;
    readonly approval: string;
    /** Of what is shown. */
    readonly digest: string;
    readonly allow: string;
    readonly deny: string;
  } | null;
}

export interface NextNotices {
  readonly show: readonly Notice[];
  /** Keys of what is over: answered elsewhere, withdrawn. */
  readonly takeBack: readonly string[];
}

/** More than this many of one kind at once are one notification. */
export const SINGLE_NOTICES_MAX = 2;
const TEXT_MAX_CHARS = 120;

export function nextNotices(before: HostGlance, after: HostGlance, attention: Attention): NextNotices {
  const isSeen = (session: string) => attention.page === 'sessions' || attention.sessions.has(session);
  const titles = new Map(after.sessions.map(({ id, title }) => [id, toPlainLine(title, TEXT_MAX_CHARS)]));

  const approvals = added(before.approvals, after.approvals, ({ approval }) => approval)
    .filter(({ session }) => !isSeen(session))
    .map((approval) => renderApproval(approval, titles.get(approval.session) ?? 'A session'));
  const ends = after.sessions
    .filter(({ id }) => !isSeen(id))
    .flatMap((session) => renderEnd(before.sessions.find(({ id }) => id === session.id)?.state ?? null, session));
  const requests =
    attention.page === 'pair' ? [] : added(before.requests, after.requests, ({ id }) => id).map(renderRequest);

  return {
    show: [
      ...group(approvals, (count) => `${count} questions wait for you`),
      ...group(ends, (count) => `${count} sessions have finished or failed`),
      ...requests,
    ],
    takeBack: [
      ...added(after.approvals, before.approvals, ({ approval }) => approval).map(({ approval }) =>
        approvalKey(approval),
      ),
      ...added(after.requests, before.requests, ({ id }) => id).map(({ id }) => requestKey(id)),
    ],
  };
}

/** What is in `after` and not in `before`. */
function added<Item>(before: readonly Item[], after: readonly Item[], idOf: (item: Item) => string): Item[] {
  const known = new Set(before.map(idOf));
  return after.filter((item) => !known.has(idOf(item)));
}

function renderApproval(question: Question, title: string): Notice {
  const { approval, session, options } = question;
  const allow = options.find(({ kind }) => kind === 'allow_once');
  const deny = options.find(({ kind }) => kind === 'reject_once');
  const whole = plainQuestion(question, TEXT_MAX_CHARS);
  return {
    key: approvalKey(approval),
    group: session,
    title: `“${title}” waits for you`,
    body: whole ?? `${toPlainLine(question.title, TEXT_MAX_CHARS)} … Open Baton to see all of it.`,
    page: 'sessions',
    session,
    answer:
      allow && deny && whole !== null
        ? { session, approval, digest: digestOf(question), allow: allow.id, deny: deny.id }
        : null,
  };
}

/** A turn that is over, or an agent that is gone. What a person ended is no news to them. */
function renderEnd(was: SessionSummary['state'] | null, session: HostGlance['sessions'][number]): Notice[] {
  const { id, state, detail } = session;
  if (was === null || was === state) return [];
  const title = toPlainLine(session.title, TEXT_MAX_CHARS);
  const base = { key: `end:${id}`, group: id, page: 'sessions' as const, session: id, answer: null };
  const wasBusy = was === 'working' || was === 'waiting';
  if (state === 'idle' && wasBusy)
    return [{ ...base, title: `“${title}” has finished`, body: 'The agent is done and waits for the next prompt.' }];
  if (state === 'failed' || (state === 'interrupted' && wasBusy)) {
    const body = toPlainLine(detail, TEXT_MAX_CHARS) || 'Open Baton to see why.';
    return [{ ...base, title: `“${title}” ${state === 'failed' ? 'has failed' : 'was interrupted'}`, body }];
  }
  return [];
}

function renderRequest({ id, name }: HostGlance['requests'][number]): Notice {
  return {
    key: requestKey(id),
    group: 'pairing',
    title: `“${toPlainLine(name, TEXT_MAX_CHARS)}” asks to be paired`,
    body: 'Compare its digits in Baton before you allow it.',
    page: 'pair',
    session: null,
    answer: null,
  };
}

function group(notices: readonly Notice[], titleOf: (count: number) => string): Notice[] {
  const first = notices[0];
  if (first === undefined || notices.length <= SINGLE_NOTICES_MAX) return [...notices];
  const body = toPlainLine(notices.map(({ title }) => title).join(', '), TEXT_MAX_CHARS);
  // Under a key of its own: it is about several, and goes when a person has seen it.
  return [
    {
      ...first,
      key: `several:${first.key}`,
      group: 'several',
      title: titleOf(notices.length),
      body,
      session: null,
      answer: null,
    },
  ];
}

function approvalKey(approval: string): string {
  return `approval:${approval}`;
}

function requestKey(request: string): string {
  return `pairing:${request}`;
}
