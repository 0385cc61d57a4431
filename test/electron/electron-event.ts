/** The first argument of Electron's events. */
import type { EventEmitter } from 'node:events';

export class ElectronEvent implements Electron.Event {
  defaultPrevented = false;

  preventDefault(): void {
    this.defaultPrevented = true;
  }
}

/** Emits an event whose first argument is an `Event`; answers whether a listener prevented what follows it. */
export function emitEvent(emitter: EventEmitter, name: string, ...rest: unknown[]): boolean {
  const event = new ElectronEvent();
  emitter.emit(name, event, ...rest);
  return event.defaultPrevented;
}

/** Like `emitEvent`, for the events that carry their details on the `Event` itself. */
export function emitDetails(emitter: EventEmitter, name: string, details: object, ...rest: unknown[]): boolean {
  const event = Object.assign(new ElectronEvent(), details);
  emitter.emit(name, event, ...rest);
  return event.defaultPrevented;
}
