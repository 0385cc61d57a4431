/** Pairing step by step: a name, six digits to compare, keys stored and tested. */
import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Pairing, PairingStep } from '#phone/core/contract.ts';
import { DEVICE_NAME_MAX_CHARS } from '#protocol/limits.ts';
import { useApp } from '../app-context.ts';
import { Icon, Logo } from '../icons.tsx';

const STEPS = ['Name', 'Compare', 'Done'] as const;

export function PairingScreen({ pairing }: { pairing: Pairing }) {
  const { router, endPairing } = useApp();
  const step = pairing.step.value;
  const leave = () => {
    pairing.cancel();
    endPairing();
    router.navigate({ kind: 'home' }, { replace: true });
  };
  return (
    <div class="pairing">
      <header class="pairing-head">
        <Logo size={36} />
        {step.kind !== 'refused' && <Progress at={progressOf(step)} />}
      </header>
      <div class="pairing-body">
        <StepView step={step} pairing={pairing} leave={leave} />
      </div>
    </div>
  );
}

function Progress({ at }: { at: number }) {
  return (
    <ol class="progress" aria-label="Steps of pairing">
      {STEPS.map((name, index) => (
        <li
          key={name}
          class={index < at ? 'done' : index === at ? 'current' : ''}
          aria-current={index === at ? 'step' : undefined}
        >
          {name}
        </li>
      ))}
    </ol>
  );
}

function progressOf({ kind }: PairingStep): number {
  if (kind === 'paired') return 2;
  return kind === 'compare' || kind === 'storing' ? 1 : 0;
}

function StepView({ step, pairing, leave }: { step: PairingStep; pairing: Pairing; leave: () => void }) {
  const { router, endPairing } = useApp();
  switch (step.kind) {
    case 'checking':
      return <Words title="Checking this browser …" />;
    case 'ready':
      return <NameForm step={step} pairing={pairing} leave={leave} />;
    case 'connecting':
      return (
        <Words title="Reaching your computer …" isBusy>
          <CancelButton leave={leave} />
        </Words>
      );
    case 'compare':
      return (
        <Words title="Same digits on your computer?" describedBy="pairing-digits">
          <p class="digits" aria-hidden="true">
            <span>{step.digits.slice(0, 3)}</span>
            <span>{step.digits.slice(3)}</span>
          </p>
          <p id="pairing-digits" class="visually-hidden">
            {[...step.digits].join(' ')}
          </p>
          <p>
            Check that your computer shows the same digits, then click <strong>Allow</strong> there.
          </p>
          <p class="meta">Other digits mean that somebody stands in between: click Deny.</p>
          <CancelButton leave={leave} />
        </Words>
      );
    case 'storing':
      return <Words title="Allowed. Storing keys on this device …" isBusy />;
    case 'paired':
      return (
        <Words title={`Paired with ${step.hostName}`}>
          <p class="paired-mark" aria-hidden="true">
            <Icon name="check" size={44} />
          </p>
          <p>Only this device holds its key. You can take its access back on the computer at any time.</p>
          <button
            type="button"
            class="button primary big"
            onClick={() => {
              endPairing();
              router.navigate({ kind: 'home' }, { replace: true });
            }}
          >
            Open sessions
          </button>
        </Words>
      );
    case 'refused':
      return (
        <Words title={step.title} describedBy="pairing-refusal">
          <p class="refused-mark" aria-hidden="true">
            <Icon name="cross" size={36} />
          </p>
          <p id="pairing-refusal" class="refused-words">
            {step.text}
          </p>
          <button type="button" class="button big" onClick={leave}>
            Back
          </button>
        </Words>
      );
  }
}

interface WordsProps {
  title: string;
  /** The element that is read out after the title. */
  describedBy?: string;
  isBusy?: boolean;
  children?: ComponentChildren;
}

/** One step: its title takes the focus, so that it is read out and the keyboard is where the eye is. */
function Words({ title, describedBy, isBusy = false, children }: WordsProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), [title]);
  return (
    <>
      <h1 ref={heading} tabIndex={-1} aria-describedby={describedBy}>
        {title}
      </h1>
      {isBusy && <div class="busy-line" aria-hidden="true" />}
      {children}
    </>
  );
}

function CancelButton({ leave }: { leave: () => void }) {
  return (
    <button type="button" class="button" onClick={leave}>
      Cancel
    </button>
  );
}

function NameForm({
  step,
  pairing,
  leave,
}: {
  step: Extract<PairingStep, { kind: 'ready' }>;
  pairing: Pairing;
  leave: () => void;
}) {
  const [name, setName] = useState(step.suggestedName);
  const isUsable = name.trim() !== '';
  return (
    <>
      <h1>Pair this device</h1>
      <p>Your computer shows this name when it asks whether to let this device in.</p>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (isUsable) pairing.begin(name.trim());
        }}
      >
        <label class="field">
          <span>Name of this device</span>
          <input
            type="text"
            value={name}
            maxLength={DEVICE_NAME_MAX_CHARS}
            autocomplete="off"
            enterkeyhint="go"
            onInput={(event) => setName(event.currentTarget.value)}
          />
        </label>
        <button type="submit" class="button primary big" disabled={!isUsable}>
          Connect
        </button>
        <button type="button" class="button big plain" onClick={leave}>
          Cancel
        </button>
      </form>
      <p class="meta pairing-relay">
        Through the relay <span class="code">{relayName(step.relay)}</span>, which sees only encrypted data.
      </p>
    </>
  );
}

function relayName(origin: string): string {
  return URL.canParse(origin) ? new URL(origin).host : origin;
}
