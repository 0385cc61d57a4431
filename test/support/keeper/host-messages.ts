import type { Settings } from '#main/host/settings.ts';
import type { ReceiptState, WireCommand } from '#protocol/commands.ts';
import type { SessionEvent } from '#protocol/events.ts';
import type { HostState } from '#protocol/messages.ts';

/** `receipt:STATE:KIND`, `event:KIND` or `stream`: dies when it has come to that, or as soon as everything else that was ready is done. */
export interface Step {
  readonly step: string;
  readonly isLater: boolean;
}

export type ToRunner =
  | { kind: 'command'; command: WireCommand }
  | { kind: 'settings'; change: Partial<Settings> }
  | { kind: 'die-at'; at: Step }
  | { kind: 'quit'; leaveAgents: boolean };

export type FromRunner =
  | { kind: 'ready'; notice: string | null }
  | { kind: 'receipt'; command: string; state: ReceiptState }
  | { kind: 'event'; session: string; event: SessionEvent }
  | { kind: 'stream'; session: string; text: string }
  | { kind: 'state'; state: HostState };
