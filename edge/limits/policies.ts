/** The limits of a plan by name, as they stand in the headers. */
import type { Plan } from '#shared/plans';
import type { Rate } from './gcra.ts';
import type { Kind, RateName } from './terms.ts';

const MINUTE_MS = 60_000;

type RatePolicy = {
  readonly name: RateName;
  rateOf(plan: Plan): Rate;
  /** Units that a request takes from it; undefined where it has no say. */
  unitsOf(request: {
    readonly kind: Kind;
    readonly units: number;
    readonly subject: boolean;
  }): number | undefined;
};

const perMinute = (quota: number): Rate => ({ quota, windowMs: MINUTE_MS });

export const ratePolicies: readonly RatePolicy[] = [
  {
    name: 'requests',
    rateOf: (plan) => perMinute(plan.requestsPerMinute),
    unitsOf: ({ kind }) => (kind === 'read' ? undefined : 1),
  },
  {
    name: 'units',
    rateOf: (plan) => perMinute(plan.unitsPerMinute),
    unitsOf: ({ kind, units }) => (kind === 'read' || kind === 'request' ? undefined : units),
  },
  {
    name: 'reads',
    rateOf: (plan) => perMinute(plan.readsPerMinute),
    unitsOf: ({ kind }) => (kind === 'read' ? 1 : undefined),
  },
  {
    name: 'subject',
    rateOf: (plan) => perMinute(plan.subjectRequestsPerMinute),
    unitsOf: ({ kind, subject }) => (subject && kind !== 'read' ? 1 : undefined),
  },
];

export type QuotaName = 'day' | 'month';
export const QUOTA_NAMES: readonly QuotaName[] = ['day', 'month'];

/** Quotas count in calendar days and months, UTC. */
export function quotaOf(name: QuotaName, plan: Plan, now: number) {
  const at = new Date(now);
  const [year, month, day] = [at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate()];
  const starts = name === 'day' ? Date.UTC(year, month, day) : Date.UTC(year, month);
  const ends = name === 'day' ? Date.UTC(year, month, day + 1) : Date.UTC(year, month + 1);
  return {
    name,
    period: `${name} ${isoDay(starts)}`,
    quota: name === 'day' ? plan.unitsPerDay : plan.unitsPerMonth,
    windowS: (ends - starts) / 1000,
    leftMs: ends - now,
  };
}

/** The day (UTC) of a time, as 2026-11-22. */
export function isoDay(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}
