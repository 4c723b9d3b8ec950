/** What happens to a key after it was made: changed or rotated. In effect at the next request. */
import { sha256Hex } from './digest.ts';
import { generateKey } from './key-format.ts';
import { jsonOrNull, type KeyDatabase, type KeyRecord, statusOf } from './keys.ts';

/** Stores name and grant as given. False when the key was revoked meanwhile. */
export async function updateKey(database: KeyDatabase, key: KeyRecord): Promise<boolean> {
  const { meta } = await database
    .prepare(
      `UPDATE api_keys SET name = ?, scopes = ?, plan = ?, tools = ?, models = ?, addresses = ?, app_check = ?,
        expires_at = ?, previous_expires_at = min(previous_expires_at, coalesce(?, previous_expires_at))
        WHERE id = ? AND revoked_at IS NULL`,
    )
    .bind(
      key.name,
      JSON.stringify(key.scopes),
      key.plan,
      ...[key.tools, key.models, key.addresses, key.appCheck].map(jsonOrNull),
      key.expiresAt ?? null,
      key.expiresAt ?? null,
      key.id,
    )
    .run();
  return meta.changes > 0;
}

/**
 * Gives an active key a new secret; the one before it holds for `graceMs` more, at most until the key
 * expires. A secret that is already in its grace ends at once, so that there are never more than two.
 * @returns the new key, or undefined when the key is not active or another rotation came first.
 */
export async function rotateKey(
  database: KeyDatabase,
  key: KeyRecord,
  graceMs: number,
  now: number,
): Promise<string | undefined> {
  if (statusOf(key, now) !== 'active') return undefined;
  const hashes = await database
    .prepare('SELECT hash FROM api_keys WHERE id = ?')
    .bind(key.id)
    .first<{ hash: string }>();
  if (!hashes) return undefined;
  const next = generateKey(key.mode, key.id).key;
  const graceEnds = Math.min(now + graceMs, key.expiresAt ?? Number.POSITIVE_INFINITY);
  const { meta } = await database
    .prepare(
      `UPDATE api_keys SET previous_hash = hash, previous_expires_at = ?, hash = ?
        WHERE id = ? AND hash = ? AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > ?)`,
    )
    .bind(graceEnds, await sha256Hex(next), key.id, hashes.hash, now)
    .run();
  return meta.changes > 0 ? next : undefined;
}
