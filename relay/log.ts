import { createHash, randomBytes } from 'node:crypto';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';
export type LogFields = Readonly<Record<string, string | number | boolean | null>>;

/** Where the relay's log lines go. Fields never hold a frame, a key, a pairing id, or a whole host or device id. */
export type Log = (level: LogLevel, message: string, fields?: LogFields) => void;

/** Names an id or an address in the log: the same one alike while this process runs, and no other way back or across restarts. */
export type Tag = (id: string) => string;

export function createTag(): Tag {
  const salt = randomBytes(32);
  return (id) => createHash('sha256').update(salt).update(id).digest('base64url').slice(0, 8);
}

/** One JSON object per line. */
export function createJsonLog(write: (line: string) => void, isVerbose: boolean): Log {
  return (level, message, fields) => {
    if (level === 'debug' && !isVerbose) return;
    write(`${JSON.stringify({ at: new Date().toISOString(), level, message, ...fields })}\n`);
  };
}
