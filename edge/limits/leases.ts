/**
 * The places of runs that go on, each held by one lease. Who asks for a run again before it is there, such as a client
 * whose first request died with its server, shares the lease that was booked for it.
 */
import { firstRow, type SqliteDatabase } from '#edge/storage/sqlite';
import type { Lease } from './terms.ts';

export function countHeld(database: SqliteDatabase, now: number): number {
  return Number(
    firstRow(database, 'SELECT count(*) AS held FROM run_leases WHERE until > ?', now)?.['held'] ?? 0,
  );
}

export function hold(database: SqliteDatabase, lease: Lease, run: string | undefined, until: number): void {
  database.exec(
    'INSERT INTO run_leases (id, run, lease, until, holders) VALUES (?, ?, ?, ?, 1)',
    lease.id,
    run ?? null,
    JSON.stringify(lease),
    until,
  );
}

/** The lease that is held for a run, if it covers as much. */
export function leaseHeldFor(
  database: SqliteDatabase,
  run: string,
  units: number,
  now: number,
): Lease | undefined {
  const row = firstRow(database, 'SELECT lease FROM run_leases WHERE run = ? AND until > ?', run, now);
  const lease = row && (JSON.parse(String(row['lease'])) as Lease);
  return lease?.units === units ? lease : undefined;
}

export function share(database: SqliteDatabase, lease: Lease, until: number): void {
  database.exec('UPDATE run_leases SET holders = holders + 1, until = ? WHERE id = ?', until, lease.id);
}

/** One holder has nothing to do with it any more. @returns whether others have */
export function leaveToOthers(database: SqliteDatabase, lease: Lease): boolean {
  const query = 'UPDATE run_leases SET holders = holders - 1 WHERE id = ? AND holders > 1 RETURNING id';
  return firstRow(database, query, lease.id) !== undefined;
}

/** @returns the run whose place it was (null: not known); undefined if it is not held */
export function release(database: SqliteDatabase, lease: Lease): { run: string | null } | undefined {
  const row = firstRow(database, 'DELETE FROM run_leases WHERE id = ? RETURNING run', lease.id);
  return row && { run: row['run'] === null ? null : String(row['run']) };
}

export function forgetLeases(database: SqliteDatabase, before: number): void {
  database.exec('DELETE FROM run_leases WHERE until < ?', before);
}
