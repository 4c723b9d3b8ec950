/**
 * Marks the routes that OpenAI's clients call: `edge/guards/errors.ts` sends 400 there where it would
 * send 422, and headers that only those clients read, such as `x-ratelimit-*`, are set here.
 */
import type { MiddlewareHandler } from 'hono';
import { openAiHeaders } from '#edge/limits/headers';
import type { AppEnvironment } from '#edge/route';

export const openAiDialect: MiddlewareHandler<AppEnvironment> = async (c, next) => {
  c.set('openAi', true);
  const started = Date.now();
  await next();
  const headers = {
    ...openAiHeaders(c.get('meters') ?? []),
    'openai-processing-ms': String(Date.now() - started),
  };
  for (const [name, value] of Object.entries(headers)) c.res.headers.set(name, value);
};
