/** Pure: where the window stands when it belongs to the tray icon. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Distance between icon and window, and between window and edge. */
const GAP = 8;

/**
 * At the icon, centred on it, wholly within the screen's work area: below the icon where the icon is in the upper half of the screen
 * (macOS), else above it (Windows). All in device-independent pixels.
 */
export function placeAtTray(tray: Box, workArea: Box, size: { width: number; height: number }): Box {
  const width = Math.min(size.width, workArea.width - 2 * GAP);
  const height = Math.min(size.height, workArea.height - 2 * GAP);
  const isIconAbove = tray.y + tray.height / 2 < workArea.y + workArea.height / 2;
  const wantedX = tray.x + tray.width / 2 - width / 2;
  const wantedY = isIconAbove ? tray.y + tray.height + GAP : tray.y - height - GAP;
  return {
    x: Math.round(clamp(wantedX, workArea.x + GAP, workArea.x + workArea.width - width - GAP)),
    y: Math.round(clamp(wantedY, workArea.y + GAP, workArea.y + workArea.height - height - GAP)),
    width,
    height,
  };
}

export function isInside(point: { x: number; y: number }, box: Box): boolean {
  return point.x >= box.x && point.x < box.x + box.width && point.y >= box.y && point.y < box.y + box.height;
}

function clamp(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(value, most));
}
