import type { HostClient } from '../host-client.ts';
import type { OpenRows } from './open-rows.ts';

/** What every row of a session may need besides itself. */
export interface RowContext {
  readonly host: HostClient;
  readonly session: string;
  readonly openRows: OpenRows;
  /** Puts the text of a refused prompt back into the composer. */
  readonly edit: (text: string) => void;
}
