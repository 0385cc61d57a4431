/** All tray icons beside each other, as panels show them and enlarged: for looking at, and for docs/tray-app.md. */
import {
  drawTrayIcon,
  ON_DARK,
  ON_LIGHT,
  TEMPLATE,
  TRAY_STATES,
  type TrayColours,
  type TrayState,
} from './tray-shapes.ts';

/** What each state means, as docs/tray-app.md says it. */
const MEANINGS: Readonly<Record<TrayState, string>> = {
  off: 'remote control off',
  connected: 'connected',
  working: 'an agent works',
  waiting: 'needs you',
  offline: 'no connection',
};
const SIZES = [16, 22, 32];
const PANELS: readonly { name: string; ground: string; ink: string; colours: TrayColours }[] = [
  { name: 'light panel', ground: '#f1f3f2', ink: '#16211f', colours: ON_LIGHT },
  { name: 'dark panel', ground: '#1d2423', ink: '#f3f6f5', colours: ON_DARK },
  { name: 'macOS, without colour', ground: '#e3e6e8', ink: '#000', colours: TEMPLATE },
];
const ENLARGED = 5;

/** `data` answers the picture of an SVG as a data URL, so that the sheet shows pixels and not the drawing. */
export async function composeContactSheet(data: (svg: string, size: number) => Promise<string>): Promise<string> {
  const panels = [];
  for (const { name, ground, ink, colours } of PANELS) {
    const cells = [];
    for (const state of TRAY_STATES) {
      const small = [];
      for (const size of SIZES) {
        small.push(
          `<img width="${size}" height="${size}" src="${await data(drawTrayIcon(state, size, colours), size)}">`,
        );
      }
      const large = await data(drawTrayIcon(state, 16, colours), 16);
      cells.push(
        `<td><div class="row">${small.join('')}</div><img class="large" width="${16 * ENLARGED}" height="${16 * ENLARGED}" src="${large}"><b>${state}</b><br>${MEANINGS[state]}</td>`,
      );
    }
    panels.push(
      `<table style="background:${ground};color:${ink}"><caption>${name}: 16, 22 and 32 pixels, and 16 enlarged</caption><tr>${cells.join('')}</tr></table>`,
    );
  }
  return `<!doctype html><meta charset="utf-8"><style>
    body { margin: 0; width: 760px; font: 12px system-ui, sans-serif; background: #fff }
    table { width: 100%; table-layout: fixed; border-spacing: 0; padding: 10px 14px 12px }
    caption { background: inherit; color: inherit; text-align: left; padding: 8px 16px 0; font-weight: 600 }
    td { text-align: center; padding: 4px }
    .row { display: flex; gap: 14px; justify-content: center; align-items: center; height: 40px }
    .large { image-rendering: pixelated; display: block; margin: 4px auto 6px }
  </style>${panels.join('')}`;
}
