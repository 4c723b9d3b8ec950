-- What a key lets happen on the web: pages that may call with it (CORS), and hosts whose images may be fetched for it.
CREATE TABLE key_origins (
  origin TEXT NOT NULL,
  key_id TEXT NOT NULL,
  PRIMARY KEY (origin, key_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE key_image_hosts (
  key_id TEXT NOT NULL,
  host TEXT NOT NULL,
  PRIMARY KEY (key_id, host)
) STRICT, WITHOUT ROWID;

-- What signs a key's webhooks. After a rotation the previous secret signs as well until `previous_until`.
CREATE TABLE webhook_secrets (
  key_id TEXT PRIMARY KEY,
  secret TEXT NOT NULL,
  previous TEXT,
  previous_until INTEGER
) STRICT, WITHOUT ROWID;
