/** The limits of a plan by name, as they stand in the headers. */
import { ATTESTED_SHARE, type Plan } from '#shared/plans';
import type { Rate } from './gcra.ts';
import type { Client, Kind, RateName } from './terms.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

type RatePolicy = {
  readonly name: RateName;
  rateOf(plan: Plan, client?: Client): Rate;
  /** Units that a request takes from it; undefined where it has no say. */
  unitsOf(request: {
    readonly kind: Kind;
    readonly units: number;
    readonly client?: Client;
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
    unitsOf: ({ kind, client }) => (client && kind !== 'read' ? 1 : undefined),
  },
  {
    name: 'subject-reads',
    rateOf: (plan) => perMinute(plan.subjectReadsPerMinute),
    unitsOf: ({ kind, client }) => (client && kind === 'read' ? 1 : undefined),
  },
  // New installations cost their issuer's attestation and no more, so all of them have a bucket together.
  {
    name: 'app',
    rateOf: (plan) => perMinute(Math.ceil(plan.requestsPerMinute * ATTESTED_SHARE)),
    unitsOf: ({ kind, client }) => (client?.attested && kind !== 'read' ? 1 : undefined),
  },
  {
    name: 'app-reads',
    rateOf: (plan) => perMinute(Math.ceil(plan.readsPerMinute * ATTESTED_SHARE)),
    unitsOf: ({ kind, client }) => (client?.attested && kind === 'read' ? 1 : undefined),
  },
  {
    name: 'app-units',
    rateOf: (_, client) => appUnits(client?.attested?.unitsPerDay ?? 0),
    unitsOf: ({ kind, units, client }) =>
      client?.attested && kind !== 'read' && kind !== 'request' ? units : undefined,
  },
];

/** Of all installations of an attested app together. */
export function appUnits(unitsPerDay: number): Rate {
  return { quota: unitsPerDay, windowMs: DAY_MS };
}

/** Subjects have buckets of their own. */
export function bucketOf(name: RateName, client: Client | undefined): string {
  return name === 'subject' || name === 'subject-reads' ? `${name} ${client?.subject}` : name;
}

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
