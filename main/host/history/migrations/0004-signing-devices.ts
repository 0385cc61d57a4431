/** Devices that were paired before sign from the first time on that a page of theirs can. */
export const signingDevices = `
ALTER TABLE device ADD COLUMN is_signing INTEGER NOT NULL DEFAULT 0 CHECK (is_signing IN (0, 1));
`;
