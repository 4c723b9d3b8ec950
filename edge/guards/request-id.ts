/** An id for each request, in `x-request-id` and in every log line. A client's own id is only logged. */
import type { MiddlewareHandler } from 'hono';
import type { AppEnvironment } from '#edge/route';

export const requestId: MiddlewareHandler<AppEnvironment> = async (c, next) => {
  c.set('requestId', `req_${crypto.randomUUID().replaceAll('-', '')}`);
  await next();
  c.res.headers.set('x-request-id', c.var.requestId);
};
