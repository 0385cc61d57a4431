import { Icon, StateShape } from '#phone/screens/icons.tsx';
import type { RelayTest, RelayTestStep } from '#preload/contract.ts';
import { useApp } from '../app-context.ts';

const STEP_NAMES: Readonly<Record<RelayTestStep['step'], string>> = {
  address: 'Address',
  name: 'Name',
  connect: 'Connection',
  secure: 'Encryption',
  upgrade: 'WebSocket',
  'sign-in': 'Sign-in',
  'round-trip': 'Round trip',
};

/** How far a test of a relay came. */
export function RelayTestView({ test, runningSince }: { test: RelayTest | null; runningSince: number | null }) {
  const { now } = useApp();
  if (runningSince !== null)
    return (
      <p class="test-running" role="status">
        <StateShape state="working" />
        <span>
          Dialling the relay and sending a message through it and back …{' '}
          {Math.max(0, Math.floor((now.value - runningSince) / 1000))} of at most 30 s
        </span>
      </p>
    );
  if (!test) return null;
  return (
    <div class={`test ${test.isOk ? 'good' : 'bad'}`} role="status">
      <p class="test-verdict">
        <Icon name={test.isOk ? 'check' : 'cross'} />
        <span>
          {test.text}
          {test.roundTripMs !== null && ` Round trip: ${Math.round(test.roundTripMs)} ms.`}
        </span>
      </p>
      <ol class="test-steps">
        {test.steps.map(({ step, isOk, text, ms }) => (
          <li key={step} class={isOk ? 'tone-good' : 'tone-bad'}>
            <Icon name={isOk ? 'check' : 'close'} size={16} />
            <span class="test-name">
              {STEP_NAMES[step]}
              <span class="visually-hidden">{isOk ? ' worked: ' : ' failed: '}</span>
            </span>
            <span class="test-text">{text}</span>
            <span class="test-ms">{Math.round(ms)} ms</span>
          </li>
        ))}
      </ol>
    </div>
  );
}
