/**
 * Before any key is looked at: a generous rate per address, by Cloudflare's own counters. They are
 * kept per location and not exact; what a key may do is counted elsewhere.
 */
import type { MiddlewareHandler } from 'hono';
import { addressOf, callerOf } from '#edge/addresses';
import { stubOf } from '#edge/keys/rpc';
import { retryHeaders } from '#edge/limits/headers';
import type { AppContext, AppEnvironment } from '#edge/route';
import { ApiError } from '#shared/errors';

const WINDOW_MS = 10_000;

export const limitAddress: MiddlewareHandler<AppEnvironment> = async (c, next) => {
  const caller = callerOf(addressOf(c) ?? '');
  // A counter that fails lets pass: the limits of keys still hold.
  const passes =
    caller === undefined ||
    (await c.var.settings.ADDRESS_RATE.limit({ key: caller }).then(
      ({ success }) => success,
      () => true,
    ));
  if (!passes) throw tooMany('too many requests from this address', WINDOW_MS);
  await next();
};

/** Counts a wrong key against its address. @throws ApiError 429 beyond the limit, in place of the 401. */
export async function countFailedKey(c: AppContext): Promise<void> {
  const caller = callerOf(addressOf(c) ?? '');
  if (caller === undefined) return;
  const waitMs = await stubOf(c.var.settings.ADDRESSES, caller)
    .fail()
    .catch(() => 0);
  if (waitMs > 0) throw tooMany('too many wrong keys from this address', waitMs);
}

function tooMany(message: string, waitMs: number): ApiError {
  return new ApiError('rate_limited', `${message}; try again in ${Math.ceil(waitMs / 1000)} s`, {
    headers: retryHeaders(waitMs),
  });
}
