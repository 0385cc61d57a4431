/** `powerMonitor` and `powerSaveBlocker`: the test says what happens to the computer, and asks what keeps it awake. */
import { EventEmitter } from 'node:events';
import type { DesktopWire } from './desktop-wire.ts';

type MonitorUsed = 'isOnBatteryPower' | 'onBatteryPower';
type BlockerUsed = 'start' | 'stop' | 'isStarted';
type BlockerType = Parameters<Electron.PowerSaveBlocker['start']>[0];

export class StandInPowerMonitor extends EventEmitter implements Pick<Electron.PowerMonitor, MonitorUsed> {
  onBatteryPower: boolean;

  constructor(desktop: DesktopWire, isOnBattery: boolean) {
    super();
    this.onBatteryPower = isOnBattery;
    desktop.answer('power.emit', ({ event, isFrozen }) => {
      this.emit(event);
      // The computer sleeps as soon as the handlers have returned: nothing that they left for later runs before it wakes.
      if (isFrozen) process.kill(process.pid, 'SIGSTOP');
      return null;
    });
    desktop.answer('power.set', ({ isOnBattery: isNow }) => {
      if (isNow === this.onBatteryPower) return null;
      this.onBatteryPower = isNow;
      this.emit(isNow ? 'on-battery' : 'on-ac');
      return null;
    });
  }

  isOnBatteryPower(): boolean {
    return this.onBatteryPower;
  }
}

export class StandInPowerSaveBlocker implements Pick<Electron.PowerSaveBlocker, BlockerUsed> {
  readonly #started = new Map<number, BlockerType>();
  #lastId = 0;

  constructor(desktop: DesktopWire) {
    desktop.answer('power.blockers', () => ({ types: [...this.#started.values()] }));
  }

  start(type: BlockerType): number {
    this.#started.set(++this.#lastId, type);
    return this.#lastId;
  }

  stop(id: number): boolean {
    return this.#started.delete(id);
  }

  isStarted(id: number): boolean {
    return this.#started.has(id);
  }
}
