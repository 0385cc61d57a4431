import type { Caller } from '../use-call.ts';

/** Why a call failed, or that it takes long; nothing otherwise. Stands where the call was made. */
export function CallWords({ caller, slow = 'Still working …' }: { caller: Caller; slow?: string }) {
  if (caller.problem !== null)
    return (
      <p class="problem" role="alert">
        {caller.problem}
      </p>
    );
  return caller.isSlow ? (
    <p class="meta" role="status">
      {slow}
    </p>
  ) : null;
}
