/** What both tests of R3 share: fifty at once, and the verdict on how many of them were let in. */
import { expect } from 'vitest';
import { stubOf } from '#edge/keys/rpc';
import { quotaOf } from '#edge/limits/policies';
import { CLIENT_TOKENS_MAX } from '#shared/limits';
import { plans } from '#shared/plans';
import { insideStub, settings } from './support.ts';

export const AT_ONCE = 50;
export const SLOW_MS = 240_000;
export const MINUTE = 60_000;

/** One trial: how many of AT_ONCE were let in, and how many should have been. */
export type Trial = { readonly admitted: number; readonly wanted: number };

/** Prints the counts, and holds every trial to its quota: none too many, none wrongly refused. */
export function judge(name: string, trials: readonly Trial[]): void {
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  const admitted = sum(trials.map((trial) => trial.admitted));
  const extra = sum(trials.map((trial) => Math.max(0, trial.admitted - trial.wanted)));
  const missing = sum(trials.map((trial) => Math.max(0, trial.wanted - trial.admitted)));
  console.log(
    `R3: ${name}: ${trials.length} x ${AT_ONCE} at once: ${admitted} admitted, ` +
      `${trials.length * AT_ONCE - admitted} refused; ${extra} extra, ${missing} wrongly refused`,
  );
  expect(trials.map((trial) => trial.admitted)).toEqual(trials.map((trial) => trial.wanted));
}

export const atOnce = <Value>(attempt: (index: number) => Promise<Value>): Promise<Value[]> =>
  Promise.all(Array.from({ length: AT_ONCE }, (_, index) => attempt(index)));

export const keyObject = (id: string) => stubOf(settings.KEYS, id);

/** What is used up before the fifty come, in the tables of a key's object; `now` in ms. */
export type Fill = (sql: SqlStorage, now: number) => void;

/** A bucket of the plan `free` of which `left` are left; its quota is for one minute. */
export const bucketWith =
  (name: 'reads' | 'units' | 'app-reads' | `subject-reads ${string}`, quota: number, left: number): Fill =>
  (sql, now) =>
    void sql.exec(
      'INSERT OR REPLACE INTO buckets (name, debt, at) VALUES (?, ?, ?)',
      name,
      (quota - left) * MINUTE,
      now,
    );

/** A quota of the plan `free` of which `left` units are left. */
export const quotaWith =
  (name: 'day' | 'month', left: number): Fill =>
  (sql, now) => {
    const { period, quota } = quotaOf(name, plans.free, now);
    sql.exec(
      'INSERT OR REPLACE INTO spent (period, units, touched_at) VALUES (?, ?, ?)',
      period,
      quota - left,
      now,
    );
  };

/** As many living client tokens that there is room for `left` more. */
export const tokensWith =
  (left: number): Fill =>
  (sql, now) => {
    sql.exec('DELETE FROM tokens');
    sql.exec(
      `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
        INSERT INTO tokens (id, subject, max_runs, runs, max_units, units, expires_at)
        SELECT 'ct_filled' || i, 'u', 1, 0, 1, 0, ? FROM n`,
      CLIENT_TOKENS_MAX - left,
      now + MINUTE,
    );
  };

export async function fillObject(id: string, fill: Fill | undefined, now: number): Promise<void> {
  if (fill) await insideStub(keyObject(id), ({ sql }) => fill(sql, now));
}
