/** API keys in D1. Shared by the Worker and `npm run keys`; a key itself is never stored. */
import * as z from 'zod';
import { type AppCheck, appCheck } from '#shared/api/keys';
import { type PlanName, planName, plans } from '#shared/plans';
import { DEFAULT_SCOPES, type Scope, scope } from '#shared/scopes';
import { equalDigests, sha256Hex } from './digest.ts';
import { generateKey, type KeyMode, keyIdOf } from './key-format.ts';

/** A tenant is a path segment of storage keys, hence the narrow form. */
export const TENANT_FORM = /^[a-z0-9][a-z0-9_-]{0,63}$/;

/** The part of D1 that is used here. */
export type KeyDatabase = Pick<D1Database, 'prepare'>;

/** What a key may do. A list that is absent restricts nothing. */
export type KeyGrant = {
  readonly scopes: readonly Scope[];
  readonly plan: PlanName;
  readonly tools?: readonly string[];
  readonly models?: readonly string[];
  /** Addresses and ranges in CIDR form. */
  readonly addresses?: readonly string[];
  readonly appCheck?: AppCheck;
  /** Milliseconds since 1970; a key without it never expires. */
  readonly expiresAt?: number;
};

export type KeyRecord = KeyGrant & {
  readonly id: string;
  readonly mode: KeyMode;
  readonly name: string;
  readonly tenant: string;
  readonly createdAt: number;
  readonly revokedAt?: number;
  readonly previousExpiresAt?: number;
  readonly lastUsedAt?: number;
};

export type NewKey = Partial<KeyGrant> & {
  readonly mode: KeyMode;
  readonly name: string;
  readonly tenant: string;
};

export type KeyStatus = 'active' | 'expired' | 'revoked';

export function statusOf(key: Pick<KeyRecord, 'revokedAt' | 'expiresAt'>, now: number): KeyStatus {
  if (key.revokedAt !== undefined) return 'revoked';
  return key.expiresAt !== undefined && key.expiresAt <= now ? 'expired' : 'active';
}

const COLUMNS =
  'id, mode, name, tenant, scopes, plan, tools, models, addresses, app_check, created_at, expires_at, revoked_at, previous_expires_at, last_used_at';

const list = z.string().transform((text): unknown => JSON.parse(text));
const names = list.pipe(z.array(z.string())).nullable();
const row = z.object({
  id: z.string(),
  mode: z.enum(['live', 'test']),
  name: z.string(),
  tenant: z.string(),
  scopes: list.pipe(z.array(scope)),
  plan: planName,
  tools: names,
  models: names,
  addresses: names,
  app_check: list.pipe(appCheck).nullable(),
  created_at: z.number(),
  expires_at: z.number().nullable(),
  revoked_at: z.number().nullable(),
  previous_expires_at: z.number().nullable(),
  last_used_at: z.number().nullable(),
});

/** Makes a key and stores its hash. The key is in the result and nowhere else. */
export async function createKey(
  database: KeyDatabase,
  wish: NewKey,
  now: number,
): Promise<{ id: string; key: string }> {
  const made = await tryCreateKey(database, wish, now);
  if (!made) throw new Error(`the tenant ${wish.tenant} has as many valid keys as its plan allows`);
  return made;
}

/** Like `createKey`; undefined when the tenant has as many valid keys as the plan of the new one allows. */
export async function tryCreateKey(
  database: KeyDatabase,
  wish: NewKey,
  now: number,
): Promise<{ id: string; key: string } | undefined> {
  const { mode, name, tenant, scopes = DEFAULT_SCOPES, plan = 'free' } = wish;
  if (!TENANT_FORM.test(tenant)) {
    throw new Error(`a tenant is 1 to 64 of a-z, 0-9, _ and -, got ${JSON.stringify(tenant)}`);
  }
  const { id, key } = generateKey(mode);
  // Counted and inserted in one statement: two requests at once make no key too many.
  const { meta } = await database
    .prepare(
      `INSERT INTO api_keys
        (id, hash, mode, name, tenant, scopes, plan, tools, models, addresses, app_check, created_at, expires_at)
        SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13
        WHERE (SELECT count(*) FROM api_keys WHERE tenant = ?5 AND revoked_at IS NULL
          AND (expires_at IS NULL OR expires_at > ?12)) < ?14`,
    )
    .bind(
      id,
      await sha256Hex(key),
      mode,
      name,
      tenant,
      JSON.stringify(scopes),
      plan,
      ...[wish.tools, wish.models, wish.addresses, wish.appCheck].map(jsonOrNull),
      now,
      wish.expiresAt ?? null,
      plans[plan].keysPerTenant,
    )
    .run();
  return meta.changes > 0 ? { id, key } : undefined;
}

