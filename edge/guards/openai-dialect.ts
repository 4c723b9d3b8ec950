/**
 * Marks the routes that OpenAI's clients call: `edge/guards/errors.ts` sends 400 there where it would
 * send 422. The place for headers that only those clients read, such as `x-ratelimit-*`.
 */
import type { MiddlewareHandler } from 'hono';
import type { AppEnvironment } from '#edge/route';

export const openAiDialect: MiddlewareHandler<AppEnvironment> = async (c, next) => {
  c.set('openAi', true);
  const started = Date.now();
  await next();
  c.res.headers.set('openai-processing-ms', String(Date.now() - started));
};
