import { useEffect, useRef } from 'preact/hooks';
import { agoWords } from '#lib/duration-words.ts';
import { Icon } from '#ui/controls/icons.tsx';
import { useApp } from '../app-context.ts';
import { CallWords } from '../controls/problem.tsx';
import { useCall } from '../use-call.ts';
import { OfferView } from './offer-view.tsx';
import { RequestList } from './request-list.tsx';

/** For how long a device that was just paired is worth a word of success. */
const SUCCESS_SHOWN_MS = 10 * 60_000;

export function PairPage() {
  const { slices, now, tell, showPage } = useApp();
  const show = useCall();
  const { isShown, requests, lastPaired } = slices.pairing.value;
  // Codes are on show exactly while this page is.
  useEffect(() => {
    show.run('pairing.show', null);
    return () => tell('pairing.hide', null);
  }, []);
  // Main takes them away when the window is long out of sight; who comes back to it needs new ones.
  const wasShown = useRef(false);
  useEffect(() => {
    if (wasShown.current && !isShown) show.run('pairing.show', null);
    wasShown.current = isShown;
  }, [isShown]);
  const isFresh = lastPaired !== null && now.value - lastPaired.at < SUCCESS_SHOWN_MS;
  return (
    <>
      <header class="page-head">
        <h1>{requests.length > 0 ? 'A phone asks to be paired' : 'Pair a phone'}</h1>
      </header>
      {show.problem !== null && (
        <div class="trouble">
          <CallWords caller={show} />
          <button type="button" class="button" onClick={() => show.run('pairing.show', null)}>
            Try again
          </button>
        </div>
      )}
      {isFresh && requests.length === 0 && (
        <div class="notice good" role="status">
          <Icon name="check" />
          <p>
            <strong>{lastPaired.name}</strong> is paired, {agoWords(lastPaired.at, now.value)}. Its key is stored on it;
            you can take it back at any time.
          </p>
          <button type="button" class="button small" onClick={() => showPage('devices')}>
            Devices
          </button>
        </div>
      )}
      {requests.length > 0 ? <RequestList requests={requests} /> : <OfferView />}
    </>
  );
}
