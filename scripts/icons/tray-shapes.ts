/**
 * The tray's icon in its five states, as SVG. The states differ in shape, so that nobody needs colour: the mark alone, the mark in
 * outline, and the mark with a badge. Every edge lies on a whole pixel of the size asked for; scaling one drawing would blur it.
 */
export const TRAY_STATES = ['off', 'connected', 'working', 'waiting', 'offline'] as const;
export type TrayState = (typeof TRAY_STATES)[number];

export interface TrayColours {
  readonly mark: string;
  readonly working: string;
  readonly waiting: string;
  readonly offline: string;
}

/** For macOS, which colours it itself. */
export const TEMPLATE: TrayColours = { mark: '#000', working: '#000', waiting: '#000', offline: '#000' };
/** For a light panel. */
export const ON_LIGHT: TrayColours = { mark: '#16211f', working: '#0a6b59', waiting: '#a85d00', offline: '#b3261e' };
/** For a dark panel. */
export const ON_DARK: TrayColours = { mark: '#f3f6f5', working: '#68d6bc', waiting: '#f6b44b', offline: '#ff8a80' };

/** A square SVG of `size` pixels. */
export function drawTrayIcon(state: TrayState, size: number, colours: TrayColours): string {
  const grid = new Grid(size);
  const badge = drawBadge(state, grid, colours);
  const mark = state === 'off' ? drawOutline(grid, colours.mark) : drawMark(grid, badge === null);
  const mask = badge === null ? '' : ' mask="url(#cut)"';
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${size}" height="${size}" viewBox="0 0 ${size} ${size}">`,
    badge === null ? '' : `<mask id="cut"><path fill="#fff" d="M0 0h${size}v${size}H0z"/>${badge.cut}</mask>`,
    `<g fill="${colours.mark}" stroke="none"${mask}>${mark}</g>`,
    badge?.shape ?? '',
    '</svg>',
  ].join('');
}

/** Lengths on a drawing of 16 units, as whole pixels. */
class Grid {
  readonly size: number;

  constructor(size: number) {
    this.size = size;
  }

  /** At least one pixel. */
  at(units: number): number {
    return Math.max(1, Math.round((units * this.size) / 16));
  }
}

/** A bowl of the B: its outside, from `left` to `right`, with the inside cut out. */
function drawBowl(left: number, right: number, top: number, bottom: number, stroke: number): string {
  const outer = (bottom - top) / 2;
  const inner = outer - stroke;
  return [
    `M${left} ${top}H${right - outer}a${outer} ${outer} 0 0 1 0 ${2 * outer}H${left}v${-stroke}`,
    `H${right - outer}a${inner} ${inner} 0 0 0 0 ${-2 * inner}H${left}z`,
  ].join('');
}

/** Where everything lies. `stroke`: how thick the bowls are. */
function measure(grid: Grid) {
  const top = grid.at(1);
  const bottom = grid.size - top;
  return {
    top,
    bottom,
    staffLeft: grid.at(1),
    staffRight: grid.at(1) + grid.at(3.4),
    bowlLeft: grid.at(1) + grid.at(3.4) + grid.at(1),
  };
}

/** The staff and the bowls of the logo, filled. With a badge the upper bowl has to do: bits of the lower one around it would blur both. */
function drawMark(grid: Grid, isWhole: boolean): string {
  const { top, bottom, staffLeft, staffRight, bowlLeft } = measure(grid);
  const stroke = grid.at(2.2);
  const middle = Math.round(grid.size / 2 + stroke / 2) - (isWhole ? 0 : grid.at(1));
  const radius = (staffRight - staffLeft) / 2;
  const staff = `<rect x="${staffLeft}" y="${top}" width="${staffRight - staffLeft}" height="${bottom - top}" rx="${radius}"/>`;
  const upper = `<path d="${drawBowl(bowlLeft, grid.size - grid.at(2), top, middle, stroke)}"/>`;
  const lower = `<path d="${drawBowl(bowlLeft, grid.size - grid.at(1), middle - stroke, bottom, stroke)}"/>`;
  return isWhole ? staff + upper + lower : staff + upper;
}

/** The same in thin lines: nothing is on. */
function drawOutline(grid: Grid, colour: string): string {
  const { top, bottom, staffLeft, staffRight, bowlLeft } = measure(grid);
  const stroke = grid.at(1);
  const middle = Math.round(grid.size / 2 + stroke / 2);
  const width = staffRight - staffLeft;
  const half = stroke / 2;
  return [
    `<rect x="${staffLeft + half}" y="${top + half}" width="${width - stroke}" height="${bottom - top - stroke}" rx="${(width - stroke) / 2}" fill="none" stroke="${colour}" stroke-width="${stroke}"/>`,
    `<path d="${drawBowl(bowlLeft, grid.size - grid.at(2), top, middle, stroke)}"/>`,
    `<path d="${drawBowl(bowlLeft, grid.size - grid.at(1), middle - stroke, bottom, stroke)}"/>`,
  ].join('');
}

/** What stands in the lower right corner, and what it cuts out of the mark around itself. */
function drawBadge(state: TrayState, grid: Grid, colours: TrayColours): { shape: string; cut: string } | null {
  const { size } = grid;
  const gap = grid.at(1);
  if (state === 'waiting') {
    const radius = grid.at(9) / 2;
    const centre = size - radius;
    const width = grid.at(1.6);
    const left = Math.round(centre - width / 2);
    const top = Math.round(centre - radius) + grid.at(1.6);
    const height = grid.at(3.2);
    const mark = `<rect x="${left}" y="${top}" width="${width}" height="${height}"/><rect x="${left}" y="${top + height + grid.at(1)}" width="${width}" height="${width}"/>`;
    return {
      shape: `<mask id="say"><path fill="#fff" d="M0 0h${size}v${size}H0z"/><g fill="#000">${mark}</g></mask><circle cx="${centre}" cy="${centre}" r="${radius}" fill="${colours.waiting}" mask="url(#say)"/>`,
      cut: `<circle cx="${centre}" cy="${centre}" r="${radius + gap}" fill="#000"/>`,
    };
  }
  const box = grid.at(9);
  const left = size - box;
  if (state === 'working') {
    const top = size - grid.at(8);
    const points = `${left},${top} ${size},${(top + size) / 2} ${left},${size}`;
    return {
      shape: `<polygon points="${points}" fill="${colours.working}"/>`,
      cut: `<polygon points="${points}" fill="#000" stroke="#000" stroke-width="${2 * gap}" stroke-linejoin="miter"/>`,
    };
  }
  if (state === 'offline') {
    const stroke = grid.at(2);
    const inset = stroke / 2;
    const cross = `M${left + inset} ${left + inset}L${size - inset} ${size - inset}M${size - inset} ${left + inset}L${left + inset} ${size - inset}`;
    return {
      shape: `<path d="${cross}" fill="none" stroke="${colours.offline}" stroke-width="${stroke}" stroke-linecap="square"/>`,
      cut: `<path d="${cross}" fill="none" stroke="#000" stroke-width="${stroke + 2 * gap}" stroke-linecap="square"/>`,
    };
  }
  return null;
}
