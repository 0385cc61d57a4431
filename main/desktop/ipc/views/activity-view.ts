/** Pure: the audit as sentences. */

import { toPlainLine } from '#lib/plain-line.ts';
import type { AuditRow } from '#main/host/history/audit.ts';
import type { ActivityRow, Scope } from '#preload/contract.ts';

const SHOWN_MAX_CHARS = 160;
const SCOPE_WORDS: Readonly<Record<Scope, string>> = {
  watch: 'watching only',
  answer: 'prompts and answers',
  full: 'everything',
};
/** By the kind of the option that was chosen. */
const ANSWER_WORDS: Readonly<Record<string, string>> = {
  allow_once: 'allowed',
  allow_always: 'allowed for always',
  reject_once: 'denied',
  reject_always: 'denied for always',
};

/** `titleOf`: null for a session that is not kept any more. */
export function renderActivity(rows: readonly AuditRow[], titleOf: (session: string) => string | null): ActivityRow[] {
  return rows.map((row) => ({
    seq: row.seq,
    at: row.at,
    by: toPlainLine(row.by.name, SHOWN_MAX_CHARS),
    isDevice: row.by.device !== null,
    text: describe(row),
    session: row.session === null ? null : titleOf(row.session),
  }));
}

function describe({ action, session, detail }: AuditRow): string {
  const name = quote(detail.name);
  switch (action) {
    case 'prompt':
      return 'sent a prompt';
    case 'answer':
      return `${ANSWER_WORDS[String(detail.kind)] ?? `answered ${quote(detail.option)} to`} ${quote(detail.title)}`;
    case 'session.new':
      return `started a session with ${quote(detail.agent)} in ${toPlainLine(String(detail.folder ?? ''), SHOWN_MAX_CHARS)}`;
    case 'session.end':
      return 'ended the session';
    case 'session.resume':
      return 'resumed the session';
    case 'device.paired':
      return `paired ${name} (${scopeWords(detail.scope)})`;
    case 'device.renamed':
      return `renamed a device to ${name}`;
    case 'device.scope':
      return `changed what ${name} may do (${scopeWords(detail.scope)})`;
    case 'device.revoked':
      return `revoked ${name}`;
    case 'remote.set': {
      const isOn = detail.enabled === true || detail.isRemote === true;
      return `turned remote control ${isOn ? 'on' : 'off'}${session === null ? ' for all sessions' : ' for the session'}`;
    }
    case 'history.deleted': {
      const counted = detail.sessions === 1 ? '1 session' : `${detail.sessions} sessions`;
      return detail.what === 'all' ? `deleted the whole history (${counted})` : `deleted what was over (${counted})`;
    }
  }
}

function scopeWords(scope: unknown): string {
  return SCOPE_WORDS[scope as Scope] ?? String(scope);
}

function quote(text: unknown): string {
  return `“${toPlainLine(String(text ?? ''), SHOWN_MAX_CHARS)}”`;
}
