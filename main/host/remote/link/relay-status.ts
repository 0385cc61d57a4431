/** `since`: milliseconds since 1970. */
export type RelayStatus =
  | { readonly kind: 'off'; readonly since: number }
  | { readonly kind: 'connecting'; readonly since: number }
  /** The relay has accepted us. What phones see is proven by their own round trips. */
  | { readonly kind: 'connected'; readonly since: number }
  | { readonly kind: 'unreachable'; readonly since: number; readonly reason: string; readonly retryAt: number }
  | { readonly kind: 'asleep'; readonly since: number }
  /** Only a person can change it. */
  | { readonly kind: 'stopped'; readonly since: number; readonly reason: string };
