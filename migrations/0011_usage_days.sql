-- What each key used on each day (UTC). The key's Durable Object counts and writes its totals here.
CREATE TABLE usage_days (
  key_id TEXT NOT NULL,
  day TEXT NOT NULL,
  tenant TEXT NOT NULL,
  requests INTEGER NOT NULL,
  runs INTEGER NOT NULL,
  tool_calls INTEGER NOT NULL,
  images INTEGER NOT NULL,
  steps INTEGER NOT NULL,
  input_tokens INTEGER NOT NULL,
  cached_tokens INTEGER NOT NULL,
  output_tokens INTEGER NOT NULL,
  cost_units INTEGER NOT NULL,
  PRIMARY KEY (key_id, day)
) STRICT;

CREATE INDEX usage_days_by_tenant ON usage_days (tenant, day);
