import type { Page } from '#preload/contract.ts';
import type { WindowIconName } from './controls/window-icon.tsx';

/** In the order of the navigation and of Ctrl+1 to Ctrl+5. */
export const PAGES: readonly { readonly page: Page; readonly name: string; readonly icon: WindowIconName }[] = [
  { page: 'sessions', name: 'Sessions', icon: 'list' },
  { page: 'pair', name: 'Pair', icon: 'qr' },
  { page: 'devices', name: 'Devices', icon: 'phone' },
  { page: 'settings', name: 'Settings', icon: 'sliders' },
  { page: 'activity', name: 'Activity', icon: 'clock' },
];
