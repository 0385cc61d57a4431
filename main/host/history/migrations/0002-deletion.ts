/**
 * Sessions can be deleted as a whole. The mark comes first and hides the session at once; what belongs to it follows in small steps.
 * Only the id of a deleted session stays, so that a device that was away cannot begin it again.
 */
export const deletion = `
ALTER TABLE session ADD COLUMN is_deleted INTEGER NOT NULL DEFAULT 0 CHECK (is_deleted IN (0, 1));

CREATE TABLE deleted_session (
  id TEXT PRIMARY KEY,
  at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

DROP TRIGGER event_is_never_removed;
CREATE TRIGGER event_is_never_removed BEFORE DELETE ON event
WHEN (SELECT is_deleted FROM session WHERE id = OLD.session) IS NOT 1
BEGIN SELECT RAISE (ABORT, 'events are never removed but with their session'); END;
`;
