/** What `lib` may use beside the language itself: Node, a page and a worker all have it. */
declare function setTimeout(callback: () => void, ms: number): unknown;
declare function clearTimeout(timer: unknown): void;
declare const console: { error(...words: unknown[]): void };
