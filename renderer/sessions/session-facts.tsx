/** What only this computer knows of a session, in its item of the list and in its menu. */
import type { SessionView, UsageView } from '#preload/contract.ts';
import { Icon } from '#ui/controls/icons.tsx';
import { useApp } from '../app-context.ts';
import { namesWords, usageSentence, usageWords } from '../words/usage-words.ts';

interface LocalFacts {
  /** Null until main has told of the session. */
  readonly view: SessionView | null;
  readonly usage: UsageView | undefined;
}

export function useLocalFacts(session: string): LocalFacts {
  const { slices } = useApp();
  return {
    view: slices.sessions.value.list.find(({ id }) => id === session) ?? null,
    usage: slices.usage.value[session],
  };
}

/** One more line of the session's item; nothing if there is nothing to say. */
export function ItemFacts({ session }: { session: string }) {
  const { view, usage } = useLocalFacts(session);
  const words = usageWords(usage);
  const watchedBy = view?.watchedBy ?? [];
  const isHidden = view?.isRemote === false;
  if (words === null && watchedBy.length === 0 && !isHidden) return null;
  return (
    <span class="session-meta">
      {words !== null && <span class="numbers">{words}</span>}
      {isHidden && <span>hidden from phones</span>}
      {watchedBy.length > 0 && (
        <span class="watched" title={watchedBy.join(', ')}>
          <Icon name="phone" size={14} />
          open on {namesWords(watchedBy)}
        </span>
      )}
    </span>
  );
}

/** Rows of the menu's list of facts. */
export function MenuFacts({ session }: { session: string }) {
  const { view, usage } = useLocalFacts(session);
  const watchedBy = view?.watchedBy ?? [];
  return (
    <>
      <dt>Uses</dt>
      <dd>{usageSentence(usage)}</dd>
      <dt>Open on</dt>
      <dd>{watchedBy.length === 0 ? 'no phone' : watchedBy.join(', ')}</dd>
    </>
  );
}
