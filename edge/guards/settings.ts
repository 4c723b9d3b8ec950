/** The Worker's settings, parsed once per request. */
import type { MiddlewareHandler } from 'hono';
import { readEnvironment } from '#edge/env';
import type { AppEnvironment } from '#edge/route';

export const settings: MiddlewareHandler<AppEnvironment> = async (c, next) => {
  c.set('settings', readEnvironment(c.env));
  await next();
};
