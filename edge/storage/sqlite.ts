/** The part of a Durable Object's storage that is used here; `node:sqlite` can stand in for it. */

type SqlValue = string | number | null;

export type SqliteDatabase = {
  exec(query: string, ...bindings: SqlValue[]): Iterable<Record<string, unknown>>;
  transaction<Result>(body: () => Result): Result;
};

export function firstRow(
  database: SqliteDatabase,
  query: string,
  ...bindings: SqlValue[]
): Record<string, unknown> | undefined {
  return [...database.exec(query, ...bindings)][0];
}

export function hasTable(database: SqliteDatabase, name: string): boolean {
  const query = `SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?`;
  return firstRow(database, query, name) !== undefined;
}
