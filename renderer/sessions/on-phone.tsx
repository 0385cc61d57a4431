/** The session's address for a phone that is paired already: a code to scan, which holds no secret. */
import { useEffect, useState } from 'preact/hooks';
import { CopyButton } from '#ui/controls/copy-button.tsx';
import { focusOnce } from '#ui/controls/focus-once.ts';
import { useApp } from '../app-context.ts';
import { CallWords } from '../controls/problem.tsx';
import { QrCode } from '../controls/qr-code.tsx';
import { useCall } from '../use-call.ts';

const QR_MOST_PIXELS = 240;

export function OnPhone({
  session,
  title,
  back,
  close,
}: {
  session: string;
  title: string;
  back: () => void;
  close: () => void;
}) {
  const { slices, showSettings, showPage } = useApp();
  const caller = useCall();
  const [link, setLink] = useState<string | null>(null);
  // Asked for once for each session.
  useEffect(() => {
    caller.run('session.link', { session }, (value) => setLink(value.link));
  }, [session]);
  const hurdle = hurdleOf();
  return (
    <div class="stack on-phone">
      {hurdle && (
        <div class="notice wait">
          <p>{hurdle.text}</p>
          <button
            type="button"
            class="button small"
            onClick={() => {
              close();
              hurdle.act();
            }}
          >
            {hurdle.action}
          </button>
        </div>
      )}
      <div class="qr-place small">
        {link !== null && <QrCode text={link} label={`QR code that opens ${title}`} most={QR_MOST_PIXELS} />}
      </div>
      <CallWords caller={caller} />
      <p class="sheet-words">
        Scan it with the camera of a paired phone. The address holds no secret: nobody can use it from a device that is
        not paired.
      </p>
      {link !== null && (
        <div class="install">
          <code>{link}</code>
          <CopyButton text={link} name="the link" />
        </div>
      )}
      <div class="actions end">
        <button type="button" class="button" ref={focusOnce} onClick={back}>
          Back
        </button>
      </div>
    </div>
  );

  /** Why the phone would not get there now. */
  function hurdleOf(): { text: string; action: string; act: () => void } | null {
    const { list, isRemoteControlEnabled } = slices.sessions.value;
    if (!slices.link.value.relay.isReachableByPhones)
      return {
        text: 'A phone cannot reach this: Baton’s own relay listens on this computer only.',
        action: 'Choose a relay',
        act: () => showSettings('relay'),
      };
    if (slices.devices.value.length === 0)
      return { text: 'No phone is paired yet.', action: 'Pair one', act: () => showPage('pair') };
    if (!isRemoteControlEnabled)
      return {
        text: 'Remote control is off for all sessions: turn it on at the top, then open the session.',
        action: 'To the sessions',
        act: () => showPage('sessions'),
      };
    if (list.find(({ id }) => id === session)?.isRemote === false)
      return {
        text: 'Remote control is off for this session: phones do not see it.',
        action: 'To the sessions',
        act: () => showPage('sessions'),
      };
    return null;
  }
}
