/** Drawings of one line each, 20 × 20, in the colour of the text around them. Decoration: words stand beside them or in a label. */
import type { StatusShape } from '../words/status-words.ts';

const PATHS = {
  back: 'M12.5 4 6.5 10l6 6',
  more: 'M10 4.5v.01M10 10v.01M10 15.5v.01',
  plus: 'M10 4v12M4 10h12',
  close: 'm5 5 10 10M15 5 5 15',
  check: 'm4 10.5 4 4 8-9',
  'check-double': 'm1.5 10.5 3.6 4 6.6-9M9.5 13.4l1 1.1 7.6-9',
  send: 'M10 16V4.5M4.5 9.5 10 4l5.5 5.5',
  stop: 'M6 6h8v8H6z',
  clock: 'M10 3a7 7 0 1 1 0 14 7 7 0 0 1 0-14m0 3.5V10l2.5 1.8',
  arrow: 'M4 10h11.5M11 5.5l4.5 4.5-4.5 4.5',
  envelope: 'M2.5 5h15v10.5h-15zM2.5 5.5 10 11.5l7.5-6',
  down: 'M10 4v11.5M4.5 10.5 10 16l5.5-5.5',
  laptop: 'M4.5 5h11v8h-11zM2 16h16',
  chevron: 'm7.5 5 5 5-5 5',
  copy: 'M7 7h9v9H7zM13 7V4H4v9h3',
  warning: 'M10 3.2 17.6 16.5H2.4zM10 8v4M10 14.2v.01',
  info: 'M10 3a7 7 0 1 1 0 14 7 7 0 0 1 0-14m0 6v4.5M10 6.5v.01',
  cross: 'M7 3h6l4 4v6l-4 4H7l-4-4V7zM7.5 7.5l5 5M12.5 7.5l-5 5',
  folder: 'M2.5 15.5v-11h5l2 2.5h8v8.5z',
  pencil: 'm4 16 .6-3.2L13 4.4l2.6 2.6-8.4 8.4zM11.5 6l2.5 2.5',
  sliders: 'M3 6h7M14 6h3M3 14h3M10 14h7M12 4v4M8 12v4',
  play: 'M6.5 4.5v11l9-5.5z',
  phone: 'M6 2.5h8v15H6zM9.2 15h1.6',
  undo: 'M7.5 4 3.5 8l4 4M4 8h8.5a4 4 0 0 1 0 8H9',
  thought: 'M4 3.5h12v9.5H9.5L5.5 16.5V13H4zM7 8.2v.01M10 8.2v.01M13 8.2v.01',
  list: 'M8 5h9M8 10h9M8 15h9M3 5l1 1 1.6-2M3 10l1 1 1.6-2M3.5 15h1.5',
  'kind-read': 'M5 2.5h7l3.5 3.5v11.5H5zM8 9h5M8 12.5h5',
  'kind-edit': 'm4 16 .6-3.2L13 4.4l2.6 2.6-8.4 8.4zM11.5 6l2.5 2.5',
  'kind-delete': 'M4 5.5h12M8 5.5V3.5h4v2M5.5 5.5l.8 11h7.4l.8-11',
  'kind-move': 'M3 10h13M12 6l4 4-4 4M3 6v8',
  'kind-search': 'M9 3.5a5.5 5.5 0 1 1 0 11 5.5 5.5 0 0 1 0-11M13 13l4 4',
  'kind-execute': 'M3 4h14v12H3zM6 8l2.5 2L6 12M10.5 12.5H14',
  'kind-fetch': 'M10 3a7 7 0 1 1 0 14 7 7 0 0 1 0-14M3.5 10h13M10 3c-5 4.5-5 9.5 0 14M10 3c5 4.5 5 9.5 0 14',
  'kind-other': 'M3.5 6.5 10 3l6.5 3.5v7L10 17l-6.5-3.5zM3.5 6.5 10 10l6.5-3.5M10 10v7',
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, size = 20 }: { name: IconName; size?: number }) {
  return (
    <svg class="icon" width={size} height={size} viewBox="0 0 20 20" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}

export function toolIcon(kind: string): IconName {
  switch (kind) {
    case 'read':
    case 'edit':
    case 'delete':
    case 'move':
    case 'search':
    case 'execute':
    case 'fetch':
      return `kind-${kind}`;
    case 'think':
      return 'thought';
    case 'switch_mode':
      return 'sliders';
    default:
      return 'kind-other';
  }
}

/** A session's or tool's state as a shape: each differs without its colour. */
export function StateShape({ state }: { state: string }) {
  return (
    <svg class={`shape shape-${state}`} width="16" height="16" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      {stateDrawing(state)}
    </svg>
  );
}

function stateDrawing(state: string) {
  switch (state) {
    case 'waiting':
      return (
        <>
          <path class="fill" d="M8 .8 15.2 8 8 15.2.8 8z" />
          <path class="on-fill" d="M8 4.8v3.7M8 10.9v.01" />
        </>
      );
    case 'working':
    case 'running':
    case 'starting':
      return (
        <>
          <circle class="track" cx="8" cy="8" r="5.8" />
          <path class="spin" d="M8 2.2A5.8 5.8 0 0 1 13.8 8" />
        </>
      );
    case 'idle':
      return <circle cx="8" cy="8" r="5.5" />;
    case 'done':
      return <path d="m3 8.4 3.3 3.3L13 4.5" />;
    case 'interrupted':
      return <path d="M5.5 3v10M10.5 3v10" />;
    case 'failed':
      return (
        <>
          <path class="fill" d="M5 1h6l4 4v6l-4 4H5l-4-4V5z" />
          <path class="on-fill" d="m5.7 5.7 4.6 4.6M10.3 5.7l-4.6 4.6" />
        </>
      );
    case 'ended':
      return <path d="M4 4h8v8H4z" />;
    default:
      return <circle class="dashed" cx="8" cy="8" r="5.5" />;
  }
}

/** A link's status as a shape. */
export function LinkShape({ shape }: { shape: StatusShape }) {
  return (
    <svg
      class={`shape link-shape link-${shape}`}
      width="16"
      height="16"
      viewBox="0 0 16 16"
      aria-hidden="true"
      focusable="false"
    >
      {linkDrawing(shape)}
    </svg>
  );
}

function linkDrawing(shape: StatusShape) {
  switch (shape) {
    case 'proven':
      return (
        <>
          <circle class="fill" cx="8" cy="8" r="4" />
          <circle class="halo" cx="8" cy="8" r="6.8" />
        </>
      );
    case 'dialling':
      return (
        <>
          <circle class="track" cx="8" cy="8" r="5.8" />
          <path class="spin" d="M8 2.2A5.8 5.8 0 0 1 13.8 8" />
        </>
      );
    case 'silent':
      return <path d="M5.5 6.2a2.5 2.5 0 1 1 3.6 2.3c-.8.4-1.1.9-1.1 1.7M8 12.8v.01" />;
    case 'asleep':
      return <path d="M13.5 9.6A6 6 0 1 1 6.4 2.5a4.8 4.8 0 0 0 7.1 7.1z" />;
    case 'quit':
      return <path d="M8 1.8v5.7M4.6 4a5.5 5.5 0 1 0 6.8 0" />;
    case 'host-gone':
      return <path d="M3 3.5h10v7H3zM1.5 13.5h13M1.5 1.5l13 13" />;
    case 'relay-gone':
      return <path d="M4.5 12.5a3 3 0 0 1-.3-6 4 4 0 0 1 7.7-.3 3.2 3.2 0 0 1-.2 6.3zM6.3 8l3.4 3M9.7 8l-3.4 3" />;
    case 'no-network':
      return <path d="M2 6.2a9 9 0 0 1 12 0M4.5 9a5.3 5.3 0 0 1 7 0M8 12.3v.01M2 1.5l12 13" />;
    case 'stopped':
      return (
        <>
          <path class="fill" d="M5 1h6l4 4v6l-4 4H5l-4-4V5z" />
          <path class="on-fill" d="M8 4.3v4.2M8 11.2v.01" />
        </>
      );
  }
}

/** Baton's mark: one baton, two halves, the moment it changes hands. */
export function Logo({ size = 28 }: { size?: number }) {
  return <img class="logo" src="/icon.svg" width={size} height={size} alt="" />;
}
