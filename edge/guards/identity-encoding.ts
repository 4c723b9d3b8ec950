/** Refuses compressed bodies: nothing inflates them here, and a small one could become a large one. */
import type { MiddlewareHandler } from 'hono';
import type { AppEnvironment } from '#edge/route';
import { ApiError } from '#shared/errors';

export const identityEncoding: MiddlewareHandler<AppEnvironment> = async (c, next) => {
  const encoding = c.req.header('content-encoding')?.trim().toLowerCase();
  if (encoding && encoding !== 'identity') {
    throw new ApiError(
      'unsupported_encoding',
      'expected a body without content-encoding; send it uncompressed',
    );
  }
  await next();
};
