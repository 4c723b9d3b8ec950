/**
 * Which pages may call: those whose origin the key lists. A preflight carries no key, so it is answered for
 * an origin that any key lists; whether the key at hand does decides on the call itself.
 */
import type { Handler, MiddlewareHandler } from 'hono';
import type { AppContext, AppEnvironment } from '#edge/route';
import { originAllowed } from '#edge/storage/key-web';

/** A wildcard counts for nothing beside `authorization`, so each header of the SDKs is named. */
const STAINLESS = [
  'arch',
  'async',
  'custom-poll-interval',
  'helper-method',
  'lang',
  'os',
  'package-version',
  'poll-helper',
  'retry-count',
  'runtime',
  'runtime-version',
  'timeout',
].map((name) => `x-stainless-${name}`);
const REQUEST_HEADERS = [
  'authorization',
  'content-type',
  'idempotency-key',
  'if-match',
  'if-none-match',
  'last-event-id',
  'mcp-protocol-version',
  'openai-beta',
  'openai-organization',
  'openai-project',
  'prefer',
  'user-agent',
  'x-app-instance',
  'x-client-request-id',
  'x-key-id',
  ...STAINLESS,
].join(', ');
const REPLY_HEADERS = [
  'etag',
  'idempotent-replayed',
  'location',
  'openai-processing-ms',
  'preference-applied',
  'ratelimit',
  'ratelimit-policy',
  'retry-after',
  'retry-after-ms',
  'server-timing',
  'www-authenticate',
  'x-request-id',
  'x-should-retry',
  ...['limit', 'remaining', 'reset'].flatMap((what) => [
    `x-ratelimit-${what}-requests`,
    `x-ratelimit-${what}-tokens`,
  ]),
].join(', ');
const ORIGIN_CHARS_MAX = 300;
const PREFLIGHT_AGE_S = '600';

export const cors: MiddlewareHandler<AppEnvironment> = async (c, next) => {
  await next();
  const origin = originOf(c);
  if (origin === undefined || c.req.method === 'OPTIONS') return;
  c.res.headers.append('vary', 'origin');
  // A refused key has set no principal; the page may still read that it was refused.
  const keyId = (c.var as Partial<AppEnvironment['Variables']>).principal?.keyId;
  if (!(await originAllowed(c.var.settings.DB, origin, keyId))) return;
  c.res.headers.set('access-control-allow-origin', origin);
  c.res.headers.set('access-control-expose-headers', REPLY_HEADERS);
};

/** OPTIONS: says which methods there are and, to a page that some key lists, that it may call them. */
export function options(allowed: readonly string[]): Handler<AppEnvironment> {
  const allow = [...allowed, 'OPTIONS'].join(', ');
  return async (c) => {
    const origin = originOf(c);
    const granted = origin !== undefined && (await originAllowed(c.var.settings.DB, origin));
    if (!granted) return c.body(null, 204, { allow, vary: 'origin' });
    return c.body(null, 204, {
      allow,
      vary: 'origin',
      'access-control-allow-origin': origin,
      'access-control-allow-methods': allow,
      'access-control-allow-headers': REQUEST_HEADERS,
      'access-control-max-age': PREFLIGHT_AGE_S,
    });
  };
}

function originOf(c: AppContext): string | undefined {
  const origin = c.req.header('origin');
  return origin !== undefined && origin.length <= ORIGIN_CHARS_MAX ? origin : undefined;
}
