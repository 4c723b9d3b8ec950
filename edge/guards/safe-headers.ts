/** No reply is sniffed for another type, framed, or kept by a cache, unless its route says so. */
import type { MiddlewareHandler } from 'hono';
import type { AppEnvironment } from '#edge/route';

export const safeHeaders: MiddlewareHandler<AppEnvironment> = async (c, next) => {
  await next();
  c.res.headers.set('x-content-type-options', 'nosniff');
  if (!c.res.headers.has('content-security-policy'))
    c.res.headers.set('content-security-policy', "default-src 'none'; frame-ancestors 'none'");
  if (!c.res.headers.has('cache-control')) c.res.headers.set('cache-control', 'no-store');
};
