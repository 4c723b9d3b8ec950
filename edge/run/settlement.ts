/**
 * What the limits are still to be told of a run that has ended. Set down in the transaction that ends the
 * run and kept until they acknowledge it: a process that dies in between tells them when its alarm wakes it.
 * It outlives the deletion of the run.
 */
import * as z from 'zod';
import type { Lease } from '#edge/limits/terms';
import { firstRow, hasTable, type SqliteDatabase } from '#edge/storage/sqlite';
import { type RunUsage, runUsage } from '#shared/api';
import { SETTLE_RETRY_MS_MAX, SETTLE_RETRY_MS_MIN } from '#shared/limits';

const SCHEMA = `CREATE TABLE IF NOT EXISTS settlement (
  only_one INTEGER PRIMARY KEY CHECK (only_one = 1), lease TEXT NOT NULL, spent TEXT NOT NULL,
  due_at INTEGER NOT NULL, attempts INTEGER NOT NULL)`;

const settlementRow = z.object({
  lease: z.string(),
  spent: z.string(),
  due_at: z.number(),
  attempts: z.number(),
});

export type Due = {
  readonly lease: Lease;
  readonly spent: RunUsage;
  /** When the next attempt is due. */
  readonly dueAt: number;
  readonly attempts: number;
};

export class Settlement {
  readonly #database: SqliteDatabase;

  constructor(database: SqliteDatabase) {
    this.#database = database;
  }

  /** With the run's own tables: a table made later has every statement of the object compiled anew. */
  prepare(): void {
    this.#database.exec(SCHEMA);
  }

  /** Within the transaction that ends the run. */
  note(lease: Lease, spent: RunUsage, now: number): void {
    // A run that was begun by an earlier version has no table yet.
    this.prepare();
    this.#database.exec(
      'INSERT OR IGNORE INTO settlement (only_one, lease, spent, due_at, attempts) VALUES (1, ?, ?, ?, 0)',
      JSON.stringify(lease),
      JSON.stringify(spent),
      now,
    );
  }

  /** Undefined when there is nothing to tell. */
  due(): Due | undefined {
    const found = hasTable(this.#database, 'settlement')
      ? firstRow(this.#database, 'SELECT * FROM settlement')
      : undefined;
    if (!found) return undefined;
    const { lease, spent, due_at, attempts } = settlementRow.parse(found);
    return {
      lease: JSON.parse(lease) as Lease,
      spent: runUsage.parse(JSON.parse(spent)),
      dueAt: due_at,
      attempts,
    };
  }

  /** Sets down when to try again if the attempt that begins now is not acknowledged. */
  begin({ attempts }: Due, now: number): void {
    const pause = Math.min(SETTLE_RETRY_MS_MAX, SETTLE_RETRY_MS_MIN * 2 ** attempts);
    this.#database.exec('UPDATE settlement SET attempts = attempts + 1, due_at = ?', now + pause);
  }

  /** The run may have been forgotten altogether meanwhile. */
  acknowledged(): void {
    if (hasTable(this.#database, 'settlement')) this.#database.exec('DELETE FROM settlement');
  }
}
