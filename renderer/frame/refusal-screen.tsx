/** Shown instead of the pages while the host does not run, or main cannot be had at all. */
import { Icon } from '#ui/controls/icons.tsx';
import { CallWords } from '../controls/problem.tsx';
import { Doctor } from '../settings/doctor-section.tsx';
import { useCall } from '../use-call.ts';

export function RefusalScreen({ title, text, onRetry }: { title: string; text: string; onRetry?: () => void }) {
  const retry = useCall();
  const quit = useCall();
  return (
    <main class="refusal">
      <p class="refusal-mark" aria-hidden="true">
        <Icon name="warning" size={32} />
      </p>
      <h1>{title}</h1>
      <p class="refusal-text" role="alert">
        {text}
      </p>
      <div class="actions">
        <button
          type="button"
          class="button primary big"
          disabled={retry.isBusy}
          onClick={() => (onRetry ? onRetry() : retry.run('app.retry', null))}
        >
          {retry.isBusy ? 'Trying …' : 'Try again'}
        </button>
        <button type="button" class="button big" disabled={quit.isBusy} onClick={() => quit.run('app.quit', null)}>
          Quit Baton
        </button>
      </div>
      {onRetry === undefined && <p class="meta">Baton tries again by itself from time to time.</p>}
      {retry.problem !== text && <CallWords caller={retry} />}
      <CallWords caller={quit} />
      {!onRetry && <Doctor />}
    </main>
  );
}
