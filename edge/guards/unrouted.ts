/** Replies for paths and methods that have no route. */
import type { Context, Handler } from 'hono';
import type { AppEnvironment } from '#edge/route';
import { ApiError } from '#shared/errors';

export function notFound(c: Context<AppEnvironment>): never {
  throw new ApiError('not_found', `there is no ${c.req.path.slice(0, 200)}; the endpoints begin with /v1/`);
}

export function methodNotAllowed(allowed: readonly string[]): Handler<AppEnvironment> {
  const allow = allowed.join(', ');
  return (c) => {
    throw new ApiError('method_not_allowed', `expected ${allow}, got ${c.req.method}`, {
      headers: { allow },
    });
  };
}
