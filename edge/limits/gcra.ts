/**
 * The generic cell rate algorithm, on any number of units. A bucket is one debt that is paid off at a
 * constant rate: `quota` units per window. Whole numbers throughout, so that nothing is lost to rounding.
 */

export type Rate = { readonly quota: number; readonly windowMs: number };

/** `debt` is in units times windowMs, as it was at the time `at` (ms). */
export type Bucket = { readonly debt: number; readonly at: number };

export type Take = {
  readonly allowed: boolean;
  /** As it is afterwards; unchanged when not allowed. */
  readonly bucket: Bucket;
  /** Whole units that could be taken next. */
  readonly remaining: number;
  /** Until this cost would be allowed; 0 when it was. Infinite for more than a whole quota. */
  readonly retryAfterMs: number;
  /** Until the whole quota is there again. */
  readonly resetMs: number;
};

/** Takes `units` (0 or more; 0 only looks) if they are there now. */
export function take(rate: Rate, bucket: Bucket | undefined, units: number, now: number): Take {
  const { quota, windowMs } = rate;
  const debt = debtAt(rate, bucket, now);
  const wanted = debt + units * windowMs;
  const excess = wanted - quota * windowMs;
  const allowed = excess <= 0 || units === 0;
  const after = allowed ? wanted : debt;
  return {
    allowed,
    bucket: { debt: after, at: Math.max(now, bucket?.at ?? now) },
    remaining: Math.max(0, Math.floor((quota * windowMs - after) / windowMs)),
    retryAfterMs: allowed ? 0 : units > quota ? Number.POSITIVE_INFINITY : Math.ceil(excess / quota),
    resetMs: Math.ceil(after / quota),
  };
}

/**
 * Corrects what was taken `heldMs` ago by `units`: less than 0 gives back. What time has paid off
 * meanwhile is not given back as well, or more than the quota would get through.
 */
export function correct(
  rate: Rate,
  bucket: Bucket | undefined,
  units: number,
  heldMs: number,
  now: number,
): Bucket {
  const owed = units * rate.windowMs;
  const change = owed < 0 ? Math.min(0, owed + heldMs * rate.quota) : owed;
  return { debt: Math.max(0, debtAt(rate, bucket, now) + change), at: Math.max(now, bucket?.at ?? now) };
}

/** A clock that was set back changes nothing until it has caught up. */
function debtAt({ quota }: Rate, bucket: Bucket | undefined, now: number): number {
  if (!bucket) return 0;
  return Math.max(0, bucket.debt - Math.max(0, now - bucket.at) * quota);
}
