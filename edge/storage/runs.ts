/**
 * The index of runs in D1: which runs a tenant has, by time, and which images each has shown. A row is written
 * before its run is started, so one may name a run that never began.
 */
import { RUN_RETENTION_MS } from '#shared/limits';

/** The part of D1 that is used here. */
export type RunDatabase = Pick<D1Database, 'prepare' | 'batch'>;

export type RunRow = {
  readonly tenant: string;
  readonly id: string;
  /** The API key that asked, method and path, and the SHA-256 of the body. */
  readonly keyId: string;
  readonly route: string;
  readonly bodySha256: string;
};

/** A place in the list: the run after which the next page begins. */
export type RunPlace = { readonly createdAt: number; readonly id: string };

/**
 * Adds a run and the images that it shows, and takes away what has expired. Done before the run is started and its
 * images are made use of, so that none is forgotten; adding it again changes nothing.
 */
export async function recordRun(
  database: RunDatabase,
  row: RunRow,
  imageIds: readonly string[],
  now: number,
): Promise<void> {
  await database.batch([
    database
      .prepare(
        'INSERT OR IGNORE INTO runs (tenant, id, key_id, route, body_sha256, created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?)',
      )
      .bind(row.tenant, row.id, row.keyId, row.route, row.bodySha256, now, now + RUN_RETENTION_MS),
    database.prepare('DELETE FROM runs WHERE tenant = ? AND expires_at <= ?').bind(row.tenant, now),
    ...imageRows(database, row.tenant, row.id, imageIds),
  ]);
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

/** Notes that a run shows an image. Done before the image is made use of, so that none is forgotten. */
export async function recordImage(
  database: RunDatabase,
  tenant: string,
  runId: string,
  imageId: string,
): Promise<void> {
  await database.batch(imageRows(database, tenant, runId, [imageId]));
}

function imageRows(
  database: RunDatabase,
  tenant: string,
  runId: string,
  imageIds: readonly string[],
): D1PreparedStatement[] {
  const insert = database.prepare(
    'INSERT OR IGNORE INTO run_images (tenant, run_id, image_id) VALUES (?, ?, ?)',
  );
  return [...new Set(imageIds)].map((imageId) => insert.bind(tenant, runId, imageId));
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
