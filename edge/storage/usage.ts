/** Usage per key and day in D1: the copy that is asked about. The key's object holds the truth. */
import * as z from 'zod';
import { USAGE_FIELDS, type UsageField, type UsageRow } from '#edge/limits/usage-days';

/** Writes totals, so that writing them again changes nothing. */
export async function copyUsage(
  database: Pick<D1Database, 'prepare' | 'batch'>,
  rows: readonly UsageRow[],
  uses: ReadonlyArray<{ keyId: string; at: number }>,
): Promise<void> {
  const columns = ['key_id', 'day', 'tenant', ...USAGE_FIELDS];
  const upsert = database.prepare(
    `INSERT INTO usage_days (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})
      ON CONFLICT (key_id, day) DO UPDATE SET ${USAGE_FIELDS.map((field) => `${field} = excluded.${field}`).join(', ')}`,
  );
  const touch = database.prepare(
    'UPDATE api_keys SET last_used_at = max(coalesce(last_used_at, 0), ?) WHERE id = ?',
  );
  await database.batch([
    ...rows.map((row) =>
      upsert.bind(row.key_id, row.day, row.account, ...USAGE_FIELDS.map((field) => row[field])),
    ),
    ...uses.map(({ keyId, at }) => touch.bind(at, keyId)),
  ]);
}

export type UsageGroup = 'day' | 'key';
export type UsageSum = Record<UsageField, number> & { readonly day?: string; readonly key?: string };

const sums = z.record(z.string(), z.union([z.string(), z.number()]));

/** Sums of a tenant, or of one key of it, over the days from..to (both included), by what is grouped. */
export async function sumUsage(
  database: Pick<D1Database, 'prepare'>,
  wish: {
    readonly tenant: string;
    readonly keyId?: string;
    readonly from: string;
    readonly to: string;
    readonly groups: readonly UsageGroup[];
  },
): Promise<UsageSum[]> {
  const columns = { day: 'day', key: 'key_id' } as const;
  const by = wish.groups.map((group) => columns[group]).join(', ');
  const { results } = await database
    .prepare(
      `SELECT ${wish.groups.map((group) => `${columns[group]} AS ${group}, `).join('')}
        ${USAGE_FIELDS.map((field) => `sum(${field}) AS ${field}`).join(', ')}
        FROM usage_days WHERE tenant = ? AND day >= ? AND day <= ? AND (? IS NULL OR key_id = ?)
        GROUP BY ${by} ORDER BY ${by}`,
    )
    .bind(wish.tenant, wish.from, wish.to, wish.keyId ?? null, wish.keyId ?? null)
    .all();
  return results.map((row) => sums.parse(row) as UsageSum);
}
