import { useState } from 'preact/hooks';
import type { ActivityRow } from '#preload/contract.ts';
import { Icon } from '#ui/controls/icons.tsx';
import { useApp } from '../app-context.ts';
import { CallWords } from '../controls/problem.tsx';
import { useCall } from '../use-call.ts';
import { groupByDay, joinRows } from '../words/activity-days.ts';

export function ActivityPage() {
  const { slices, now } = useApp();
  const [older, setOlder] = useState<readonly ActivityRow[]>([]);
  const [isAll, setIsAll] = useState(false);
  const [verdict, setVerdict] = useState<{ isIntact: boolean; text: string } | null>(null);
  const page = useCall();
  const verify = useCall();
  const rows = joinRows(slices.activity.value, older);
  const oldest = rows.at(-1);
  return (
    <>
      <header class="page-head">
        <h1>Activity</h1>
        {rows.length > 0 && (
          <button
            type="button"
            class="button"
            disabled={verify.isBusy}
            onClick={() => {
              setVerdict(null);
              verify.run('activity.verify', null, setVerdict);
            }}
          >
            <Icon name="check" size={18} />
            {verify.isBusy ? 'Verifying …' : 'Verify'}
          </button>
        )}
      </header>
      <p class="meta page-lead">
        Who did what, and from where. Each row holds the hash of the one before, so that a changed or missing row can be
        found.
      </p>
      <CallWords caller={verify} slow="Still reading every row …" />
      {verdict && (
        <p class={verdict.isIntact ? 'notice good' : 'problem'} role="status">
          {verdict.isIntact && <Icon name="check" />}
          <span>{verdict.text}</span>
        </p>
      )}
      {rows.length === 0 && (
        <div class="nothing">
          <p>Nothing has happened yet. Pairing, answers, prompts and switches are listed here with who did them.</p>
        </div>
      )}
      {groupByDay(rows, now.value).map((day) => (
        <section key={day.key} class="day" aria-labelledby={`day-${day.key}`}>
          <h2 id={`day-${day.key}`}>{day.name}</h2>
          <ul class="day-rows">
            {day.rows.map((row) => (
              <Row key={row.seq} row={row} />
            ))}
          </ul>
        </section>
      ))}
      <CallWords caller={page} />
      {oldest !== undefined && oldest.seq > 1 && !isAll && (
        <button
          type="button"
          class="button older"
          disabled={page.isBusy}
          onClick={() =>
            page.run('activity.page', { before: oldest.seq }, (value) => {
              setOlder((known) => joinRows(known, value.rows));
              setIsAll(value.rows.length === 0);
            })
          }
        >
          {page.isBusy ? 'Loading …' : 'Load older'}
        </button>
      )}
      {rows.length > 0 && (isAll || oldest?.seq === 1) && <p class="meta day-end">That is all, from the beginning.</p>}
    </>
  );
}

const TIME = new Intl.DateTimeFormat(undefined, { timeStyle: 'short' });

function Row({ row }: { row: ActivityRow }) {
  return (
    <li class="activity-row">
      <time dateTime={new Date(row.at).toISOString()} title={new Date(row.at).toLocaleString()}>
        {TIME.format(row.at)}
      </time>
      <span class="activity-mark">
        <Icon name={row.isDevice ? 'phone' : 'laptop'} size={18} />
      </span>
      <div class="activity-words">
        <p>
          <strong>{row.by}</strong> {row.text}
        </p>
        {row.session !== null && (
          <p class="meta activity-session" title={row.session}>
            {row.session}
          </p>
        )}
      </div>
    </li>
  );
}
