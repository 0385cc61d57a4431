import type { KeepAwake, LoginView } from '#preload/contract.ts';
import { useApp } from '../app-context.ts';
import { CallWords } from '../controls/problem.tsx';
import { Section, SettingRow } from '../controls/section.tsx';
import { Switch } from '../controls/switch.tsx';
import { useCall } from '../use-call.ts';
import { keepChoices } from '../words/keep-words.ts';

const AWAKE: readonly { value: KeepAwake; name: string }[] = [
  { value: 'off', name: 'Never' },
  { value: 'on-power', name: 'While on power' },
  { value: 'always', name: 'Always' },
];

export function ComputerSection() {
  const { slices } = useApp();
  const { login, keepAwake, keepAgentsHours, isKeptAwake, isNotifying } = slices.settings.value;
  const { isTrayKnown } = slices.app.value;
  const { isRemoteControlEnabled } = slices.sessions.value;
  const remote = useCall();
  const loginCall = useCall();
  const awake = useCall();
  const keep = useCall();
  const notify = useCall();
  return (
    <Section title="This computer" id="computer">
      <SettingRow
        name="Remote control of all sessions"
        wordsId="computer-remote"
        words={
          isRemoteControlEnabled
            ? 'Paired devices see every session whose own switch is on, present and future.'
            : 'Paired devices see no session and can do nothing.'
        }
      >
        <Switch
          label="Remote control of all sessions"
          describedBy="computer-remote"
          isOn={isRemoteControlEnabled}
          isBusy={remote.isBusy}
          onChange={(isEnabled) => remote.run('remote.set', { isEnabled })}
        />
      </SettingRow>
      <CallWords caller={remote} />
      <SettingRow name="Start at login" wordsId="computer-login" words={loginWords(login)}>
        <Switch
          label="Start at login"
          describedBy="computer-login"
          isOn={login.kind === 'on'}
          isBusy={loginCall.isBusy}
          isDisabled={login.kind === 'unavailable'}
          onChange={(isEnabled) => loginCall.run('login.set', { isEnabled })}
        />
      </SettingRow>
      <CallWords caller={loginCall} />
      <SettingRow
        name="Keep this computer awake while agents work"
        words={
          isKeptAwake
            ? 'It is kept awake at this moment. The screen may still go dark.'
            : keepAwake === 'off'
              ? 'It sleeps as usual; agents stand still meanwhile, and go on afterwards.'
              : 'It is not kept awake now. The screen may go dark in any case.'
        }
      >
        <label class="select-field">
          <span class="visually-hidden">Keep this computer awake while agents work</span>
          <select
            value={keepAwake}
            disabled={awake.isBusy}
            onChange={(event) => {
              const select = event.currentTarget;
              const value = select.value as KeepAwake;
              // It shows what holds: main's answer moves it.
              select.value = keepAwake;
              awake.run('settings.set', { keepAwake: value });
            }}
          >
            {AWAKE.map(({ value, name }) => (
              <option key={value} value={value}>
                {name}
              </option>
            ))}
          </select>
        </label>
      </SettingRow>
      <CallWords caller={awake} />
      <SettingRow
        name="Agents may work on without Baton for"
        wordsId="computer-keep"
        words="After a crash, an update, or a quit that leaves them at work. Then they are ended, and their sessions say so."
      >
        <label class="select-field">
          <span class="visually-hidden">Agents may work on without Baton for</span>
          <select
            value={String(keepAgentsHours)}
            disabled={keep.isBusy}
            aria-describedby="computer-keep"
            onChange={(event) => {
              const select = event.currentTarget;
              const hours = Number(select.value);
              // As above: it shows what holds.
              select.value = String(keepAgentsHours);
              keep.run('settings.set', { keepAgentsHours: hours });
            }}
          >
            {keepChoices(keepAgentsHours).map(({ hours, name }) => (
              <option key={hours} value={String(hours)}>
                {name}
              </option>
            ))}
          </select>
        </label>
      </SettingRow>
      <CallWords caller={keep} />
      <SettingRow
        name="Notifications"
        wordsId="computer-notify"
        words="When a session needs you, finishes or fails, and when a phone asks to be paired. Silent while you look at it."
      >
        <Switch
          label="Notifications"
          describedBy="computer-notify"
          isOn={isNotifying}
          isBusy={notify.isBusy}
          onChange={(value) => notify.run('settings.set', { isNotifying: value })}
        />
      </SettingRow>
      <CallWords caller={notify} />
      {!isTrayKnown && (
        <p class="meta section-note">
          Your desktop may show no tray icon, and does not tell Baton. If this window is closed, start Baton again to
          bring it back: it keeps running meanwhile.
        </p>
      )}
    </Section>
  );
}

function loginWords(login: LoginView): string {
  switch (login.kind) {
    case 'on':
      return 'Baton starts hidden when you log in.';
    case 'off':
      return 'After a restart, your phone reaches this computer only once you start Baton.';
    case 'requires-approval':
      return 'macOS waits for you: allow Baton under System Settings → General → Login Items.';
    case 'unavailable':
      return `Not possible here: ${login.reason}`;
  }
}
