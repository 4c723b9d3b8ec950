/** The guards in their order, and the routes. Nothing else. */
import { Hono } from 'hono';
import { authenticate } from './guards/authenticate.ts';
import { authorize } from './guards/authorize.ts';
import { cors, options } from './guards/cors.ts';
import { drainBody } from './guards/drain-body.ts';
import { answerError } from './guards/errors.ts';
import { identityEncoding } from './guards/identity-encoding.ts';
import { limit, limitHeaders } from './guards/limit.ts';
import { limitAddress } from './guards/limit-address.ts';
import { openAiDialect } from './guards/openai-dialect.ts';
import { requestId } from './guards/request-id.ts';
import { safeHeaders } from './guards/safe-headers.ts';
import { serverTiming } from './guards/server-timing.ts';
import { settings } from './guards/settings.ts';
import { methodNotAllowed, notFound } from './guards/unrouted.ts';
import type { AppEnvironment } from './route.ts';
import { routes } from './routes/index.ts';

export function createApp(): Hono<AppEnvironment> {
  const app = new Hono<AppEnvironment>();
  app.onError(answerError);
  app.notFound(notFound);
  app.use(
    requestId,
    serverTiming,
    safeHeaders,
    drainBody,
    limitHeaders,
    settings,
    cors,
    limitAddress,
    identityEncoding,
  );

  for (const route of routes) {
    const dialect = route.openAi ? [openAiDialect] : [];
    const guards = route.isPublic ? [] : [authenticate, authorize(route), limit(route)];
    app.on([route.method], [route.path], ...dialect, ...guards, route.handler);
  }
  for (const [path, methods] of Map.groupBy(routes, (route) => route.path)) {
    const allowed = methods.flatMap(({ method }) => (method === 'GET' ? ['GET', 'HEAD'] : [method]));
    app.options(path, options(allowed));
    app.all(path, methodNotAllowed(allowed));
  }
  return app;
}
