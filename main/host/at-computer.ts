import type { Actor } from '#protocol/events.ts';

/** Who acts at the computer itself, in the tray, the window or a terminal, as the audit names them. */
export const AT_COMPUTER: Actor = { device: null, name: 'This computer' };