/** Whose key it is and what it may do; undefined when it is malformed, unknown, revoked or expired. */
export async function verifyKey(
  database: KeyDatabase,
  key: string,
  now: number,
): Promise<KeyRecord | undefined> {
  const id = keyIdOf(key);
  if (id === undefined) return undefined;
  const found = await database
    .prepare(`SELECT ${COLUMNS}, hash, previous_hash FROM api_keys WHERE id = ?`)
    .bind(id)
    .first<Record<string, unknown> & { hash: string; previous_hash: string | null }>();
  if (!found) return undefined;
  const record = recordOf(found);
  const hash = await sha256Hex(key);
  // Both are compared in any case, so that the time tells nothing of a rotation.
  const isCurrent = equalDigests(found.hash, hash);
  const isPrevious = equalDigests(found.previous_hash ?? '', hash) && (record.previousExpiresAt ?? 0) > now;
  return (isCurrent || isPrevious) && statusOf(record, now) === 'active' ? record : undefined;
}

/** The key of that id if it is active: what stands behind a client token. */
export async function activeKey(
  database: KeyDatabase,
  id: string,
  now: number,
): Promise<KeyRecord | undefined> {
  const record = await findKeyAnywhere(database, id);
  return record && statusOf(record, now) === 'active' ? record : undefined;
}

/** The key of that id if it belongs to the tenant, whatever its state. */
export async function findKey(
  database: KeyDatabase,
  tenant: string,
  id: string,
): Promise<KeyRecord | undefined> {
  const key = await findKeyAnywhere(database, id);
  return key?.tenant === tenant ? key : undefined;
}

/** For the operator, who has no tenant. */
export async function findKeyAnywhere(database: KeyDatabase, id: string): Promise<KeyRecord | undefined> {
  const found = await database.prepare(`SELECT ${COLUMNS} FROM api_keys WHERE id = ?`).bind(id).first();
  return found ? recordOf(found) : undefined;
}

/** All keys, or those of one tenant, from the oldest. */
export async function listKeys(database: KeyDatabase, tenant?: string): Promise<KeyRecord[]> {
  const { results } = await database
    .prepare(`SELECT ${COLUMNS} FROM api_keys WHERE ?1 IS NULL OR tenant = ?1 ORDER BY created_at, id`)
    .bind(tenant ?? null)
    .all();
  return results.map(recordOf);
}

/** Whether there was such a key that was not revoked before. */
export async function revokeKey(database: KeyDatabase, id: string, now: number): Promise<boolean> {
  const { meta } = await database
    .prepare('UPDATE api_keys SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL')
    .bind(now, id)
    .run();
  return meta.changes > 0;
}

export function jsonOrNull(value: unknown): string | null {
  return value === undefined ? null : JSON.stringify(value);
}

function recordOf(found: Record<string, unknown>): KeyRecord {
  const key = row.parse(found);
  return {
    id: key.id,
    mode: key.mode,
    name: key.name,
    tenant: key.tenant,
    scopes: key.scopes,
    plan: key.plan,
    createdAt: key.created_at,
    ...present('tools', key.tools),
    ...present('models', key.models),
    ...present('addresses', key.addresses),
    ...present('appCheck', key.app_check),
    ...present('expiresAt', key.expires_at),
    ...present('revokedAt', key.revoked_at),
    ...present('previousExpiresAt', key.previous_expires_at),
    ...present('lastUsedAt', key.last_used_at),
  };
}

/** `{name: value}`, or nothing for NULL: an absent member, as everywhere in the API. */
function present<Name extends string, Value>(name: Name, value: Value | null): Partial<Record<Name, Value>> {
  return value === null ? {} : ({ [name]: value } as Record<Name, Value>);
}
