/** Why a command waits on this device although the relay could keep it, in words for a person. Pure. */
import { LETTERS_PER_DEVICE_MAX } from '#protocol/limits.ts';
import type { MailRefusal } from '#protocol/relay-messages.ts';

const WORDS: Record<MailRefusal | 'behind', string> = {
  full: `It waits on this phone: the relay keeps ${LETTERS_PER_DEVICE_MAX} sealed commands of a device, and has as many.`,
  'no-room': 'It waits on this phone: the relay has no room for it now.',
  'too-large': 'It waits on this phone: it is too large to be left at the relay.',
  'host-online': 'It waits on this phone: your computer is just coming back.',
  'host-takes-none': 'It waits on this phone: your computer does not collect from the relay.',
  'not-admitted': 'It waits on this phone: the relay does not keep anything of it.',
  'too-often': 'It waits on this phone: the relay was given too much in a short time.',
  behind: 'It waits on this phone, behind the one before it.',
};

export function refusalWords(reason: MailRefusal | 'behind'): string {
  return WORDS[reason];
}
