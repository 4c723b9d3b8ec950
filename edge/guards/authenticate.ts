/** Bearer key or token to principal. A key whose checksum is wrong never reaches the database. */
import type { MiddlewareHandler } from 'hono';
import { addressOf, isWithin } from '#edge/addresses';
import { type Principal, principalOf } from '#edge/principal';
import type { AppContext, AppEnvironment } from '#edge/route';
import { verifyKey } from '#edge/storage/keys';
import { principalOfToken } from '#edge/tokens/principal';
import { ApiError, type ErrorCode } from '#shared/errors';
import { countFailedKey } from './limit-address.ts';

const BEARER = /^Bearer +(\S{1,4096}) *$/i;
const JWT = /^[\w-]+\.[\w-]+\.[\w-]*$/;

export const authenticate: MiddlewareHandler<AppEnvironment> = async (c, next) => {
  const credential = BEARER.exec(c.req.header('authorization') ?? '')?.[1];
  if (credential === undefined) {
    throw unauthenticated(
      'expected the header "Authorization: Bearer taco_..."; make a key with `npm run keys -- create`',
    );
  }
  c.set('principal', JWT.test(credential) ? await ofToken(c, credential) : await ofKey(c, credential));
  await next();
};

async function ofKey(c: AppContext, key: string): Promise<Principal> {
  const record = await verifyKey(c.var.settings.DB, key, Date.now());
  if (!record) {
    await countFailedKey(c);
    throw unauthenticated(
      'this API key is malformed, unknown, revoked or expired; check it or make a new one',
    );
  }
  if (record.addresses && !isWithin(addressOf(c), record.addresses))
    throw new ApiError('not_allowed', 'this key may not be used from this address');
  return principalOf(record);
}

/** The addresses of a key are those of its server; its apps are anywhere. */
async function ofToken(c: AppContext, token: string): Promise<Principal> {
  const app = { keyId: c.req.header('x-key-id'), instance: c.req.header('x-app-instance') };
  const found = await principalOfToken(c.var.settings, token, app, Date.now());
  if (typeof found === 'object') return found;
  // An app with a token of an hour ago tries no doors.
  if (found === 'expired') throw unauthenticated('this token has expired; get a new one', 'expired_token');
  await countFailedKey(c);
  if (found === 'unattested') {
    throw new ApiError(
      'attestation_failed',
      'expected a token of App Check by the issuer of this key, and an x-app-instance of 16 to 128 characters',
    );
  }
  throw unauthenticated('this token is malformed, or its key is unknown, revoked or expired; get a new one');
}

function unauthenticated(message: string, code: ErrorCode = 'invalid_api_key'): ApiError {
  return new ApiError(code, message, {
    headers: { 'www-authenticate': 'Bearer realm="taco-edge"' },
  });
}
