/** `node:sqlite` in place of a Durable Object's storage. */
import { DatabaseSync } from 'node:sqlite';
import type { SqliteDatabase } from '#edge/storage/sqlite';

export function memoryDatabase(): SqliteDatabase {
  const sqlite = new DatabaseSync(':memory:');
  return {
    exec: (query, ...values) => sqlite.prepare(query).all(...values) as Array<Record<string, unknown>>,
    transaction: (body) => body(),
  };
}
