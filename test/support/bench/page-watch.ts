/** Put into the phone's page before its own scripts: notes when which words were in the page and on the screen, and how smooth it was. */

export interface Seen {
  /** When the words were in the page, by the page's clock, in milliseconds since 1970. */
  readonly inPageAt: number;
  /** When the frame that shows them was done. */
  readonly shownAt: number;
}

export interface Smoothness {
  readonly frames: number;
  readonly longestFrameMs: number;
  /** 95 of 100 frames took no longer. */
  readonly p95FrameMs: number;
  readonly longTasks: number;
  readonly longestTaskMs: number;
}

export interface PageWatch {
  now(): number;
  /** Words of the stamping agent: its number, when it was said, when it was seen. */
  readonly stamps: { number: number; saidAt: number; seen: Seen }[];
  /** Resolves with the first moment after this call at which these words came into the page. */
  untilSeen(words: string): Promise<Seen>;
  /** When the last tap or click happened, by the event's own time. */
  lastClickAt: number;
  /** When the channel to the host began to open, on the last connection; 0: never. */
  channelAt: number;
  socketBytes: number;
  beginFrames(): void;
  endFrames(): Smoothness;
}

declare global {
  interface Window {
    batonWatch: PageWatch;
  }
}

/** For `page.addInitScript`: must not use anything from outside. */
export function installPageWatch(): void {
  const now = () => performance.timeOrigin + performance.now();
  const stamps: PageWatch['stamps'] = [];
  const known = new Set<number>();
  const awaited = new Map<string, (seen: Seen) => void>();
  let unshown: ((shownAt: number) => void)[] = [];

  // A message posted while a frame is made arrives when the frame is done.
  const frameEnd = new MessageChannel();
  let isInFrame = false;
  frameEnd.port1.onmessage = () => {
    isInFrame = false;
    const at = now();
    const due = unshown;
    unshown = [];
    for (const tell of due) tell(at);
  };
  const requestFrame = window.requestAnimationFrame.bind(window);
  const enterFrame = () => {
    if (isInFrame) return;
    isInFrame = true;
    frameEnd.port2.postMessage(null);
  };
  window.requestAnimationFrame = (callback) =>
    requestFrame((time) => {
      enterFrame();
      callback(time);
    });
  const whenShown = (tell: (shownAt: number) => void) => {
    if (unshown.push(tell) === 1 && !isInFrame) requestFrame(enterFrame);
  };

  const look = (text: string, inPageAt: number) => {
    for (const [words, tell] of awaited) {
      if (!text.includes(words)) continue;
      awaited.delete(words);
      whenShown((shownAt) => tell({ inPageAt, shownAt }));
    }
    for (const [, digits, said] of text.matchAll(/t(\d+)=(\d+\.\d\d)/g)) {
      const number = Number(digits);
      if (known.has(number)) continue;
      known.add(number);
      whenShown((shownAt) => stamps.push({ number, saidAt: Number(said), seen: { inPageAt, shownAt } }));
    }
  };
  new MutationObserver((records) => {
    const at = now();
    for (const { type, target, addedNodes } of records) {
      if (type === 'characterData') look(target.textContent ?? '', at);
      for (const node of addedNodes) look(node.textContent ?? '', at);
    }
  }).observe(document, { subtree: true, childList: true, characterData: true });

  let frames: number[] = [];
  let tasks: number[] = [];
  let isCounting = false;
  new PerformanceObserver((list) => {
    if (isCounting) tasks.push(...list.getEntries().map((entry) => entry.duration));
  }).observe({ type: 'longtask' });

  const watch: PageWatch = {
    now,
    stamps,
    untilSeen: (words) => new Promise((resolve) => awaited.set(words, resolve)),
    lastClickAt: 0,
    channelAt: 0,
    socketBytes: 0,
    beginFrames() {
      frames = [];
      tasks = [];
      isCounting = true;
      let before = 0;
      const count = (time: number) => {
        if (!isCounting) return;
        if (before > 0) frames.push(time - before);
        before = time;
        requestFrame(count);
      };
      requestFrame(count);
    },
    endFrames() {
      isCounting = false;
      const sorted = frames.toSorted((a, b) => a - b);
      return {
        frames: sorted.length,
        longestFrameMs: sorted.at(-1) ?? 0,
        p95FrameMs: sorted[Math.ceil(sorted.length * 0.95) - 1] ?? 0,
        longTasks: tasks.length,
        longestTaskMs: Math.max(0, ...tasks),
      };
    },
  };
  window.batonWatch = watch;
  document.addEventListener(
    'click',
    (event) => {
      watch.lastClickAt = performance.timeOrigin + event.timeStamp;
    },
    true,
  );

  window.WebSocket = class extends WebSocket {
    constructor(url: string | URL, protocols?: string | string[]) {
      super(url, protocols ?? []);
      this.addEventListener('message', ({ data }) => {
        if (typeof data !== 'string') watch.socketBytes += data.byteLength ?? data.size;
        else if (data.includes('"type":"open"')) watch.channelAt = now();
      });
    }
  };
}
