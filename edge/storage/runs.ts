/**
 * The index of runs in D1: which runs a tenant has, by time and by what asked for them, and which images
 * each has shown. A row is written before its run is started, so one may name a run that never began.
 */
import { RUN_RETENTION_MS } from '#shared/limits';

/** The part of D1 that is used here. */
export type RunDatabase = Pick<D1Database, 'prepare' | 'batch'>;

export type RunRow = {
  readonly tenant: string;
  readonly id: string;
  /** The API key that asked, method and path, and the SHA-256 of the body: what a client repeats. */
  readonly keyId: string;
  readonly route: string;
  readonly bodySha256: string;
};

/** A place in the list: the run after which the next page begins. */
export type RunPlace = { readonly createdAt: number; readonly id: string };

/** Adds a run, and takes away what has expired. Adding it again changes nothing. */
export async function recordRun(database: RunDatabase, row: RunRow, now: number): Promise<void> {
  await database.batch([
    database
      .prepare(
        'INSERT OR IGNORE INTO runs (tenant, id, key_id, route, body_sha256, created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?)',
      )
      .bind(row.tenant, row.id, row.keyId, row.route, row.bodySha256, now, now + RUN_RETENTION_MS),
    database.prepare('DELETE FROM runs WHERE tenant = ? AND expires_at <= ?').bind(row.tenant, now),
  ]);
}

/** The latest run that this key asked for by this very body since `since`. */
export async function recentRun(
  database: RunDatabase,
  { tenant, keyId, route, bodySha256 }: Omit<RunRow, 'id'>,
  since: number,
): Promise<string | undefined> {
  const row = await database
    .prepare(
      `SELECT id FROM runs WHERE tenant = ? AND key_id = ? AND route = ? AND body_sha256 = ? AND created_at > ?
        ORDER BY created_at DESC, id DESC LIMIT 1`,
    )
    .bind(tenant, keyId, route, bodySha256, since)
    .first<{ id: string }>();
  return row?.id;
}

/** Notes that whoever asked for the run left before the answer. */
export async function abandonRun(
  database: RunDatabase,
  tenant: string,
  id: string,
  now: number,
): Promise<void> {
  await database
    .prepare('UPDATE runs SET abandoned_at = ? WHERE tenant = ? AND id = ?')
    .bind(now, tenant, id)
    .run();
}

/**
 * The latest run that this key asked for by this very body and that was abandoned since `since`. It is nobody
 * else's then: of two such requests at once, one gets it.
 */
export async function takeUpRun(
  database: RunDatabase,
  { tenant, keyId, route, bodySha256 }: Omit<RunRow, 'id'>,
  since: number,
): Promise<string | undefined> {
  const row = await database
    .prepare(
      `UPDATE runs SET abandoned_at = NULL WHERE tenant = ?1 AND id = (
        SELECT id FROM runs WHERE tenant = ?1 AND key_id = ?2 AND route = ?3 AND body_sha256 = ?4
          AND abandoned_at > ?5 ORDER BY created_at DESC, id DESC LIMIT 1) RETURNING id`,
    )
    .bind(tenant, keyId, route, bodySha256, since)
    .first<{ id: string }>();
  return row?.id;
}

/** At most `limit` runs of a tenant, newest first, those after `after` alone. */
export async function listRuns(
  database: RunDatabase,
  tenant: string,
  { limit, after, now }: { readonly limit: number; readonly after?: RunPlace; readonly now: number },
): Promise<RunPlace[]> {
  const { createdAt, id } = after ?? { createdAt: Number.MAX_SAFE_INTEGER, id: '' };
  const { results } = await database
    .prepare(
      `SELECT created_at, id FROM runs WHERE tenant = ? AND (created_at, id) < (?, ?) AND expires_at > ?
        ORDER BY created_at DESC, id DESC LIMIT ?`,
    )
    .bind(tenant, createdAt, id, now, limit)
    .all<{ created_at: number; id: string }>();
  return results.map((row) => ({ createdAt: row.created_at, id: row.id }));
}

/** Notes that a run shows these images. Done before an image is made use of, so that none is forgotten. */
export async function recordImages(
  database: RunDatabase,
  tenant: string,
  runId: string,
  imageIds: readonly string[],
): Promise<void> {
  if (imageIds.length === 0) return;
  const insert = database.prepare(
    'INSERT OR IGNORE INTO run_images (tenant, run_id, image_id) VALUES (?, ?, ?)',
  );
  await database.batch(imageIds.map((imageId) => insert.bind(tenant, runId, imageId)));
}

/** The images that this run has shown and no other run of the tenant has. */
export async function imagesOfRunAlone(
  database: RunDatabase,
  tenant: string,
  runId: string,
): Promise<string[]> {
  const { results } = await database
    .prepare(
      `SELECT image_id FROM run_images AS mine WHERE tenant = ?1 AND run_id = ?2 AND NOT EXISTS
        (SELECT 1 FROM run_images WHERE tenant = ?1 AND image_id = mine.image_id AND run_id <> ?2)`,
    )
    .bind(tenant, runId)
    .all<{ image_id: string }>();
  return results.map((row) => row.image_id);
}

/** Takes a run out of the index. */
export async function forgetRun(database: RunDatabase, tenant: string, runId: string): Promise<void> {
  await database.batch([
    database.prepare('DELETE FROM run_images WHERE tenant = ? AND run_id = ?').bind(tenant, runId),
    database.prepare('DELETE FROM runs WHERE tenant = ? AND id = ?').bind(tenant, runId),
  ]);
}
