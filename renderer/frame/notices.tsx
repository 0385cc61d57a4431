/** Above each page: what must be told once, and a phone that asks to pair while another page is on view. */
import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { Icon } from '#phone/screens/icons.tsx';
import { useApp } from '../app-context.ts';

export function Notices() {
  const { slices, page, showPage } = useApp();
  const hidden = useSignal<ReadonlySet<string>>(new Set());
  const notices = slices.app.value.notices.filter((notice) => !hidden.value.has(notice));
  const request = page.value === 'pair' ? undefined : slices.pairing.value.requests[0];
  return (
    <>
      {request && (
        <div class="notice wait">
          <Icon name="phone" />
          <p>
            <strong>{request.name}</strong> asks to be paired.
          </p>
          <button type="button" class="button small" onClick={() => showPage('pair')}>
            Compare digits
          </button>
        </div>
      )}
      {notices.map((notice) => (
        <div class="notice" key={notice}>
          <Icon name="info" />
          <p>{notice}</p>
          <button
            type="button"
            class="icon-button"
            aria-label="Dismiss this notice"
            onClick={() => {
              hidden.value = new Set([...hidden.value, notice]);
            }}
          >
            <Icon name="close" size={18} />
          </button>
        </div>
      ))}
    </>
  );
}

/** Reads out what is new: questions of agents and phones that ask to pair, each once. */
export function NewsReader() {
  const { slices, announce } = useApp();
  const seen = useRef<ReadonlySet<string> | null>(null);
  const news = [
    ...slices.pairing.value.requests.map(({ id, name, digits }) => ({
      id: `pairing:${id}`,
      text: `${name} asks to be paired. Digits: ${[...digits].join(' ')}`,
    })),
    ...slices.sessions.value.approvals.map(({ approval, title }) => ({
      id: `approval:${approval}`,
      text: `Needs your answer: ${title}`,
    })),
  ];
  const key = news.map(({ id }) => id).join();
  // The key stands for the list, which is a new one at every drawing.
  useEffect(() => {
    const before = seen.current;
    seen.current = new Set(news.map(({ id }) => id));
    const fresh = before === null ? [] : news.filter(({ id }) => !before.has(id));
    if (fresh.length > 0) announce(fresh.map(({ text }) => text).join('. '));
  }, [key]);
  return null;
}
