import type { Actor } from '../../protocol/events.ts';

/** Who acts through the tray and the window, as the audit names them. */
export const AT_COMPUTER: Actor = { device: null, name: 'This computer' };
