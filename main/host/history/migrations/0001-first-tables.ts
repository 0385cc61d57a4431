/** Never edited once released: a change of the tables is a new file with the next number. */
export const firstTables = `
CREATE TABLE meta (
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE session (
  id TEXT PRIMARY KEY,
  agent TEXT NOT NULL,
  agent_name TEXT NOT NULL,
  folder TEXT NOT NULL,
  title TEXT NOT NULL,
  title_from TEXT NOT NULL CHECK (title_from IN ('folder', 'prompt', 'agent', 'person')),
  state TEXT NOT NULL CHECK (state IN ('starting', 'idle', 'working', 'waiting', 'interrupted', 'failed', 'ended')),
  since INTEGER NOT NULL,
  detail TEXT NOT NULL DEFAULT '',
  -- The command whose turn runs: set before its first byte goes to the agent, cleared when the turn has ended.
  turn TEXT,
  agent_session TEXT,
  can_resume INTEGER NOT NULL DEFAULT 0 CHECK (can_resume IN (0, 1)),
  pid INTEGER,
  start_time TEXT,
  mode TEXT,
  modes TEXT NOT NULL DEFAULT '[]',
  -- The mode a person asked for last: set again whenever the agent starts again.
  chosen_mode TEXT,
  is_remote INTEGER NOT NULL DEFAULT 1 CHECK (is_remote IN (0, 1)),
  created_at INTEGER NOT NULL
) STRICT;

-- A rowid table: bodies are far larger than what WITHOUT ROWID is good for, and the full-text index refers to the row's id.
CREATE TABLE event (
  id INTEGER PRIMARY KEY,
  session TEXT NOT NULL REFERENCES session (id),
  seq INTEGER NOT NULL CHECK (seq > 0),
  at INTEGER NOT NULL,
  kind TEXT NOT NULL,
  body TEXT NOT NULL,
  UNIQUE (session, seq)
) STRICT;
CREATE TRIGGER event_is_never_changed BEFORE UPDATE ON event
BEGIN SELECT RAISE (ABORT, 'events never change'); END;
CREATE TRIGGER event_is_never_removed BEFORE DELETE ON event
BEGIN SELECT RAISE (ABORT, 'events are never removed'); END;

-- rowid = event.id. The session is a token of its own, so that a search in one session never walks through the others.
-- prefix: beginnings of up to 3 letters are found like words; without it, FTS5 first gathers every row that has such a word.
CREATE VIRTUAL TABLE event_text USING fts5 (
  session, text, content = '', tokenize = 'unicode61 remove_diacritics 2', prefix = '1 2 3'
);

-- id = SHA-256 of the text, so that the same output is kept once per session.
CREATE TABLE blob (
  session TEXT NOT NULL REFERENCES session (id),
  id TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  text TEXT NOT NULL,
  UNIQUE (session, id)
) STRICT;

-- device '' is the person at the computer. position orders the prompts that wait; null once they do not.
-- resolved_by: the command with which a person decided about an uncertain one.
CREATE TABLE command (
  id TEXT PRIMARY KEY,
  device TEXT NOT NULL,
  device_name TEXT NOT NULL,
  session TEXT NOT NULL,
  kind TEXT NOT NULL,
  digest TEXT NOT NULL,
  body TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN (
    'accepted', 'dispatched', 'applied', 'rejected', 'expired', 'answered-elsewhere', 'uncertain'
  )),
  reason TEXT,
  position INTEGER,
  resolved_by TEXT,
  at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX command_open ON command (session, state) WHERE state IN ('accepted', 'dispatched');

CREATE TABLE approval (
  id TEXT PRIMARY KEY,
  session TEXT NOT NULL REFERENCES session (id),
  title TEXT NOT NULL,
  tool TEXT,
  options TEXT NOT NULL,
  asked_at INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('pending', 'answered', 'resolved')),
  outcome TEXT,
  command TEXT,
  answered_by TEXT
) STRICT;
CREATE INDEX approval_open ON approval (session) WHERE state <> 'resolved';

CREATE TABLE device (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  scope TEXT NOT NULL CHECK (scope IN ('watch', 'answer', 'full')),
  noise_key BLOB NOT NULL,
  auth_key BLOB NOT NULL,
  psk BLOB,
  paired_at INTEGER NOT NULL,
  last_seen_at INTEGER,
  revoked_at INTEGER,
  CHECK ((psk IS NULL) = (revoked_at IS NOT NULL))
) STRICT;

CREATE TABLE audit (
  seq INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  device TEXT,
  name TEXT NOT NULL,
  action TEXT NOT NULL,
  session TEXT,
  detail TEXT NOT NULL,
  previous TEXT NOT NULL,
  hash TEXT NOT NULL
) STRICT;
CREATE TRIGGER audit_is_never_changed BEFORE UPDATE ON audit
BEGIN SELECT RAISE (ABORT, 'the audit is append-only'); END;
CREATE TRIGGER audit_is_never_removed BEFORE DELETE ON audit
BEGIN SELECT RAISE (ABORT, 'the audit is append-only'); END;
`;
