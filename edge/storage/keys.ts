/** API keys in D1. Shared by the Worker and `npm run keys`; a key itself is never stored. */
import { equalDigests, sha256Hex } from './digest.ts';
import { generateKey, type KeyMode, keyIdOf } from './key-format.ts';

/** A tenant is a path segment of storage keys, hence the narrow form. */
export const TENANT_FORM = /^[a-z0-9][a-z0-9_-]{0,63}$/;

/** The part of D1 that is used here. */
export type KeyDatabase = Pick<D1Database, 'prepare'>;

export type Principal = { readonly keyId: string; readonly tenant: string };

export type KeyRow = {
  readonly id: string;
  readonly mode: KeyMode;
  readonly name: string;
  readonly tenant: string;
  readonly created_at: number;
  readonly expires_at: number | null;
  readonly revoked_at: number | null;
};

export type NewKey = {
  readonly mode: KeyMode;
  readonly name: string;
  readonly tenant: string;
  /** Milliseconds since 1970; a key without it never expires. */
  readonly expiresAt?: number;
};

/** Makes a key and stores its hash. The key is in the result and nowhere else. */
export async function createKey(
  database: KeyDatabase,
  { mode, name, tenant, expiresAt }: NewKey,
  now: number,
): Promise<{ id: string; key: string }> {
  if (!TENANT_FORM.test(tenant)) {
    throw new Error(`a tenant is 1 to 64 of a-z, 0-9, _ and -, got ${JSON.stringify(tenant)}`);
  }
  const { id, key } = generateKey(mode);
  await database
    .prepare(
      'INSERT INTO api_keys (id, hash, mode, name, tenant, created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?)',
    )
    .bind(id, await sha256Hex(key), mode, name, tenant, now, expiresAt ?? null)
    .run();
  return { id, key };
}

/** Whose key it is; undefined when it is malformed, unknown, revoked or expired. */
export async function verifyKey(
  database: KeyDatabase,
  key: string,
  now: number,
): Promise<Principal | undefined> {
  const id = keyIdOf(key);
  if (id === undefined) return undefined;
  const row = await database
    .prepare('SELECT hash, tenant, expires_at, revoked_at FROM api_keys WHERE id = ?')
    .bind(id)
    .first<Pick<KeyRow, 'tenant' | 'expires_at' | 'revoked_at'> & { hash: string }>();
  if (!row || !equalDigests(row.hash, await sha256Hex(key))) return undefined;
  if (row.revoked_at !== null || (row.expires_at !== null && row.expires_at <= now)) return undefined;
  return { keyId: id, tenant: row.tenant };
}

export async function listKeys(database: KeyDatabase): Promise<KeyRow[]> {
  const { results } = await database
    .prepare(
      'SELECT id, mode, name, tenant, created_at, expires_at, revoked_at FROM api_keys ORDER BY created_at',
    )
    .all<KeyRow>();
  return results;
}

/** Whether there was such a key that was not revoked before. */
export async function revokeKey(database: KeyDatabase, id: string, now: number): Promise<boolean> {
  const { meta } = await database
    .prepare('UPDATE api_keys SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL')
    .bind(now, id)
    .run();
  return meta.changes > 0;
}
