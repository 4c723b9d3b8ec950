/** What the route needs against what the key may do. A route that names no scope lets nobody in. */
import type { MiddlewareHandler } from 'hono';
import type { AppEnvironment, Route } from '#edge/route';
import { ApiError } from '#shared/errors';

export function authorize({ scope }: Pick<Route, 'scope'>): MiddlewareHandler<AppEnvironment> {
  return async (c, next) => {
    const { scopes } = c.var.principal;
    if (scope === undefined || (scope !== 'any' && !scopes.includes(scope))) {
      throw new ApiError(
        'insufficient_scope',
        `expected a key with the scope ${scope ?? 'of this route'}; this one has ${scopes.join(', ')}`,
        { headers: { 'www-authenticate': `Bearer error="insufficient_scope", scope="${scope ?? ''}"` } },
      );
    }
    await next();
  };
}
