/** Which relay this computer dials: the one inside Baton, or one of the person's own. */
import { useState } from 'preact/hooks';
import type { OutsidePage, RelayTest } from '#preload/contract.ts';
import { CommandLine } from '#ui/controls/command-line.tsx';
import { useApp } from '../app-context.ts';
import { ConfirmSheet } from '../controls/confirm-sheet.tsx';
import { CallWords } from '../controls/problem.tsx';
import { Section } from '../controls/section.tsx';
import { useCall } from '../use-call.ts';
import { linkWords } from '../words/link-words.ts';
import { draftOf, isSameChoice, type RelayChoice, readDraft, testedAddress } from '../words/relay-draft.ts';
import { RelayTestView } from './relay-test-view.tsx';

export function RelaySection() {
  const { slices, now } = useApp();
  const { relay: address, relayPublicUrl: publicUrl, relayPort } = slices.settings.value;
  const current: RelayChoice = { address, publicUrl };
  const [edited, setEdited] = useState<ReturnType<typeof draftOf> | null>(null);
  const [error, setError] = useState<string | null>(null);
  const [test, setTest] = useState<RelayTest | null>(null);
  const [testedSince, setTestedSince] = useState(0);
  const [applying, setApplying] = useState<RelayChoice | null>(null);
  const tester = useCall();
  const draft = edited ?? draftOf(current);
  const read = readDraft(draft);
  const isChanged = edited !== null && !(read.ok && isSameChoice(read.value, current));
  const edit = (change: Partial<typeof draft>) => {
    setEdited({ ...draft, ...change });
    setError(null);
    setTest(null);
    tester.clear();
  };
  const check = (then: (choice: RelayChoice) => void) => {
    setError(read.ok ? null : read.error);
    if (read.ok) then(read.value);
  };
  const words = linkWords(slices.link.value, now.value);
  return (
    <Section title="Relay" id="relay">
      <p class="meta section-lead">
        Where phone and computer meet. It passes on encrypted data, sees who talks when and how much, and can read
        nothing. Now: {words.text.charAt(0).toLowerCase() + words.text.slice(1)}
        {words.age === null ? '' : `, ${words.age}`}.
      </p>
      <form
        class="stack"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          if (isChanged) check(setApplying);
        }}
      >
        <fieldset class="choices">
          <legend class="visually-hidden">Which relay</legend>
          <label class="choice">
            <input type="radio" name="relay" checked={draft.kind === 'own'} onChange={() => edit({ kind: 'own' })} />
            <span class="choice-name">Baton’s own</span>
            <span class="choice-detail">
              Runs on this computer, port {relayPort}, for nobody else. A phone needs an https address that leads to it.
            </span>
          </label>
          {draft.kind === 'own' && (
            <div class="choice-more">
              <label class="field">
                <span>
                  https address that leads to it <span class="optional">optional</span>
                </span>
                <input
                  type="url"
                  class="code"
                  value={draft.publicUrl}
                  placeholder="https://studio.tail1234.ts.net"
                  autocomplete="off"
                  spellcheck={false}
                  aria-invalid={error !== null}
                  aria-describedby={error === null ? undefined : 'relay-error'}
                  onInput={(event) => edit({ publicUrl: event.currentTarget.value })}
                />
              </label>
              <details class="how">
                <summary>How to get one</summary>
                <p>In a private network of Tailscale, which the phone has to be in too:</p>
                <CommandLine text={`tailscale serve --bg ${relayPort}`} />
                <p>
                  It prints the address. <OutsideLink page="tailscale-serve">About tailscale serve</OutsideLink>
                </p>
              </details>
            </div>
          )}
          <label class="choice">
            <input
              type="radio"
              name="relay"
              checked={draft.kind === 'other'}
              onChange={() => edit({ kind: 'other' })}
            />
            <span class="choice-name">One of yours, on a server</span>
            <span class="choice-detail">Phones reach it from anywhere. It needs a name and https.</span>
          </label>
          {draft.kind === 'other' && (
            <div class="choice-more">
              <label class="field">
                <span>Address of the relay</span>
                <input
                  type="url"
                  class="code"
                  value={draft.address}
                  placeholder="https://relay.example"
                  autocomplete="off"
                  spellcheck={false}
                  aria-invalid={error !== null}
                  aria-describedby={error === null ? undefined : 'relay-error'}
                  onInput={(event) => edit({ address: event.currentTarget.value })}
                />
              </label>
              <details class="how">
                <summary>How to run one</summary>
                <p>On the server, in a copy of Baton’s sources:</p>
                <CommandLine text="npm ci && npm run relay -- --public-url https://relay.example --trust-proxy" />
                <p>Caddy in front of it gets the certificate by itself:</p>
                <CommandLine text="caddy reverse-proxy --from relay.example --to 127.0.0.1:8787" />
                <p>
                  <OutsideLink page="caddy">About Caddy</OutsideLink>
                </p>
              </details>
            </div>
          )}
        </fieldset>
        {error !== null && (
          <p class="problem" role="alert" id="relay-error">
            {error}
          </p>
        )}
        <div class="actions">
          <button
            type="button"
            class="button"
            disabled={tester.isBusy}
            onClick={() =>
              check((choice) => {
                setTest(null);
                setTestedSince(Date.now());
                tester.run('relay.test', { address: testedAddress(choice) }, setTest);
              })
            }
          >
            {tester.isBusy ? 'Testing …' : 'Test'}
          </button>
          <button type="submit" class="button primary" disabled={!isChanged || tester.isBusy}>
            Apply
          </button>
          {isChanged && (
            <button
              type="button"
              class="button plain"
              onClick={() => {
                setEdited(null);
                setError(null);
                setTest(null);
              }}
            >
              Undo changes
            </button>
          )}
        </div>
        <CallWords caller={tester} slow="" />
        <RelayTestView test={test} runningSince={tester.isBusy ? testedSince : null} />
      </form>
      {applying && <ApplyRelay choice={applying} onDone={() => setEdited(null)} onClose={() => setApplying(null)} />}
    </Section>
  );
}

function ApplyRelay({ choice, onDone, onClose }: { choice: RelayChoice; onDone: () => void; onClose: () => void }) {
  const { slices, announce } = useApp();
  const apply = useCall();
  const count = slices.devices.value.length;
  return (
    <ConfirmSheet
      title="Move to this relay?"
      action="Move"
      caller={apply}
      onClose={onClose}
      onConfirm={(close) =>
        apply.run('relay.set', choice, () => {
          announce('The relay is changed');
          onDone();
          close();
        })
      }
    >
      <p class="plain-text">
        {choice.address === null ? (
          choice.publicUrl === null ? (
            'Baton’s own relay, on this computer only: no phone can reach it.'
          ) : (
            <>
              Baton’s own relay, which phones find at <strong class="code">{choice.publicUrl}</strong>.
            </>
          )
        ) : (
          <strong class="code">{choice.address}</strong>
        )}
      </p>
      <p>
        {count === 0
          ? 'No device is paired yet, so nothing else changes.'
          : `${count === 1 ? '1 device is' : `${count} devices are`} paired through the relay of today. Phones keep their keys by address: ${count === 1 ? 'it has' : 'they have'} to be paired again.`}
      </p>
    </ConfirmSheet>
  );
}

export function OutsideLink({ page, children }: { page: OutsidePage; children: string }) {
  const open = useCall();
  return (
    <>
      <button type="button" class="link" onClick={() => open.run('outside.open', { page })}>
        {children}
      </button>
      <CallWords caller={open} />
    </>
  );
}
