/** What a key used on each day, counted here and copied to D1 as totals: a copy repeated changes nothing. */
import * as z from 'zod';
import type { SqliteDatabase } from '#edge/storage/sqlite';
import { LAST_USE_GRAIN_MS } from '#shared/limits';
import { isoDay } from './policies.ts';
import type { Lease } from './terms.ts';

export const USAGE_FIELDS = [
  'requests',
  'runs',
  'tool_calls',
  'images',
  'steps',
  'input_tokens',
  'cached_tokens',
  'output_tokens',
  'cost_units',
] as const;

export type UsageField = (typeof USAGE_FIELDS)[number];
export type UsageChange = Readonly<Partial<Record<UsageField, number>>>;

const counts = z.object(
  Object.fromEntries(USAGE_FIELDS.map((field) => [field, z.number()])) as Record<UsageField, z.ZodNumber>,
);
const usageRow = counts.extend({
  day: z.string(),
  key_id: z.string(),
  account: z.string(),
  dirty: z.number(),
});
export type UsageRow = z.infer<typeof usageRow>;

/** Adds to the day on which the lease began. */
export function addUsage(database: SqliteDatabase, { keyId, account, at }: Lease, change: UsageChange): void {
  const values = USAGE_FIELDS.map((field) => change[field] ?? 0);
  if (values.every((value) => value === 0)) return;
  database.exec(
    `INSERT INTO usage (day, key_id, account, ${USAGE_FIELDS.join(', ')}, dirty)
      VALUES (?, ?, ?, ${USAGE_FIELDS.map(() => '?').join(', ')}, 1)
      ON CONFLICT (day) DO UPDATE SET dirty = dirty + 1,
        ${USAGE_FIELDS.map((field) => `${field} = ${field} + excluded.${field}`).join(', ')}`,
    isoDay(at),
    keyId,
    account,
    ...values,
  );
}

/** Notes that the key was used, at most once every LAST_USE_GRAIN_MS. */
export function noteUse(database: SqliteDatabase, keyId: string, now: number): void {
  database.exec(
    `INSERT INTO last_use (key_id, at, dirty) VALUES (?1, ?2, 1)
      ON CONFLICT (key_id) DO UPDATE SET at = ?2, dirty = 1 WHERE at <= ?2 - ?3`,
    keyId,
    now,
    LAST_USE_GRAIN_MS,
  );
}

export function dirtyUsage(database: SqliteDatabase): UsageRow[] {
  return [...database.exec('SELECT * FROM usage WHERE dirty > 0')].map((row) => usageRow.parse(row));
}

export function dirtyUse(database: SqliteDatabase): Array<{ keyId: string; at: number }> {
  return [...database.exec('SELECT key_id, at FROM last_use WHERE dirty > 0')].map((row) => ({
    keyId: String(row['key_id']),
    at: Number(row['at']),
  }));
}

/** After a copy: clean, unless it has changed while it was copied. */
export function markCopied(
  database: SqliteDatabase,
  rows: readonly UsageRow[],
  uses: ReadonlyArray<{ keyId: string; at: number }>,
): void {
  for (const { day, dirty } of rows)
    database.exec('UPDATE usage SET dirty = 0 WHERE day = ? AND dirty = ?', day, dirty);
  for (const { keyId, at } of uses)
    database.exec('UPDATE last_use SET dirty = 0 WHERE key_id = ? AND at = ?', keyId, at);
}
