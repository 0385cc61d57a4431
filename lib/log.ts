/** What is said to a log, anyone who keeps it. */
export type LogFields = Record<string, unknown>;

/** Messages name what was attempted; fields hold ids, counts and errors, never what people or agents wrote. */
export interface Log {
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  debug(message: string, fields?: LogFields): void;
}

/** Says nothing to nobody. */
export const silentLog: Log = { info() {}, warn() {}, error() {}, debug() {} };
