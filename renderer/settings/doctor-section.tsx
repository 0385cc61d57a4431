/** Checks everything that has to work for a phone to reach an agent here, and says in one sentence what does not. */
import { useEffect, useState } from 'preact/hooks';
import { agoWords } from '#lib/duration-words.ts';
import type { Check, Diagnosis } from '#preload/contract.ts';
import { Icon, StateShape } from '#ui/controls/icons.tsx';
import { useApp } from '../app-context.ts';
import { CallWords } from '../controls/problem.tsx';
import { Section } from '../controls/section.tsx';
import { useCall } from '../use-call.ts';

export function DoctorSection() {
  const { wantedPart } = useApp();
  return (
    <Section title="Check everything" id="doctor">
      <p class="meta section-lead">
        Looks at the data folder, the clock, the network, the relay, the phones and the agents, one after the other. It
        changes nothing and disturbs nobody.
      </p>
      <Doctor isWanted={wantedPart.peek() === 'doctor'} />
    </Section>
  );
}

/** `isWanted`: anyone who came here wants to know at once. */
export function Doctor({ isWanted = false }: { isWanted?: boolean }) {
  const [diagnosis, setDiagnosis] = useState<Diagnosis | null>(null);
  const [since, setSince] = useState(0);
  const doctor = useCall();
  const run = () => {
    setSince(Date.now());
    doctor.run('doctor.run', null, setDiagnosis);
  };
  useEffect(() => {
    if (isWanted) run();
    // Once, on arrival.
  }, []);
  return (
    <div class="stack doctor">
      <div class="actions">
        <button type="button" class="button" disabled={doctor.isBusy} onClick={run}>
          {doctor.isBusy ? 'Checking …' : diagnosis ? 'Check again' : 'Check now'}
        </button>
      </div>
      <CallWords caller={doctor} slow="" />
      {doctor.isBusy ? <Running since={since} /> : diagnosis && <DiagnosisView diagnosis={diagnosis} />}
    </div>
  );
}

function Running({ since }: { since: number }) {
  const { now } = useApp();
  return (
    <p class="test-running" role="status">
      <StateShape state="working" />
      <span>
        Looking at one thing after the other … {Math.max(0, Math.floor((now.value - since) / 1000))} of at most 60 s
      </span>
    </p>
  );
}

const TONES: Readonly<Record<Check['state'], string>> = { ok: 'tone-good', wrong: 'tone-bad', skipped: 'tone-quiet' };
const SPOKEN: Readonly<Record<Check['state'], string>> = {
  ok: ' works: ',
  wrong: ' is wrong: ',
  skipped: ' was not checked: ',
};

function DiagnosisView({ diagnosis }: { diagnosis: Diagnosis }) {
  const { now } = useApp();
  const { isOk, text, checks, at } = diagnosis;
  return (
    <div class={`test ${isOk ? 'good' : 'bad'}`} role="status">
      <p class="test-verdict">
        <Icon name={isOk ? 'check' : 'cross'} />
        <span>
          {text} <span class="doctor-age">{agoWords(at, now.value)}</span>
        </span>
      </p>
      <ol class="test-steps">
        {checks.map(({ name, title, state, text: words }) => (
          <li key={name} class={TONES[state]}>
            {state === 'skipped' ? (
              <span class="doctor-dash" aria-hidden="true">
                –
              </span>
            ) : (
              <Icon name={state === 'ok' ? 'check' : 'close'} size={16} />
            )}
            <span class="test-name">
              {title}
              <span class="visually-hidden">{SPOKEN[state]}</span>
            </span>
            <span class="test-text">{words}</span>
          </li>
        ))}
      </ol>
    </div>
  );
}
