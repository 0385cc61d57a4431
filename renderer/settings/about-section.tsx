import { agoWords } from '#lib/duration-words.ts';
import type { UpdateView } from '#preload/contract.ts';
import { CopyButton } from '#ui/controls/copy-button.tsx';
import { useApp } from '../app-context.ts';
import { CallWords } from '../controls/problem.tsx';
import { Section, SettingRow } from '../controls/section.tsx';
import { useCall } from '../use-call.ts';

export function AboutSection() {
  const { slices, now } = useApp();
  const { version, build } = slices.app.value;
  const update = slices.update.value;
  const check = useCall();
  const open = useCall();
  const isChecking = check.isBusy || update.kind === 'checking';
  return (
    <Section title="Version" id="about">
      <SettingRow name={`Baton ${version}`} words={updateWords(update, now.value)}>
        <div class="actions">
          {update.kind === 'available' && (
            <button type="button" class="button primary" onClick={() => open.run('outside.open', { page: 'update' })}>
              Get {update.version}
            </button>
          )}
          {update.kind !== 'unavailable' && (
            <button type="button" class="button" disabled={isChecking} onClick={() => check.run('update.check', null)}>
              {isChecking ? 'Looking …' : 'Look for updates'}
            </button>
          )}
        </div>
      </SettingRow>
      <CallWords caller={check} />
      <CallWords caller={open} />
      <SettingRow
        name="Build of the page for phones"
        words={
          <>
            <span class="code">{build}</span>
            <br />
            The phone shows the build of the page that it has. The same name there: it is the page that belongs to this
            Baton.
          </>
        }
      >
        <CopyButton text={build} name="the build" class="button" />
      </SettingRow>
    </Section>
  );
}

function updateWords(update: UpdateView, now: number): string {
  switch (update.kind) {
    case 'unknown':
      return 'Baton looks for updates and tells you. It never installs one by itself.';
    case 'checking':
      return 'Looking for a newer version …';
    case 'current':
      return update.at === null
        ? 'This is the newest version.'
        : `The newest version, as of ${agoWords(update.at, now)}.`;
    case 'available':
      return `Version ${update.version} is there. Sessions end when Baton is closed for installing it.`;
    case 'failed':
      return `Updates could not be looked for: ${update.reason}`;
    case 'unavailable':
      return update.reason;
  }
}
