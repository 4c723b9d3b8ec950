/** What the route needs against what the key may do. A route that names no scope lets nobody in. */
import type { MiddlewareHandler } from 'hono';
import { requireScope } from '#edge/principal';
import type { AppEnvironment, Route } from '#edge/route';

export function authorize({ scope }: Pick<Route, 'scope'>): MiddlewareHandler<AppEnvironment> {
  return async (c, next) => {
    if (scope !== 'any') requireScope(c.var.principal, scope);
    await next();
  };
}
