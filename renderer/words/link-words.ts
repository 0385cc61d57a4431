/** The window's status line: what is proven, and how long ago. Pure. */
import { agoWords, durationWords } from '#lib/duration-words.ts';
import { type ClockStyle, momentWords } from '#phone/screens/words/age-words.ts';
import type { StatusShape } from '#phone/screens/words/status-words.ts';
import type { DeviceView, LinkView, RelayView } from '#preload/contract.ts';

export interface LinkWords {
  readonly shape: StatusShape;
  readonly tone: 'good' | 'busy' | 'warn' | 'bad' | 'quiet';
  readonly text: string;
  /** How old that is, where it ages by the second; null where `text` says it. */
  readonly age: string | null;
  /** More, if there is more to say. */
  readonly detail: string | null;
  /** Whether dialling at once is something to offer. */
  readonly canRetry: boolean;
}

/** Silence of the relay that is worth a word: it is asked every 5 s (`LINK_SILENT_AFTER_MS`) and counts as gone after 45 s. */
const QUIET_AFTER_MS = 11_000;

export function relayName(relay: RelayView): string {
  return relay.isOwn ? 'Baton’s own relay' : hostOf(relay.origin);
}

/** "relay.example" of "https://relay.example"; what is no address stays as it is. */
export function hostOf(origin: string): string {
  return URL.canParse(origin) ? new URL(origin).host : origin;
}

export function linkWords(link: LinkView, now: number, style: ClockStyle = {}): LinkWords {
  const relay = relayName(link.relay);
  const since = `since ${momentWords(link.since, now, style)}`;
  switch (link.kind) {
    case 'connected': {
      const silence = link.heardAt === null ? 0 : now - link.heardAt;
      const heard = link.heardAt === null ? 'not heard yet' : `heard ${agoWords(link.heardAt, now)}`;
      if (silence > QUIET_AFTER_MS)
        return {
          shape: 'silent',
          tone: 'warn',
          text: `No word from ${relay} for ${durationWords(silence)}`,
          age: null,
          detail: 'If it stays silent, Baton dials it again by itself.',
          canRetry: true,
        };
      return {
        shape: 'proven',
        tone: 'good',
        text: `Connected to ${relay}`,
        age: heard,
        detail: null,
        canRetry: false,
      };
    }
    case 'connecting':
      return {
        shape: 'dialling',
        tone: 'busy',
        text: `Connecting to ${relay} …`,
        age: null,
        detail: null,
        canRetry: false,
      };
    case 'unreachable':
      return {
        shape: 'relay-gone',
        tone: 'warn',
        text: `Cannot reach ${relay} ${since}`,
        age: null,
        detail: sentences(link.reason, retryWords(link.retryAt, now)),
        canRetry: true,
      };
    case 'asleep':
      return {
        shape: 'asleep',
        tone: 'quiet',
        text: `Asleep ${since}`,
        age: null,
        detail: 'Baton connects again as soon as the computer wakes.',
        canRetry: true,
      };
    case 'stopped':
      return {
        shape: 'stopped',
        tone: 'bad',
        text: `Stopped ${since}`,
        age: null,
        detail: link.reason,
        canRetry: true,
      };
    case 'off':
      // Without a host there is no relay to name.
      if (link.relay.origin === '')
        return { shape: 'dialling', tone: 'busy', text: 'Baton is starting', age: null, detail: null, canRetry: false };
      return {
        shape: 'quit',
        tone: 'quiet',
        text: 'Not connected to a relay',
        age: null,
        detail: 'Phones cannot reach this computer now. The sessions run on.',
        canRetry: true,
      };
  }
}

function retryWords(retryAt: number | null, now: number): string | null {
  if (retryAt === null) return null;
  const left = retryAt - now;
  return left < 1000 ? 'Trying now.' : `Next try in ${Math.ceil(left / 1000)} s.`;
}

/** Texts as sentences one after the other; null if there is none. */
function sentences(...texts: readonly (string | null)[]): string | null {
  const said = texts.filter((text): text is string => text !== null && text !== '');
  return said.length === 0 ? null : said.map((text) => (/[.!?…]$/.test(text) ? text : `${text}.`)).join(' ');
}

/** What paired devices prove: the only evidence that a phone reaches this computer. */
export function proofWords(devices: readonly DeviceView[], now: number): string {
  const connected = devices.flatMap(({ name, connection }) => (connection ? [{ name, connection }] : []));
  const [latest] = connected.toSorted((a, b) => b.connection.provenAt - a.connection.provenAt);
  if (!latest) {
    if (devices.length === 0) return 'No phone is paired yet.';
    const seen = Math.max(...devices.map(({ lastSeenAt }) => lastSeenAt ?? 0));
    const last = seen === 0 ? '' : ` Last seen ${agoWords(seen, now)}.`;
    return `${devices.length === 1 ? `${devices[0]?.name} is not connected.` : 'No paired device is connected.'}${last}`;
  }
  const { name, connection } = latest;
  const trip = connection.lastRoundTripMs === null ? '' : ` · ${Math.round(connection.lastRoundTripMs)} ms`;
  const others = connected.length === 1 ? '' : ` · ${connected.length} devices`;
  return `${name} answered ${agoWords(connection.provenAt, now)}${trip}${others}`;
}
