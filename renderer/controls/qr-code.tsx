/** A QR code as one path, black on white whatever the theme: readers want it so. */
import { useMemo } from 'preact/hooks';
import { create } from 'qrcode';

/** Modules of white around the code, as ISO/IEC 18004 asks for. */
const QUIET_ZONE = 4;

export interface QrDrawing {
  /** Modules along one side, quiet zone included. */
  readonly side: number;
  readonly path: string;
}

/** One rectangle for each run of dark modules in a row. Pure. */
export function drawQr(text: string): QrDrawing {
  const { modules } = create(text, { errorCorrectionLevel: 'L' });
  const parts: string[] = [];
  for (let row = 0; row < modules.size; row += 1) {
    for (let column = 0; column < modules.size; column += 1) {
      if (!modules.get(row, column)) continue;
      const start = column;
      while (column + 1 < modules.size && modules.get(row, column + 1)) column += 1;
      parts.push(`M${start + QUIET_ZONE} ${row + QUIET_ZONE}h${column - start + 1}v1h-${column - start + 1}z`);
    }
  }
  return { side: modules.size + 2 * QUIET_ZONE, path: parts.join('') };
}

/** Drawn with whole pixels of the screen for each module, as large as `most` pixels of the page allow. */
export function QrCode({ text, label, most }: { text: string; label: string; most: number }) {
  const { side, path } = useMemo(() => drawQr(text), [text]);
  const density = window.devicePixelRatio;
  const pixels = (side * Math.max(1, Math.floor((most * density) / side))) / density;
  return (
    <svg class="qr" role="img" aria-label={label} width={pixels} height={pixels} viewBox={`0 0 ${side} ${side}`}>
      <path class="qr-ground" d={`M0 0h${side}v${side}H0z`} />
      <path class="qr-dark" d={path} />
    </svg>
  );
}
