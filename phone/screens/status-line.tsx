/** The state of the link to one computer: as a line, as a small pill, and with everything there is to know in a sheet. */
import { useState } from 'preact/hooks';
import { agoWords } from '#lib/duration-words.ts';
import { LinkShape } from '#ui/controls/icons.tsx';
import { Problem } from '#ui/controls/problem.tsx';
import { Sheet } from '#ui/controls/sheet.tsx';
import type { HostClient } from '#ui/host-client.ts';
import { type StatusAction, statusWords } from '#ui/words/status-words.ts';
import { useApp } from './app-context.ts';

const SCOPE_WORDS = {
  watch: 'May watch',
  answer: 'May watch, prompt and answer',
  full: 'May do everything, also start and end sessions',
} as const;

export function StatusLine({ host }: { host: HostClient }) {
  return <StatusButton host={host} look="line" />;
}

export function StatusPill({ host }: { host: HostClient }) {
  return <StatusButton host={host} look="pill" />;
}

function StatusButton({ host, look }: { host: HostClient; look: 'line' | 'pill' }) {
  const { now } = useApp();
  const [isOpen, setIsOpen] = useState(false);
  const words = statusWords(host.status.value, now.value);
  return (
    <>
      <button
        type="button"
        class={`status-${look} tone-${words.tone}`}
        aria-haspopup="dialog"
        aria-label={look === 'pill' ? `${host.name.value}: ${words.line}` : undefined}
        onClick={() => setIsOpen(true)}
      >
        <LinkShape shape={words.shape} />
        {look === 'line' ? <span class="status-text">{words.line}</span> : <span>{words.short}</span>}
      </button>
      {isOpen && <LinkSheet host={host} onClose={() => setIsOpen(false)} />}
    </>
  );
}

/** Does what a status offers. */
export function useStatusAction(host: HostClient): (action: StatusAction) => void {
  const { router } = useApp();
  return ({ kind }) => {
    if (kind === 'retry') host.retryNow();
    else if (kind === 'reload') location.reload();
    else router.navigate({ kind: 'pairing' });
  };
}

export function StatusActionButton({ host, isProminent = false }: { host: HostClient; isProminent?: boolean }) {
  const { now } = useApp();
  const act = useStatusAction(host);
  const { action } = statusWords(host.status.value, now.value);
  if (!action) return null;
  return (
    <button type="button" class={`button ${isProminent ? 'primary' : ''}`} onClick={() => act(action)}>
      {action.label}
    </button>
  );
}

function LinkSheet({ host, onClose }: { host: HostClient; onClose: () => void }) {
  const { baton, now, router, announce } = useApp();
  const [isForgetting, setIsForgetting] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const status = host.status.value;
  const words = statusWords(status, now.value);
  const provenAt = status.kind === 'connected' ? status.provenAt : host.stateProvenAt.value;
  const forget = (close: () => void) => {
    const name = host.name.value;
    host.forget().then(
      () => {
        close();
        announce(`${name} is forgotten on this device`);
        router.navigate({ kind: 'home' }, { replace: true });
      },
      (error: unknown) =>
        setProblem(`Failed to forget this computer: ${error instanceof Error ? error.message : String(error)}`),
    );
  };
  return (
    <Sheet title={host.name.value} onClose={onClose}>
      {(close) => (
        <>
          <p class={`sheet-status tone-${words.tone}`}>
            <LinkShape shape={words.shape} />
            <span>{words.line}</span>
          </p>
          <p class="sheet-words">{words.explanation}</p>
          <dl class="facts">
            <dt>Last proof</dt>
            <dd>{provenAt === null ? 'none yet' : agoWords(provenAt, now.value)}</dd>
            <dt>Round trip</dt>
            <dd>{status.kind === 'connected' ? `${Math.round(status.roundTripMs)} ms` : 'not known now'}</dd>
            <dt>This device</dt>
            <dd>{SCOPE_WORDS[host.scope.value]}</dd>
            <dt>Computer’s build</dt>
            <dd class="code">{host.hostBuild.value ?? 'not known now'}</dd>
            <dt>This page’s build</dt>
            <dd class="code">{baton.build}</dd>
          </dl>
          {isForgetting ? (
            <fieldset class="confirm" aria-label="Forget this computer">
              <p>
                Keys, history and everything unsent are deleted on this device. The computer keeps its sessions. To come
                back, pair this device again.
              </p>
              <Problem text={problem} />
              <div class="actions spread">
                <button type="button" class="button" onClick={() => setIsForgetting(false)}>
                  Keep it
                </button>
                <button type="button" class="button danger-fill" onClick={() => forget(close)}>
                  Forget {host.name.value}
                </button>
              </div>
            </fieldset>
          ) : (
            <div class="actions spread">
              <button type="button" class="button danger" onClick={() => setIsForgetting(true)}>
                Forget this computer …
              </button>
              {words.isProven ? (
                <button type="button" class="button" onClick={() => host.retryNow()}>
                  Dial again
                </button>
              ) : (
                <StatusActionButton host={host} isProminent />
              )}
            </div>
          )}
        </>
      )}
    </Sheet>
  );
}
