/** The code to scan, and what will happen then; or why there is none, and what to do. */
import { LinkShape } from '#phone/screens/icons.tsx';
import { useApp } from '../app-context.ts';
import { CopyButton } from '../controls/copy-button.tsx';
import { QrCode } from '../controls/qr-code.tsx';
import { useMedia } from '../use-media.ts';
import { hostOf, linkWords } from '../words/link-words.ts';

const QR_MOST_PIXELS = 336;
/** Between the navigation at the side and a wide window the words need the room. */
const COMPACT = '(min-width: 680px) and (max-width: 899px)';
const QR_COMPACT_PIXELS = 276;

export function OfferView() {
  const { slices, now } = useApp();
  const { offer, trouble } = slices.pairing.value;
  const { relay, kind } = slices.link.value;
  const isCompact = useMedia(COMPACT);
  const isOffered = offer !== null && offer.expiresAt > now.value;
  return (
    <>
      {!relay.isReachableByPhones && <LoopbackNotice />}
      <div class="offer">
        <div class="offer-code">
          <div class="qr-place">
            {isOffered ? (
              <QrCode
                text={offer.link}
                label="Pairing code. Scan it with your phone’s camera."
                most={isCompact ? QR_COMPACT_PIXELS : QR_MOST_PIXELS}
              />
            ) : (
              <NoCode trouble={trouble} isConnected={kind === 'connected'} />
            )}
          </div>
          <p class="meta offer-age">
            {isOffered ? (
              <>Works once, for {Math.ceil((offer.expiresAt - now.value) / 1000)} s more · renews itself</>
            ) : (
              'A code appears here by itself.'
            )}
          </p>
          {isOffered && (
            <CopyButton text={offer.link} label="Copy the link instead" name="for pairing" class="button small" />
          )}
        </div>
        <div class="offer-words">
          <ol class="steps">
            <li>
              <strong>Scan it with the phone’s camera</strong>
              <span>
                It opens Baton’s page at <span class="code">{hostOf(relay.phoneOrigin)}</span>. Nothing to install.
              </span>
            </li>
            <li>
              <strong>Give the phone a name</strong>
              <span>So that you know it again here.</span>
            </li>
            <li>
              <strong>Compare six digits</strong>
              <span>Here and on the phone. If they are the same, click Allow here.</span>
            </li>
          </ol>
          <p class="meta">Nothing is stored before you allow it.</p>
        </div>
      </div>
    </>
  );
}

function LoopbackNotice() {
  const { showSettings } = useApp();
  return (
    <div class="notice wait" role="note">
      <p>
        <strong>A phone cannot reach this.</strong> Baton’s own relay listens on this computer only, so the code works
        just in a browser here. Choose a relay that your phone can reach.
      </p>
      <button type="button" class="button small" onClick={() => showSettings('relay')}>
        Choose a relay
      </button>
    </div>
  );
}

function NoCode({ trouble, isConnected }: { trouble: string | null; isConnected: boolean }) {
  const { slices, now, showSettings } = useApp();
  if (trouble === null && isConnected)
    return (
      <p class="no-code" role="status">
        Making a code …
      </p>
    );
  const words = linkWords(slices.link.value, now.value);
  return (
    <div class="no-code" role="status">
      <LinkShape shape={isConnected ? 'stopped' : words.shape} />
      <strong>No code can be shown now</strong>
      <p class="plain-text">{trouble ?? `${words.text}. ${words.detail ?? ''}`}</p>
      {!isConnected && (
        <button type="button" class="button small" onClick={() => showSettings('relay')}>
          Look at the relay
        </button>
      )}
    </div>
  );
}
