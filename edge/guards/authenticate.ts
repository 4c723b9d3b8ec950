/** Bearer key to principal. A key whose checksum is wrong never reaches the database. */
import type { MiddlewareHandler } from 'hono';
import type { AppEnvironment } from '#edge/route';
import { verifyKey } from '#edge/storage/keys';
import { ApiError } from '#shared/errors';

const BEARER = /^Bearer +(\S{1,256}) *$/i;

export const authenticate: MiddlewareHandler<AppEnvironment> = async (c, next) => {
  const key = BEARER.exec(c.req.header('authorization') ?? '')?.[1];
  if (key === undefined) {
    throw refused(
      'expected the header "Authorization: Bearer taco_..."; make a key with `npm run keys -- create`',
    );
  }
  const principal = await verifyKey(c.var.settings.DB, key, Date.now());
  if (!principal)
    throw refused('this API key is malformed, unknown, revoked or expired; check it or make a new one');
  c.set('principal', principal);
  await next();
};

function refused(message: string): ApiError {
  return new ApiError('invalid_api_key', message, {
    headers: { 'www-authenticate': 'Bearer realm="taco-edge"' },
  });
}
