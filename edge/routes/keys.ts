/**
 * /v1/keys, for keys with the scope keys:admin: they see and change the keys of their own tenant, and
 * hand out no more than they have. Another tenant's key does not exist here.
 */
import { invalidRequest, readJsonBody } from '#edge/body';
import { excessOf, faultsOf } from '#edge/keys/grant';
import { keyView } from '#edge/keys/view';
import type { AppContext, Route } from '#edge/route';
import { rotateKey, updateKey } from '#edge/storage/key-changes';
import { allowImageHosts, allowOrigins, webOf } from '#edge/storage/key-web';
import {
  activeKey,
  findKey,
  type KeyGrant,
  type KeyRecord,
  listKeys,
  revokeKey,
  statusOf,
  tryCreateKey,
} from '#edge/storage/keys';
import { type ApiKey, type KeyChange, keyChange, keyId, keyRequest, rotation } from '#shared/api/keys';
import { ApiError } from '#shared/errors';
import { plans } from '#shared/plans';

const scope = 'keys:admin';

export const postKeys: Route = {
  method: 'POST',
  path: '/v1/keys',
  scope,
  handler: async (c) => {
    const { settings, principal } = c.var;
    const now = Date.now();
    const { name, mode, ...wish } = await readJsonBody(c, keyRequest);
    const own = await ownKey(c, now);
    const grant = grantOf({ ...wish, plan: wish.plan ?? own.plan });
    check(grant, own, now);
    const made = await tryCreateKey(settings.DB, { ...grant, name, mode, tenant: principal.account }, now);
    if (!made) {
      throw new ApiError(
        'quota_exceeded',
        `the plan ${grant.plan} has ${plans[grant.plan].keysPerTenant} valid keys at most; revoke one first`,
      );
    }
    await allowWeb(c, made.id, wish);
    const key = await existing(c, made.id);
    return c.json({ ...(await viewOf(c, key)), key: made.key }, 201, { location: `/v1/keys/${key.id}` });
  },
};

export const getKeys: Route = {
  method: 'GET',
  path: '/v1/keys',
  scope,
  handler: async (c) => {
    const keys = await listKeys(c.var.settings.DB, c.var.principal.account);
    const web = await webOf(
      c.var.settings.DB,
      keys.map(({ id }) => id),
    );
    return c.json({ object: 'list', data: keys.map((key) => keyView(key, Date.now(), web.get(key.id))) });
  },
};

export const getKey: Route = {
  method: 'GET',
  path: '/v1/keys/:id',
  scope,
  handler: async (c) => c.json(await viewOf(c, await existing(c))),
};

export const patchKey: Route = {
  method: 'PATCH',
  path: '/v1/keys/:id',
  scope,
  handler: async (c) => {
    const now = Date.now();
    const change = await readJsonBody(c, keyChange);
    const [before, own] = await Promise.all([existing(c), ownKey(c, now)]);
    const after = changed(before, change);
    check(after, own, now);
    // What has expired or was revoked stays so.
    if (statusOf(before, now) !== 'active' || !(await updateKey(c.var.settings.DB, after))) throw notActive();
    await allowWeb(c, after.id, change);
    return c.json(await viewOf(c, after));
  },
};

export const deleteKey: Route = {
  method: 'DELETE',
  path: '/v1/keys/:id',
  scope,
  handler: async (c) => {
    const { id } = await existing(c);
    await revokeKey(c.var.settings.DB, id, Date.now());
    return c.body(null, 204);
  },
};

export const postRotation: Route = {
  method: 'POST',
  path: '/v1/keys/:id/rotate',
  scope,
  handler: async (c) => {
    const now = Date.now();
    const { grace_s } = await readJsonBody(c, rotation);
    const [before, own] = await Promise.all([existing(c), ownKey(c, now)]);
    // Whoever rotates a key holds it: so it must be none that has more.
    check(before, own, 0);
    const key = await rotateKey(c.var.settings.DB, before, grace_s * 1000, now);
    if (key === undefined) throw notActive();
    return c.json({ ...(await viewOf(c, await existing(c))), key });
  },
};

async function ownKey(c: AppContext, now: number): Promise<KeyRecord> {
  const own = await activeKey(c.var.settings.DB, c.var.principal.keyId, now);
  if (!own) throw notActive();
  return own;
}

async function existing(c: AppContext, text = c.req.param('id')): Promise<KeyRecord> {
  const id = keyId.safeParse(text);
  const key = id.success && (await findKey(c.var.settings.DB, c.var.principal.account, id.data));
  if (!key) throw new ApiError('not_found', 'there is no such key');
  return key;
}

async function viewOf(c: AppContext, key: KeyRecord): Promise<ApiKey> {
  const web = await webOf(c.var.settings.DB, [key.id]);
  return keyView(key, Date.now(), web.get(key.id));
}

/** Pages and image hosts reach no data of another key, so a key may allow what it is not allowed itself. */
async function allowWeb(
  c: AppContext,
  id: string,
  { origins, image_hosts, clear = [] }: Pick<KeyChange, 'origins' | 'image_hosts' | 'clear'>,
): Promise<void> {
  const pages = clear.includes('origins') ? [] : origins;
  const hosts = clear.includes('image_hosts') ? [] : image_hosts;
  if (pages) await allowOrigins(c.var.settings.DB, id, pages);
  if (hosts) await allowImageHosts(c.var.settings.DB, id, hosts);
}

/** @throws ApiError 422 for what is no grant, 403 for more than the calling key has. */
function check(grant: KeyGrant, own: KeyGrant, now: number): void {
  const faults = faultsOf(grant, now);
  if (faults.length > 0) throw invalidRequest(faults);
  const excess = excessOf(grant, own);
  if (excess.length === 0) return;
  const { message, errors } = invalidRequest(excess);
  throw new ApiError('not_allowed', message, { errors });
}

type Wish = Pick<KeyChange, 'tools' | 'models' | 'addresses' | 'expires_at' | 'app_check'> &
  Pick<KeyGrant, 'scopes' | 'plan'>;

function grantOf({ scopes, plan, tools, models, addresses, expires_at, app_check }: Wish): KeyGrant {
  return {
    scopes: [...new Set(scopes)],
    plan,
    ...(tools ? { tools } : {}),
    ...(models ? { models } : {}),
    ...(addresses ? { addresses } : {}),
    ...(app_check ? { appCheck: app_check } : {}),
    ...(expires_at === undefined ? {} : { expiresAt: Date.parse(expires_at) }),
  };
}

const CLEARED = {
  tools: 'tools',
  models: 'models',
  addresses: 'addresses',
  expires_at: 'expiresAt',
  app_check: 'appCheck',
} as const;

function changed(before: KeyRecord, { clear = [], name, ...change }: KeyChange): KeyRecord {
  const wish = { ...change, scopes: change.scopes ?? before.scopes, plan: change.plan ?? before.plan };
  const after = { ...before, ...(name === undefined ? {} : { name }), ...grantOf(wish) };
  return clear.reduce(
    (key, field) => (field === 'origins' || field === 'image_hosts' ? key : without(key, CLEARED[field])),
    after,
  );
}

function without(key: KeyRecord, field: (typeof CLEARED)[keyof typeof CLEARED]): KeyRecord {
  const { [field]: _, ...rest } = key;
  return rest;
}

function notActive(): ApiError {
  return new ApiError(
    'key_not_active',
    'this key is revoked or expired, or was rotated a moment ago; look at it again',
  );
}
