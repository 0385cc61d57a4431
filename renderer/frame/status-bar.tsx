/** On every page: how the link is, what the phones prove, and the one switch for all sessions. */
import { useState } from 'preact/hooks';
import { LinkShape } from '#ui/controls/icons.tsx';
import { useApp } from '../app-context.ts';
import { CallWords } from '../controls/problem.tsx';
import { Switch } from '../controls/switch.tsx';
import { useCall } from '../use-call.ts';
import { linkWords, proofWords } from '../words/link-words.ts';

export function StatusBar() {
  const { slices, now, showSettings } = useApp();
  const reconnect = useCall();
  const words = linkWords(slices.link.value, now.value);
  return (
    <section class="status" aria-label="Status">
      <div class="status-link">
        <span class={`status-mark tone-${words.tone}`}>
          <LinkShape shape={words.shape} />
        </span>
        <div class="status-words">
          <p class={`status-text tone-${words.tone === 'quiet' ? 'calm' : words.tone}`}>
            {words.text}
            {words.age !== null && <span class="status-age">{words.age}</span>}
          </p>
          {words.detail === null && <p class="meta">{proofWords(slices.devices.value, now.value)}</p>}
        </div>
      </div>
      <RemoteSwitch />
      {(words.detail !== null || words.canRetry) && (
        <div class="status-more">
          <p class="meta">{words.detail}</p>
          {words.canRetry && (
            <div class="status-actions">
              <button type="button" class="button small plain" onClick={() => showSettings('doctor')}>
                What is wrong?
              </button>
              <button
                type="button"
                class="button small"
                disabled={reconnect.isBusy}
                onClick={() => reconnect.run('relay.reconnect', null)}
              >
                Connect now
              </button>
            </div>
          )}
        </div>
      )}
      <CallWords caller={reconnect} />
    </section>
  );
}

/** Main may ask the person first; what holds is what main answers and pushes. */
export function RemoteSwitch() {
  const { slices } = useApp();
  const caller = useCall();
  const [isRefused, setIsRefused] = useState(false);
  const isOn = slices.sessions.value.isRemoteControlEnabled;
  return (
    <div class="remote">
      <div class="remote-words">
        <p class="remote-name">Remote control</p>
        <p class="meta" id="remote-words">
          {caller.isBusy ? 'Waiting …' : isOn ? 'On for all sessions' : 'Off: phones see no session'}
        </p>
      </div>
      <Switch
        label="Remote control for all sessions"
        describedBy="remote-words"
        isOn={isOn}
        isBusy={caller.isBusy}
        onChange={(isEnabled) => {
          setIsRefused(false);
          caller.run('remote.set', { isEnabled }, (value) => setIsRefused(isEnabled && !value.isEnabled));
        }}
      />
      {(isRefused && !isOn) || caller.problem !== null ? (
        <div class="remote-problem">
          {isRefused && !isOn && (
            <p class="meta" role="status">
              It stays off: it was not confirmed.
            </p>
          )}
          <CallWords caller={caller} />
        </div>
      ) : null}
    </div>
  );
}
