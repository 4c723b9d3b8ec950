/** What a key lets happen on the web: origins of pages, hosts of images, secrets of webhooks. In D1. */
import { WEBHOOK_ROTATION_MS } from '#shared/limits';

/** The part of D1 that is used here. */
export type WebDatabase = Pick<D1Database, 'prepare' | 'batch'>;

/** `https://app.example.com`, as a browser writes it; `http` only for this machine. */
const ORIGIN =
  /^(?:https:\/\/[a-z0-9.-]{1,253}(?::\d{1,5})?|http:\/\/(?:localhost|127\.0\.0\.1)(?::\d{1,5})?)$/;
/** A host name, or `*.` and the name that it is below. */
const HOST = /^(?:\*\.)?(?:[a-z0-9-]{1,63}\.)+[a-z0-9-]{2,63}$/;

/** Sets the pages that may call with this key. @throws Error naming the entry that is no origin. */
export function allowOrigins(
  database: WebDatabase,
  keyId: string,
  origins: readonly string[],
): Promise<void> {
  return replaceList(database, 'key_origins', 'origin', keyId, checked(origins, ORIGIN, 'an origin'));
}

/** Sets the hosts whose images may be fetched for this key. @throws Error naming the entry that is no host. */
export function allowImageHosts(
  database: WebDatabase,
  keyId: string,
  hosts: readonly string[],
): Promise<void> {
  return replaceList(database, 'key_image_hosts', 'host', keyId, checked(hosts, HOST, 'a host'));
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

type SecretRow = { secret: string; previous: string | null; previous_until: number | null };

/** The secrets that sign this key's webhooks, the current one first; made when first asked for. */
export async function webhookSecrets(
  database: WebDatabase,
  keyId: string,
  now: number,
): Promise<[string, ...string[]]> {
  const row = await database
    .prepare(
      // Nothing changes for a key that has a secret, but its row is returned.
      `INSERT INTO webhook_secrets (key_id, secret) VALUES (?, ?) ON CONFLICT DO UPDATE SET secret = secret
        RETURNING secret, previous, previous_until`,
    )
    .bind(keyId, newSecret())
    .first<SecretRow>();
  if (!row) throw new Error('the database returned no webhook secret');
  const both = row.previous !== null && (row.previous_until ?? 0) > now;
  return both ? [row.secret, row.previous ?? ''] : [row.secret];
}

/** Gives this key a new secret. The one before signs as well for WEBHOOK_ROTATION_MS. */
export async function rotateWebhookSecret(
  database: WebDatabase,
  keyId: string,
  now: number,
): Promise<string> {
  const secret = newSecret();
  await database
    .prepare(
      `INSERT INTO webhook_secrets (key_id, secret) VALUES (?1, ?2)
        ON CONFLICT DO UPDATE SET previous = secret, previous_until = ?3, secret = ?2`,
    )
    .bind(keyId, secret, now + WEBHOOK_ROTATION_MS)
    .run();
  return secret;
}

/** In the form of Standard Webhooks: 32 random bytes in base64 behind a prefix. */
function newSecret(): string {
  return `whsec_${crypto.getRandomValues(new Uint8Array(32)).toBase64()}`;
}

function checked(values: readonly string[], form: RegExp, what: string): readonly string[] {
  const bad = values.find((value) => !form.test(value));
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
