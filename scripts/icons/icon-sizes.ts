/** Which sizes every system wants, in pixels. */
export const APP_ICON_SIZES = [16, 24, 32, 48, 64, 128, 256, 512] as const;
export const ICO_SIZES = [16, 20, 24, 32, 40, 48, 64, 128, 256] as const;
/** From 100 % to 300 % of a screen's scaling. */
export const WINDOWS_TRAY_SIZES = [16, 20, 24, 32, 40, 48] as const;
/** What stands after the name of the file, and the size. */
export const LINUX_SIZES = [
  ['', 22],
  ['@2x', 44],
] as const;
export const MAC_SIZES = [
  ['', 16],
  ['@2x', 32],
] as const;
