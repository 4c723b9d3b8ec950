/** Bearer key to principal. A key whose checksum is wrong never reaches the database. */
import type { MiddlewareHandler } from 'hono';
import { addressOf, isWithin } from '#edge/addresses';
import { principalOf } from '#edge/principal';
import type { AppEnvironment } from '#edge/route';
import { verifyKey } from '#edge/storage/keys';
import { ApiError } from '#shared/errors';
import { countFailedKey } from './limit-address.ts';

const BEARER = /^Bearer +(\S{1,256}) *$/i;

export const authenticate: MiddlewareHandler<AppEnvironment> = async (c, next) => {
  const key = BEARER.exec(c.req.header('authorization') ?? '')?.[1];
  if (key === undefined) {
    throw unauthenticated(
      'expected the header "Authorization: Bearer taco_..."; make a key with `npm run keys -- create`',
    );
  }
  const record = await verifyKey(c.var.settings.DB, key, Date.now());
  if (!record) {
    await countFailedKey(c);
    throw unauthenticated(
      'this API key is malformed, unknown, revoked or expired; check it or make a new one',
    );
  }
  if (record.addresses && !isWithin(addressOf(c), record.addresses))
    throw new ApiError('not_allowed', 'this key may not be used from this address');
  c.set('principal', principalOf(record));
  await next();
};

function unauthenticated(message: string): ApiError {
  return new ApiError('invalid_api_key', message, {
    headers: { 'www-authenticate': 'Bearer realm="taco-edge"' },
  });
}
