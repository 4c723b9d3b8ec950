/**
 * GET /v1/usage: what was used, by day or key; a key sees its own, an administrator its tenant's.
 * GET /v1/limits: what stands of the caller's own limits.
 */
import { invalidRequest } from '#edge/body';
import { stubOf } from '#edge/keys/rpc';
import { isoDay } from '#edge/limits/policies';
import type { AppContext, Route } from '#edge/route';
import { sumUsage, type UsageGroup } from '#edge/storage/usage';
import { type LimitsState, type Usage, usageQuery } from '#shared/api/usage';
import { ApiError } from '#shared/errors';

const DAYS_DEFAULT = 30;
const DAY_MS = 24 * 60 * 60 * 1000;

export const getUsage: Route = {
  method: 'GET',
  path: '/v1/usage',
  scope: 'usage:read',
  handler: async (c) => {
    const { from, to, groups } = spanOf(c);
    const { keyId, account, scopes } = c.var.principal;
    const own = scopes.includes('keys:admin') ? {} : { keyId };
    const data = await sumUsage(c.var.settings.DB, { tenant: account, ...own, from, to, groups });
    const body: Usage = { object: 'usage', from, to, data };
    return c.json(body);
  },
};

export const getLimits: Route = {
  method: 'GET',
  path: '/v1/limits',
  scope: 'any',
  handler: async (c) => {
    const { keyId, plan, client } = c.var.principal;
    const meters = await stubOf(c.var.settings.KEYS, keyId)
      .meters(plan, client)
      .catch((cause: unknown) => {
        throw new ApiError('limits_unavailable', 'the limits of this key cannot be read now; try again', {
          cause,
        });
      });
    const body: LimitsState = {
      object: 'limits',
      plan,
      data: meters.map(({ name, quota, windowS, remaining, resetS }) => ({
        name,
        quota,
        ...(windowS === undefined ? {} : { window_s: windowS }),
        remaining,
        reset_s: resetS,
      })),
    };
    return c.json(body);
  },
};

function spanOf(c: AppContext): { from: string; to: string; groups: UsageGroup[] } {
  const first = usageQuery.safeParse(c.req.query());
  if (!first.success) throw invalidRequest(first.error.issues);
  const { to = isoDay(Date.now()), group_by } = first.data;
  const from = first.data.from ?? isoDay(Date.parse(to) - (DAYS_DEFAULT - 1) * DAY_MS);
  // Again, now that the defaults are known.
  const whole = usageQuery.safeParse({ from, to });
  if (!whole.success) throw invalidRequest(whole.error.issues);
  return { from, to, groups: group_by.split(',') as UsageGroup[] };
}
