/** Each request against the limits of its key; what stands is told in the headers of every reply. */
import type { MiddlewareHandler } from 'hono';
import { rateLimitHeaders } from '#edge/limits/headers';
import { admit, admitRead } from '#edge/limits/index';
import type { AppEnvironment, Route } from '#edge/route';

export function limit({
  method,
  charges,
}: Pick<Route, 'method' | 'charges'>): MiddlewareHandler<AppEnvironment> {
  return async (c, next) => {
    if (method === 'GET') await admitRead(c);
    else if (charges !== 'itself') await admit(c, { kind: 'request' });
    await next();
  };
}

/** Outside of the guards that refuse, so that refusals carry the headers too. */
export const limitHeaders: MiddlewareHandler<AppEnvironment> = async (c, next) => {
  await next();
  for (const [name, value] of Object.entries(rateLimitHeaders(c.get('meters') ?? [])))
    c.res.headers.set(name, value);
};
