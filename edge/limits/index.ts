/**
 * The door to the limits. Work asks first and is settled afterwards:
 *
 *   const { lease } = await admitRun(c, { kind: 'run', steps, images });   // throws 429, 403 or 503
 *   ... the run stores the lease, and when it ends it calls settle(settings, lease, usage)
 *   until that is acknowledged, however often it is killed in between ...
 *
 * A run that never settles gives its place back when its lease ends. Routes that do not say
 * `charges: 'itself'` are admitted by the guard, so that none can be forgotten.
 */
import type { Settings } from '#edge/env';
import { stubOf } from '#edge/keys/rpc';
import type { AppContext } from '#edge/route';
import { ApiError } from '#shared/errors';
import { LEASE_MARGIN_MS, LIMITER_WALL_MS } from '#shared/limits';
import { plans, UNITS_OF_IMAGE, UNITS_OF_TOOL, unitsOfRun } from '#shared/plans';
import { retryHeaders } from './headers.ts';
import type { Ask, Asked, Decision, Lease, Spent } from './terms.ts';

export type { Lease, Meter, Spent } from './terms.ts';

/** What is about to be done. `steps` and `images` are the most that the run of this id may have. */
export type Cost =
  | { readonly kind: 'run'; readonly run: string; readonly steps: number; readonly images: number }
  | { readonly kind: 'tool'; readonly runs: 'edge' | 'backend' }
  | { readonly kind: 'image' }
  | { readonly kind: 'request' };

/** What was admitted. With `earlier` no more than a look at that run, which the request means. */
export type Admission = { readonly lease: Lease; readonly earlier?: string };

/** @throws ApiError 429 by a limit, 403 beyond plan or key, 503 when the limiter does not answer. */
export async function admit(c: AppContext, cost: Exclude<Cost, { kind: 'run' }>): Promise<Lease> {
  return (await askFor(c, cost)).lease;
}

/** Like `admit`; `asked` is absent where the id of the run tells repetitions already. */
export function admitRun(c: AppContext, cost: Cost & { kind: 'run' }, asked?: Asked): Promise<Admission> {
  requireWithinPlan(c, cost);
  return askFor(c, cost, asked);
}

async function askFor(c: AppContext, cost: Cost, asked?: Asked): Promise<Admission> {
  const leaseMs = c.var.settings.RUN_WALL_MS + LEASE_MARGIN_MS;
  const ask = {
    kind: cost.kind,
    units: unitsOf(cost),
    ...(cost.kind === 'run' ? { run: cost.run, leaseMs } : {}),
    ...(asked ? { asked } : {}),
  };
  const decision = await decide(c, ask);
  if (!decision) {
    throw new ApiError(
      'limits_unavailable',
      'the limits of this key cannot be checked now, so no work is started; try again',
      { headers: retryHeaders(1_000) },
    );
  }
  return accepted(c, decision);
}

/** Books a read. A limiter that does not answer lets reads pass. */
export async function admitRead(c: AppContext): Promise<void> {
  const decision = await decide(c, { kind: 'read', units: 0 });
  if (decision) accepted(c, decision);
}

/**
 * Says what admitted work has used; `nothing` takes the admission back. For a run once, whoever
 * repeats it. Never throws: what could not be said stays booked at its most.
 * @returns whether the limiter has acknowledged it
 */
export async function settle(settings: Pick<Settings, 'KEYS'>, lease: Lease, spent: Spent): Promise<boolean> {
  for (let attempt = 0; attempt < 3; attempt++) {
    try {
      // A stub that has failed once stays broken: each attempt has its own.
      await stubOf(settings.KEYS, lease.keyId).settle(lease, spent);
      return true;
    } catch (error) {
      console.error(JSON.stringify({ level: 'error', event: 'settle.failed', cause: String(error) }));
    }
  }
  return false;
}

/** Admits, works, and takes the admission back when the work throws. */
export async function admitted<Result>(
  c: AppContext,
  cost: Exclude<Cost, { kind: 'run' }>,
  work: () => Promise<Result>,
): Promise<Result> {
  return onLease(c, await admit(c, cost), work);
}

/** Works on what was admitted, and takes the admission back when the work throws. */
export async function onLease<Result>(
  c: AppContext,
  lease: Lease,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    await settle(c.var.settings, lease, 'nothing');
    throw error;
  }
}

function unitsOf(cost: Cost): number {
  switch (cost.kind) {
    case 'run':
      return unitsOfRun(cost.steps);
    case 'tool':
      return UNITS_OF_TOOL[cost.runs];
    case 'image':
      return UNITS_OF_IMAGE;
    case 'request':
      return 0;
  }
}

function requireWithinPlan({ var: { principal } }: AppContext, cost: Cost & { kind: 'run' }): void {
  const plan = plans[principal.plan];
  const bounds = [
    ['max_steps', cost.steps, plan.stepsPerRun],
    ['images', cost.images, plan.imagesPerRun],
  ] as const;
  for (const [path, wished, most] of bounds) {
    if (wished <= most) continue;
    const message = `the plan ${principal.plan} allows at most ${most} ${path} for a run, got ${wished}`;
    throw new ApiError('not_allowed', message, { errors: [{ path, message }] });
  }
}

/** The limiter's answer; undefined when there is none. */
async function decide(
  c: AppContext,
  ask: Pick<Ask, 'kind' | 'units' | 'run' | 'leaseMs' | 'asked'>,
): Promise<Decision | undefined> {
  const { keyId, account, plan, client } = c.var.principal;
  const late = Promise.withResolvers<undefined>();
  const timer = setTimeout(late.resolve, LIMITER_WALL_MS, undefined);
  const asked = { ...ask, keyId, account, plan, ...(client ? { client } : {}) };
  try {
    return await Promise.race([stubOf(c.var.settings.KEYS, keyId).admit(asked), late.promise]);
  } catch (error) {
    console.error(JSON.stringify({ level: 'error', event: 'limiter.failed', cause: String(error) }));
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}

function accepted(c: AppContext, decision: Decision): Admission {
  c.set('meters', decision.meters);
  if (decision.ok) return decision;
  const { reason, violated, retryAfterMs } = decision;
  if (reason === 'token') {
    throw new ApiError('expired_token', 'this client token was revoked or has expired; ask for a new one', {
      headers: { 'www-authenticate': 'Bearer realm="taco-edge"' },
    });
  }
  const code = reason === 'quota' ? 'quota_exceeded' : 'rate_limited';
  const what = violated.join(' and ');
  throw new ApiError(
    code,
    retryAfterMs > 0
      ? `the limit of ${what} is reached; try again in ${Math.max(1, Math.ceil(retryAfterMs / 1000))} s`
      : `the limit of ${what} of this client token is reached; ask for a new one`,
    {
      headers: retryAfterMs > 0 ? retryHeaders(retryAfterMs) : {},
      extra: { 'violated-policies': violated },
    },
  );
}
