import { Logo } from '#ui/controls/icons.tsx';

/** Shown when the page could not start: never a blank page. */
export function FailedScreen({ error }: { error: unknown }) {
  return (
    <main class="alone">
      <div class="pairing">
        <Logo size={36} />
        <div class="pairing-body">
          <h1>Baton could not start here</h1>
          <p class="refused-words">{error instanceof Error ? error.message : String(error)}</p>
          <button type="button" class="button primary big" onClick={() => location.reload()}>
            Try again
          </button>
        </div>
      </div>
    </main>
  );
}
