/** What a key lets happen on the web: origins of pages, hosts of images, secrets of webhooks. In D1. */
import type * as z from 'zod';
import { hmacHex } from '#edge/storage/digest';
import { imageHost, webOrigin } from '#shared/api/keys';
import { WEBHOOK_ROTATION_MS } from '#shared/limits';

/** The part of D1 that is used here. */
export type WebDatabase = Pick<D1Database, 'prepare' | 'batch'>;

/** Sets the pages that may call with this key. @throws Error naming the entry that is no origin. */
export async function allowOrigins(
  database: WebDatabase,
  keyId: string,
  origins: readonly string[],
): Promise<void> {
  return replaceList(database, 'key_origins', 'origin', keyId, checked(origins, webOrigin, 'an origin'));
}

/** Sets the hosts whose images may be fetched for this key. @throws Error naming the entry that is no host. */
export async function allowImageHosts(
  database: WebDatabase,
  keyId: string,
  hosts: readonly string[],
): Promise<void> {
  return replaceList(database, 'key_image_hosts', 'host', keyId, checked(hosts, imageHost, 'a host'));
}

/** Whether pages of this origin may call with this key or, without one, with any key at all. */
export async function originAllowed(database: WebDatabase, origin: string, keyId?: string): Promise<boolean> {
  const query = 'SELECT 1 FROM key_origins WHERE origin = ?';
  const found = await (keyId === undefined
    ? database.prepare(`${query} LIMIT 1`).bind(origin)
    : database.prepare(`${query} AND key_id = ?`).bind(origin, keyId)
  ).first();
  return found !== null;
}

export async function imageHosts(database: WebDatabase, keyId: string): Promise<string[]> {
  const { results } = await database
    .prepare('SELECT host FROM key_image_hosts WHERE key_id = ? ORDER BY host LIMIT 64')
    .bind(keyId)
    .all<{ host: string }>();
  return results.map((row) => row.host);
}

/** What a key lets happen on the web. A list that is absent is empty. */
export type KeyWeb = { readonly origins?: readonly string[]; readonly imageHosts?: readonly string[] };

/** Those of several keys at once, by key. */
export async function webOf(
  database: WebDatabase,
  keyIds: readonly string[],
): Promise<ReadonlyMap<string, KeyWeb>> {
  const listed = async (table: 'key_origins' | 'key_image_hosts', column: 'origin' | 'host') => {
    const { results } = await database
      .prepare(
        `SELECT key_id, ${column} AS entry FROM ${table}
          WHERE key_id IN (SELECT value FROM json_each(?)) ORDER BY entry`,
      )
      .bind(JSON.stringify(keyIds))
      .all<{ key_id: string; entry: string }>();
    return Map.groupBy(results, (row) => row.key_id);
  };
  const [origins, hosts] = await Promise.all([
    listed('key_origins', 'origin'),
    listed('key_image_hosts', 'host'),
  ]);
  return new Map(
    keyIds.map((id) => {
      const [pages, images] = [origins.get(id), hosts.get(id)];
      return [
        id,
        {
          ...(pages ? { origins: pages.map(({ entry }) => entry) } : {}),
          ...(images ? { imageHosts: images.map(({ entry }) => entry) } : {}),
        },
      ];
    }),
  );
}

/** Where a webhook goes, without what may differ from run to run: the query is no part of it. */
export function endpointOf(url: URL): string {
  return url.origin + url.pathname;
}

/**
 * The secrets that sign a key's webhooks to one endpoint, the current one first. Each is made of a random secret of
 * the key's own, the endpoint, and how often it was rotated: so that endpoints without end take no place, and who
 * holds the secret of one can sign for no other.
 */
export async function webhookSecrets(
  database: WebDatabase,
  keyId: string,
  endpoint: string,
  now: number,
): Promise<[string, ...string[]]> {
  const [root, row] = await Promise.all([
    rootOf(database, keyId),
    database
      .prepare('SELECT version, previous_until FROM webhook_rotations WHERE key_id = ? AND endpoint = ?')
      .bind(keyId, endpoint)
      .first<{ version: number; previous_until: number }>(),
  ]);
  const version = row?.version ?? 0;
  const current = await secretOf(root, endpoint, version);
  if (!row || row.previous_until <= now) return [current];
  return [current, await secretOf(root, endpoint, version - 1)];
}

/** Gives an endpoint a new secret. The one before signs as well for WEBHOOK_ROTATION_MS. */
export async function rotateWebhookSecret(
  database: WebDatabase,
  keyId: string,
  endpoint: string,
  now: number,
): Promise<string> {
  const row = await database
    .prepare(
      `INSERT INTO webhook_rotations (key_id, endpoint, version, previous_until) VALUES (?1, ?2, 1, ?3)
        ON CONFLICT DO UPDATE SET version = version + 1, previous_until = ?3 RETURNING version`,
    )
    .bind(keyId, endpoint, now + WEBHOOK_ROTATION_MS)
    .first<{ version: number }>();
  if (!row) throw new Error('the database returned no rotation');
  return secretOf(await rootOf(database, keyId), endpoint, row.version);
}

/** Made when first asked for. */
async function rootOf(database: WebDatabase, keyId: string): Promise<string> {
  const row = await database
    .prepare(
      // Nothing changes for a key that has a secret, but its row is returned.
      `INSERT INTO webhook_secrets (key_id, secret) VALUES (?, ?) ON CONFLICT DO UPDATE SET secret = secret
        RETURNING secret`,
    )
    .bind(keyId, crypto.getRandomValues(new Uint8Array(32)).toBase64())
    .first<{ secret: string }>();
  if (!row) throw new Error('the database returned no webhook secret');
  return row.secret;
}

/** In the form of Standard Webhooks: 32 bytes in base64 behind a prefix. */
async function secretOf(root: string, endpoint: string, version: number): Promise<string> {
  const bytes = Uint8Array.fromHex(await hmacHex(root, `webhook/${version}/${endpoint}`));
  return `whsec_${bytes.toBase64()}`;
}

function checked(values: readonly string[], form: z.ZodString, what: string): readonly string[] {
  const bad = values.find((value) => !form.safeParse(value).success);
  if (bad !== undefined) throw new Error(`expected ${what}, got ${JSON.stringify(bad)}`);
  return values;
}

async function replaceList(
  database: WebDatabase,
  table: 'key_origins' | 'key_image_hosts',
  column: 'origin' | 'host',
  keyId: string,
  values: readonly string[],
): Promise<void> {
  const insert = database.prepare(`INSERT OR IGNORE INTO ${table} (key_id, ${column}) VALUES (?, ?)`);
  await database.batch([
    database.prepare(`DELETE FROM ${table} WHERE key_id = ?`).bind(keyId),
    ...values.map((value) => insert.bind(keyId, value)),
  ]);
}
