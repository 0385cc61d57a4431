/** What each call from the window may carry. A page that was taken over says anything; nothing else gets through. */
import * as z from 'zod';
import type { ArgumentOf, Channel } from '#preload/contract.ts';
import { scope, uuid } from '#protocol/commands.ts';
import { FOLDER_MAX_CHARS, TITLE_MAX_CHARS } from '#protocol/limits.ts';
import { KEEP_AGENTS_MAX_HOURS } from '../host/settings.ts';

export const ADDRESS_MAX_CHARS = 500;
export const CLIPBOARD_MAX_CHARS = 10_000;
export const COMMAND_MAX_CHARS = 4_096;
export const ARGUMENTS_MAX = 64;
const ID_MAX_CHARS = 200;

const nothing = z.null();
const session = uuid as unknown as z.ZodType<string>;
const deviceScope = scope as unknown as z.ZodType<'watch' | 'answer' | 'full'>;
const id = z.string().min(1).max(ID_MAX_CHARS);
const folder = z.string().min(1).max(FOLDER_MAX_CHARS);
const title = z.string().min(1).max(TITLE_MAX_CHARS);
const address = z.string().min(1).max(ADDRESS_MAX_CHARS);
/** As the settings have it. */
const agentId = z.string().regex(/^[a-z0-9][a-z0-9._-]{0,63}$/);

export type CallParsers = { readonly [Name in Channel]: z.ZodType<ArgumentOf<Name>> };

export const callParsers: CallParsers = {
  'window.load': nothing,
  'window.show-page': z.strictObject({ page: z.enum(['sessions', 'pair', 'devices', 'settings', 'activity']) }),
  'window.network': z.strictObject({ isOnline: z.boolean() }),
  'window.close': nothing,

  'session.start': z.strictObject({ agent: id, folder, title: title.nullable() }),
  'session.end': z.strictObject({ session }),
  'session.resume': z.strictObject({ session }),
  'session.rename': z.strictObject({ session, title }),
  'session.set-remote': z.strictObject({ session, isRemote: z.boolean() }),
  'session.link': z.strictObject({ session }),
  'approval.answer': z.strictObject({ session, approval: id, option: id }),

  'remote.set': z.strictObject({ isEnabled: z.boolean() }),

  'pairing.show': nothing,
  'pairing.hide': nothing,
  'pairing.allow': z.strictObject({ request: id, scope: deviceScope }),
  'pairing.deny': z.strictObject({ request: id }),

  'device.set-scope': z.strictObject({ device: id, scope: deviceScope }),
  'device.revoke': z.strictObject({ device: id }),
  'device.revoke-all': nothing,

  'relay.reconnect': nothing,
  'relay.test': z.strictObject({ address: address.nullable() }),
  'relay.set': z
    .strictObject({ address: address.nullable(), publicUrl: address.nullable() })
    .refine((relay) => relay.address === null || relay.publicUrl === null, 'publicUrl belongs to our own relay'),

  'doctor.run': nothing,

  'settings.set': z
    .strictObject({
      keepAwake: z.enum(['off', 'always', 'on-power']).exactOptional(),
      // The file may hold fractions of an hour; the window offers none.
      keepAgentsHours: z.int().min(1).max(KEEP_AGENTS_MAX_HOURS).exactOptional(),
      isNotifying: z.boolean().exactOptional(),
    })
    .refine((change) => Object.keys(change).length > 0, 'nothing is to be set'),
  'settings.dismiss-guide': z.strictObject({ guide: z.enum(['agents', 'relay', 'pair']) }),
  'login.set': z.strictObject({ isEnabled: z.boolean() }),
  'agents.refresh': nothing,
  'agent.add': z.strictObject({
    id: agentId,
    name: z.string().trim().min(1).max(80),
    command: z.string().trim().min(1).max(COMMAND_MAX_CHARS),
    args: z.array(z.string().max(COMMAND_MAX_CHARS)).max(ARGUMENTS_MAX),
  }),
  'agent.remove': z.strictObject({ id: agentId }),

  'folder.choose': nothing,
  'data.show': nothing,
  'history.export': nothing,
  'history.delete': z.strictObject({ what: z.enum(['ended', 'all']) }),
  'activity.page': z.strictObject({ before: z.int().positive() }),
  'activity.verify': nothing,

  'clipboard.write': z.strictObject({ text: z.string().max(CLIPBOARD_MAX_CHARS) }),
  'outside.open': z.strictObject({ page: z.enum(['agent-client-protocol', 'caddy', 'tailscale-serve', 'update']) }),
  'update.check': nothing,
  'app.retry': nothing,
  'app.quit': nothing,
};
