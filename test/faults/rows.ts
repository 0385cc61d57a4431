/** All rows, in the order in which the table has them. */
import { AGENT_ROWS } from './agent-rows.ts';
import { HOST_ROWS } from './host-rows.ts';
import { PHONE_ROWS } from './phone-rows.ts';
import { RELAY_ROWS } from './relay-rows.ts';
import type { Row } from './row.ts';

export const ROWS: readonly Row[] = [...RELAY_ROWS, ...HOST_ROWS, ...PHONE_ROWS, ...AGENT_ROWS];
