/** The first page: what Baton is, and how to pair. Also shown to pair one more computer. */
import { useState } from 'preact/hooks';
import { Icon, Logo } from '#ui/controls/icons.tsx';
import { useApp } from '../app-context.ts';

export function WelcomeScreen() {
  const { baton, router, beginPairing, isCodeMissing } = useApp();
  const [link, setLink] = useState('');
  const hasHosts = baton.hosts.value.length > 0;
  return (
    <div class="welcome">
      {hasHosts && (
        <button type="button" class="icon-button back" aria-label="Back to the list" onClick={() => router.back()}>
          <Icon name="back" />
        </button>
      )}
      <header class="welcome-head">
        <Logo size={72} />
        <h1>{hasHosts ? 'Pair another computer' : 'Baton'}</h1>
        {!hasHosts && (
          <p class="lead">Your coding agents keep running on your own computer. Carry them on from here.</p>
        )}
      </header>
      {isCodeMissing.value && (
        <p class="problem">This address holds no pairing code. Codes work once: show a new one on your computer.</p>
      )}
      <ol class="welcome-steps">
        <li>
          <strong>Start Baton on your computer</strong>
          <span>It shows a QR code.</span>
        </li>
        <li>
          <strong>Scan it with this phone’s camera</strong>
          <span>The link opens this page.</span>
        </li>
        <li>
          <strong>Compare six digits</strong>
          <span>If they are the same, click Allow on the computer.</span>
        </li>
      </ol>
      <form
        class="welcome-link"
        onSubmit={(event) => {
          event.preventDefault();
          if (link.trim() !== '') beginPairing(link.trim());
        }}
      >
        <label class="field">
          <span>No camera? Paste the link from your computer</span>
          <input
            type="url"
            inputMode="url"
            value={link}
            placeholder="https://…/p#…"
            autocapitalize="off"
            autocomplete="off"
            spellcheck={false}
            onInput={(event) => setLink(event.currentTarget.value)}
          />
        </label>
        <button type="submit" class="button big" disabled={link.trim() === ''}>
          Pair with this link
        </button>
      </form>
      <p class="meta welcome-foot">End-to-end encrypted. No account. Nothing leaves your devices unencrypted.</p>
    </div>
  );
}
