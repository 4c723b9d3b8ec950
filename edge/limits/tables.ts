/** The tables of a key's object. `node:sqlite` can stand in for its storage. */

type SqlValue = string | number | null;

export type LedgerDatabase = {
  exec(query: string, ...bindings: SqlValue[]): Iterable<Record<string, unknown>>;
  transaction<Result>(body: () => Result): Result;
};

export const SCHEMA = [
  'CREATE TABLE IF NOT EXISTS buckets (name TEXT PRIMARY KEY, debt INTEGER NOT NULL, at INTEGER NOT NULL)',
  'CREATE TABLE IF NOT EXISTS leases (id TEXT PRIMARY KEY, until INTEGER NOT NULL)',
  'CREATE TABLE IF NOT EXISTS spent (period TEXT PRIMARY KEY, units INTEGER NOT NULL, touched_at INTEGER NOT NULL)',
  `CREATE TABLE IF NOT EXISTS tokens (
    id TEXT PRIMARY KEY, subject TEXT NOT NULL, max_runs INTEGER NOT NULL, runs INTEGER NOT NULL,
    max_units INTEGER NOT NULL, units INTEGER NOT NULL, expires_at INTEGER NOT NULL)`,
  `CREATE TABLE IF NOT EXISTS usage (
    day TEXT PRIMARY KEY, key_id TEXT NOT NULL, account TEXT NOT NULL, requests INTEGER NOT NULL,
    runs INTEGER NOT NULL, tool_calls INTEGER NOT NULL, images INTEGER NOT NULL, steps INTEGER NOT NULL,
    input_tokens INTEGER NOT NULL, cached_tokens INTEGER NOT NULL, output_tokens INTEGER NOT NULL,
    cost_units INTEGER NOT NULL, dirty INTEGER NOT NULL)`,
  'CREATE TABLE IF NOT EXISTS last_use (key_id TEXT PRIMARY KEY, at INTEGER NOT NULL, dirty INTEGER NOT NULL)',
];

export function one(
  database: LedgerDatabase,
  query: string,
  ...bindings: SqlValue[]
): Record<string, unknown> | undefined {
  return [...database.exec(query, ...bindings)][0];
}
