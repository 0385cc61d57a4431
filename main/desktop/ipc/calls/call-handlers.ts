/** What every group of calls is made of. */

import type { Host } from '#main/host/host.ts';
import type { ArgumentOf, Channel, Result, ValueOf } from '#preload/contract.ts';

/** A handler for every channel: one that is missing does not compile. Expected failures are answers, bugs are thrown. */
export type CallHandlers = {
  readonly [Name in Channel]: (argument: ArgumentOf<Name>) => Result<ValueOf<Name>> | Promise<Result<ValueOf<Name>>>;
};

export function succeed<Value>(value: Value): Result<Value> {
  return { ok: true, value };
}

export function fail(error: string): { readonly ok: false; readonly error: string } {
  return { ok: false, error };
}

/** The host, or why there is none; waits for one that is being started. */
export type FindHost = () => Promise<Result<Host>>;

/** Hands the running host to `work`; without one, answers why. */
export async function withHost<Value>(
  findHost: FindHost,
  work: (host: Host) => Result<Value> | Promise<Result<Value>>,
): Promise<Result<Value>> {
  const found = await findHost();
  return found.ok ? await work(found.value) : found;
}
