-- What a key may do. Lists are JSON; a list that is NULL restricts nothing.
ALTER TABLE api_keys ADD COLUMN scopes TEXT NOT NULL DEFAULT '["runs:write","runs:read","images","tools","usage:read"]';
ALTER TABLE api_keys ADD COLUMN plan TEXT NOT NULL DEFAULT 'free';
ALTER TABLE api_keys ADD COLUMN tools TEXT;
ALTER TABLE api_keys ADD COLUMN models TEXT;
ALTER TABLE api_keys ADD COLUMN addresses TEXT;
ALTER TABLE api_keys ADD COLUMN app_check TEXT;
-- After a rotation, the hash of the secret before it and until when that one still holds.
ALTER TABLE api_keys ADD COLUMN previous_hash TEXT;
ALTER TABLE api_keys ADD COLUMN previous_expires_at INTEGER;
-- Coarse: written at most every ten minutes.
ALTER TABLE api_keys ADD COLUMN last_used_at INTEGER;
