import type { ComponentChildren } from 'preact';
import type { HostClient } from '../host-client.ts';
import { useScreen } from '../screen-context.ts';

/** Leads to a session without loading anything again; with a modifier key it is the browser's own link. */
export function SessionLink({
  host,
  session,
  isCurrent = false,
  class: className,
  children,
}: {
  host: HostClient;
  session: string;
  isCurrent?: boolean;
  class?: string;
  children: ComponentChildren;
}) {
  const { sessionHref, openSession } = useScreen();
  return (
    <a
      href={sessionHref(host, session)}
      class={className}
      aria-current={isCurrent ? 'page' : undefined}
      onClick={(event) => {
        if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
        event.preventDefault();
        openSession(host, session);
      }}
    >
      {children}
    </a>
  );
}
