/** What makes a session go on where it was when the host is another one and the agent is still the same. */
export const agentOutput = `
-- How far the output of a session's agent is in the log: stored together with the events that came of it. Everything before read_from
-- is in there whole; up to seen, all but the text that begins there. agent: its name with the keeper. state: what folding needs to go on.
CREATE TABLE agent_output (
  session TEXT PRIMARY KEY REFERENCES session (id) ON DELETE CASCADE,
  agent TEXT NOT NULL,
  read_from INTEGER NOT NULL,
  seen INTEGER NOT NULL CHECK (seen >= read_from),
  state TEXT NOT NULL
) STRICT;

-- How the agent's own question is answered, in this life of the host or another.
ALTER TABLE approval ADD COLUMN reference TEXT;
`;
