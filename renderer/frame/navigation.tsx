/** The five pages as tabs: at the side where there is room, below where there is not. */

import type { Page } from '#preload/contract.ts';
import { Logo } from '#ui/controls/icons.tsx';
import { useApp } from '../app-context.ts';
import { CallWords } from '../controls/problem.tsx';
import { WindowIcon } from '../controls/window-icon.tsx';
import { PAGES } from '../pages.ts';
import { useCall } from '../use-call.ts';

const STEPS: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 };

export function Navigation() {
  const { host, page, showPage, slices } = useApp();
  const quit = useCall();
  const { system, hostName } = slices.app.value;
  const key = system === 'mac' ? '⌘' : 'Ctrl+';
  const move = (event: KeyboardEvent) => {
    const at = PAGES.findIndex((entry) => entry.page === page.value);
    const step = STEPS[event.key];
    const next =
      event.key === 'Home' ? 0 : event.key === 'End' ? PAGES.length - 1 : step === undefined ? null : at + step;
    if (next === null) return;
    event.preventDefault();
    const target = PAGES[(next + PAGES.length) % PAGES.length];
    if (!target) return;
    showPage(target.page);
    document.getElementById(`tab-${target.page}`)?.focus();
  };
  return (
    <header class="side">
      <div class="brand-line">
        <Logo size={30} />
        <p class="brand-words">
          <strong>Baton</strong>
          <span class="meta" title={hostName}>
            {hostName}
          </span>
        </p>
      </div>
      <div class="tabs" role="tablist" aria-label="Pages" onKeyDown={move}>
        {PAGES.map(({ page: one, name, icon }, index) => {
          const isCurrent = page.value === one;
          const count = waiting(one);
          return (
            <button
              key={one}
              id={`tab-${one}`}
              type="button"
              role="tab"
              class="tab"
              aria-selected={isCurrent}
              aria-controls="page"
              aria-label={count > 0 ? `${name}, ${count} waiting for you` : name}
              tabIndex={isCurrent ? 0 : -1}
              title={`${name} (${key}${index + 1})`}
              onClick={() => showPage(one)}
            >
              <WindowIcon name={icon} />
              <span>{name}</span>
              {count > 0 && <span class="tab-count">{count}</span>}
            </button>
          );
        })}
      </div>
      <div class="side-foot">
        <CallWords caller={quit} />
        <button
          type="button"
          class="button plain quit"
          disabled={quit.isBusy}
          onClick={() => quit.run('app.quit', null)}
        >
          <WindowIcon name="power" size={18} />
          Quit Baton
        </button>
      </div>
    </header>
  );

  function waiting(one: Page): number {
    if (one === 'sessions') return host.state.value?.approvals.length ?? 0;
    return one === 'pair' ? slices.pairing.value.requests.length : 0;
  }
}
