/**
 * Reads what is left of an upload before any reply is sent. A reply while the client still writes
 * would be lost to it: the connection is reset and a 401 reads as "network error".
 */
import type { MiddlewareHandler } from 'hono';
import { drain } from '#edge/body';
import type { AppEnvironment } from '#edge/route';

export const drainBody: MiddlewareHandler<AppEnvironment> = async (c, next) => {
  await next();
  const { body, bodyUsed } = c.req.raw;
  if (body && !bodyUsed && !body.locked) await drain(body.getReader());
};
