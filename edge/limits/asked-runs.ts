/**
 * Which request began which run, for as long as a repetition of it may come: here and not in a table beside, because
 * the object of the key is asked for each run anyway, and answers one request after the other.
 */
import { firstRow, type SqliteDatabase } from '#edge/storage/sqlite';
import { ABANDONED_RUN_MS_MAX, IMPLIED_RETRY_MS_MAX } from '#shared/limits';
import type { Asked } from './terms.ts';

/** The earlier run that a request means; undefined when it means none. */
export function earlierRun(database: SqliteDatabase, asked: Asked, now: number): string | undefined {
  if (asked.means === 'none') return undefined;
  const [since, condition] =
    asked.means === 'latest'
      ? [now - IMPLIED_RETRY_MS_MAX, 'at > ?']
      : [now - ABANDONED_RUN_MS_MAX, 'abandoned_at > ?'];
  const row = firstRow(
    database,
    `SELECT run FROM asked_runs WHERE request = ? AND ${condition} ORDER BY at DESC, run DESC LIMIT 1`,
    asked.request,
    since,
  );
  return row && String(row['run']);
}

export function noteAsked(database: SqliteDatabase, { request, run }: Asked, now: number): void {
  database.exec('INSERT OR IGNORE INTO asked_runs (run, request, at) VALUES (?, ?, ?)', run, request, now);
}

/** Notes that the client of a run left before its answer. */
export function markAbandoned(database: SqliteDatabase, run: string, now: number): void {
  database.exec('UPDATE asked_runs SET abandoned_at = ? WHERE run = ?', now, run);
}

/** Takes the mark away: the run has a client again, and is nobody else's. */
export function takeUp(database: SqliteDatabase, run: string): void {
  database.exec('UPDATE asked_runs SET abandoned_at = NULL WHERE run = ?', run);
}

export function forgetAsked(database: SqliteDatabase, now: number): void {
  database.exec('DELETE FROM asked_runs WHERE at < ?', now - IMPLIED_RETRY_MS_MAX);
}
