-- How often the secret of one webhook endpoint was rotated. The secret itself is made of the key's row in
-- webhook_secrets, the endpoint and this version; the version before signs as well until `previous_until`.
CREATE TABLE webhook_rotations (
  key_id TEXT NOT NULL,
  endpoint TEXT NOT NULL,
  version INTEGER NOT NULL,
  previous_until INTEGER NOT NULL,
  PRIMARY KEY (key_id, endpoint)
) STRICT, WITHOUT ROWID;

ALTER TABLE webhook_secrets DROP COLUMN previous;
ALTER TABLE webhook_secrets DROP COLUMN previous_until;
