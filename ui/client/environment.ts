/** What every client takes from where it runs; handed in, so that it runs without a browser. */

export type Disposer = () => void;

export interface ClientEnvironment {
  /** Milliseconds since 1970. */
  now(): number;
  after(ms: number, callback: () => void): Disposer;
  /** Once, before the next picture is drawn; soon also if nothing is drawn. */
  onNextFrame(callback: () => void): Disposer;
}
