/**
 * Which request began which run, for as long as a repetition of it may come: here and not in a table beside, because
 * the object of the key is asked for each run anyway, and answers one request after the other.
 */
import { firstRow, type SqliteDatabase } from '#edge/storage/sqlite';
import {
  ABANDONED_RUN_MS_MAX,
  IMPLIED_RETRY_MS_MAX,
  LOST_ANSWER_MS_MAX,
  LOST_ANSWER_MS_MIN,
  LOST_ANSWER_RETRIES_MAX,
} from '#shared/limits';
import type { Asked, Meaning } from './terms.ts';

const ABANDONED = `abandoned_at > ?2 - ${ABANDONED_RUN_MS_MAX}`;
const LOST = `ended_at BETWEEN ?2 - ${LOST_ANSWER_MS_MAX} AND ?2 - ${LOST_ANSWER_MS_MIN} AND retries < ${LOST_ANSWER_RETRIES_MAX}`;

/** ?2 is now. */
const MEANT: Readonly<Record<Exclude<Meaning, 'none'>, string>> = {
  latest: `at > ?2 - ${IMPLIED_RETRY_MS_MAX}`,
  abandoned: ABANDONED,
  'abandoned-or-lost': `(${ABANDONED} OR ${LOST})`,
};

/** The earlier run that a request means; undefined when it means none. */
export function earlierRun(
  database: SqliteDatabase,
  { means, request }: Asked,
  now: number,
): string | undefined {
  if (means === 'none') return undefined;
  const row = firstRow(
    database,
    `SELECT run FROM run_requests WHERE request = ?1 AND ${MEANT[means]} ORDER BY at DESC, run DESC LIMIT 1`,
    request,
    now,
  );
  return row && String(row['run']);
}

export function noteAsked(database: SqliteDatabase, run: string, { request }: Asked, now: number): void {
  database.exec('INSERT OR IGNORE INTO run_requests (run, request, at) VALUES (?, ?, ?)', run, request, now);
}

/** Notes that the client of a run left before its answer. */
export function markAbandoned(database: SqliteDatabase, run: string, now: number): void {
  database.exec('UPDATE run_requests SET abandoned_at = ? WHERE run = ?', now, run);
}

/** Notes that a run has ended, and that its answer is on its way. */
export function markEnded(database: SqliteDatabase, run: string, now: number): void {
  database.exec('UPDATE run_requests SET ended_at = ? WHERE run = ?', now, run);
}

/** The run has a client again, and is nobody else's. If it has ended, its answer is sent once more. */
export function takeUp(database: SqliteDatabase, run: string, now: number): void {
  database.exec(
    `UPDATE run_requests SET abandoned_at = NULL, retries = retries + 1,
      ended_at = CASE WHEN ended_at IS NULL THEN NULL ELSE ?2 END WHERE run = ?1`,
    run,
    now,
  );
}

export function forgetAsked(database: SqliteDatabase, now: number): void {
  database.exec('DELETE FROM run_requests WHERE at < ?', now - IMPLIED_RETRY_MS_MAX);
}
