/** The tables of a key's object. */

export const SCHEMA = [
  'CREATE TABLE IF NOT EXISTS buckets (name TEXT PRIMARY KEY, debt INTEGER NOT NULL, at INTEGER NOT NULL)',
  `CREATE TABLE IF NOT EXISTS run_leases (
    id TEXT PRIMARY KEY, run TEXT, lease TEXT NOT NULL, until INTEGER NOT NULL, holders INTEGER NOT NULL)`,
  'CREATE TABLE IF NOT EXISTS spent (period TEXT PRIMARY KEY, units INTEGER NOT NULL, touched_at INTEGER NOT NULL)',
  `CREATE TABLE IF NOT EXISTS tokens (
    id TEXT PRIMARY KEY, subject TEXT NOT NULL, max_runs INTEGER NOT NULL, runs INTEGER NOT NULL,
    max_units INTEGER NOT NULL, units INTEGER NOT NULL, expires_at INTEGER NOT NULL)`,
  `CREATE TABLE IF NOT EXISTS usage (
    day TEXT PRIMARY KEY, key_id TEXT NOT NULL, account TEXT NOT NULL, requests INTEGER NOT NULL,
    runs INTEGER NOT NULL, tool_calls INTEGER NOT NULL, images INTEGER NOT NULL, steps INTEGER NOT NULL,
    input_tokens INTEGER NOT NULL, cached_tokens INTEGER NOT NULL, output_tokens INTEGER NOT NULL,
    cost_units INTEGER NOT NULL, dirty INTEGER NOT NULL)`,
  `CREATE TABLE IF NOT EXISTS run_requests (
    run TEXT PRIMARY KEY, request TEXT NOT NULL, at INTEGER NOT NULL, abandoned_at INTEGER, ended_at INTEGER,
    retries INTEGER NOT NULL DEFAULT 0)`,
  'CREATE INDEX IF NOT EXISTS run_requests_by_request ON run_requests (request, at)',
  // Of earlier versions; what stood there counted for minutes.
  'DROP TABLE IF EXISTS leases',
  'DROP TABLE IF EXISTS asked_runs',
  'CREATE TABLE IF NOT EXISTS last_use (key_id TEXT PRIMARY KEY, at INTEGER NOT NULL, dirty INTEGER NOT NULL)',
];
