/** The app's end of the wire to the desktop: the message channel of the child process that it runs in. */
import type { AppCalls, DesktopCalls, StandInOptions } from './messages.ts';
import { Wire } from './wire.ts';

export type DesktopWire = Wire<DesktopCalls, AppCalls>;

export const STAND_IN_VARIABLE = 'STAND_IN';

/** Throws if the process was not started by the test support: without a desktop there are no windows. */
export function connectToDesktop(): { desktop: DesktopWire; options: StandInOptions } {
  const send = process.send?.bind(process);
  const options = process.env[STAND_IN_VARIABLE];
  if (!send || options === undefined) {
    throw new Error('The stand-in for Electron needs a desktop: start the app through startApp of test/support/app.');
  }
  delete process.env[STAND_IN_VARIABLE];
  const desktop: DesktopWire = new Wire((frame) => {
    if (process.connected) send(frame, undefined, undefined, () => {});
  });
  process.on('message', (frame) => desktop.receive(frame));
  // A desktop that is gone takes its programs with it.
  process.on('disconnect', () => process.exit(1));
  return { desktop, options: JSON.parse(options) as StandInOptions };
}
