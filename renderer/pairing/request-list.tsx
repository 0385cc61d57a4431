/** Who asks to be paired: a name, six digits to compare, and the two answers. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { agoWords } from '#lib/duration-words.ts';
import type { PairingView, Scope } from '#preload/contract.ts';
import { Icon } from '#ui/controls/icons.tsx';
import { useGuard } from '#ui/controls/use-guard.ts';
import { useApp } from '../app-context.ts';
import { CallWords } from '../controls/problem.tsx';
import { useCall } from '../use-call.ts';
import { SCOPES } from '../words/scope-words.ts';

type PairingRequest = PairingView['requests'][number];

export function RequestList({ requests }: { requests: readonly PairingRequest[] }) {
  // Any change of the list moves what stands below it, so all of it is guarded.
  const isGuarded = useGuard(requests.map(({ id, digits }) => `${id}:${digits}`).join());
  return (
    <>
      {requests.length > 1 && (
        <p class="notice wait">
          {requests.length} devices ask at once. Allow only the one whose digits you see on your own phone.
        </p>
      )}
      {requests.map((request) => (
        <RequestCard key={request.id} request={request} isGuarded={isGuarded} />
      ))}
    </>
  );
}

function RequestCard({ request, isGuarded }: { request: PairingRequest; isGuarded: boolean }) {
  const { slices, now } = useApp();
  const [scope, setScope] = useState<Scope>('full');
  const [isGone, setIsGone] = useState(false);
  const answer = useCall();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus({ preventScroll: true }), []);
  const { build } = slices.app.value;
  const isLocked = isGuarded || answer.isBusy || isGone;
  const id = `request-${request.id}`;
  return (
    <article class="request" aria-labelledby={id}>
      <h2 id={id} ref={heading} tabIndex={-1} aria-describedby={`${id}-digits`}>
        <span class="request-name" title={request.name}>
          {request.name}
        </span>
        <span class="meta">asked {agoWords(request.askedAt, now.value)}</span>
      </h2>
      <p class="digits" aria-hidden="true">
        <span>{request.digits.slice(0, 3)}</span>
        <span>{request.digits.slice(3)}</span>
      </p>
      <p id={`${id}-digits`} class="visually-hidden">
        {[...request.digits].join(' ')}
      </p>
      <p class="request-compare">
        <strong>Compare with the phone.</strong> The same digits there: nobody stands in between. Other digits, or no
        phone of yours asks: deny.
      </p>
      <fieldset class="scopes">
        <legend>It may</legend>
        <div class="scope-choices">
          {SCOPES.map(({ scope: one, name }) => (
            <label key={one} class="choice">
              <input type="radio" name={`scope-${request.id}`} checked={scope === one} onChange={() => setScope(one)} />
              <span class="choice-name">{name}</span>
            </label>
          ))}
        </div>
        <p class="meta">{SCOPES.find((one) => one.scope === scope)?.words}.</p>
      </fieldset>
      <CallWords caller={answer} />
      {isGone && (
        <p class="problem" role="alert">
          {request.name} is gone: it stopped asking before you allowed it. Scan a new code with it.
        </p>
      )}
      <div class="actions decide">
        <button
          type="button"
          class="button big danger"
          aria-disabled={isLocked}
          onClick={() => {
            if (!isLocked) answer.run('pairing.deny', { request: request.id });
          }}
        >
          Deny
        </button>
        <button
          type="button"
          class="button big primary"
          aria-disabled={isLocked}
          onClick={() => {
            if (!isLocked)
              answer.run('pairing.allow', { request: request.id, scope }, (value) => setIsGone(!value.isThere));
          }}
        >
          {answer.isBusy ? 'Storing keys on both sides …' : 'The digits are the same: Allow'}
        </button>
      </div>
      {request.build === build ? (
        <p class="build-same">
          <Icon name="check" size={16} />
          <span>
            Its page is the one that belongs to this Baton (build <code>{build}</code>).
          </span>
        </p>
      ) : (
        <p class="build-other">
          <Icon name="warning" size={16} />
          <span>
            Its page says it is build <code>{request.build === '' ? 'unknown' : request.build}</code>; this Baton has{' '}
            <code>{build}</code>. That is so after an update of one side only. If you did not expect it, deny and look
            at what the relay serves.
          </span>
        </p>
      )}
    </article>
  );
}
