/**
 * The plans, one row each, and what work costs. A cost unit is one step of the planner, with the tool
 * that it calls; a call of one backend tool or the intake of one image costs as much.
 */
import * as z from 'zod';

export type Plan = {
  /** A key hands out no plan of a higher rank than its own. */
  readonly rank: number;
  /** Requests that work or change something; as many may come at once. */
  readonly requestsPerMinute: number;
  readonly unitsPerMinute: number;
  /** GET and HEAD, polling included. */
  readonly readsPerMinute: number;
  readonly unitsPerDay: number;
  readonly unitsPerMonth: number;
  readonly concurrentRuns: number;
  readonly imagesPerRun: number;
  readonly stepsPerRun: number;
  /** Of one user of an app, who comes with a client token. */
  readonly subjectRequestsPerMinute: number;
  /** Its reads, so that one user's polling leaves reads to the others. */
  readonly subjectReadsPerMinute: number;
  /** Keys of one tenant that are valid at a time: each has limits of its own. */
  readonly keysPerTenant: number;
  /** Documents that the tenant may keep to be looked up in; the plan of the key that adds one counts. */
  readonly documentsPerTenant: number;
};

export const planName = z.enum(['free', 'pro', 'enterprise', 'development']);
export type PlanName = z.infer<typeof planName>;

export const plans: Readonly<Record<PlanName, Plan>> = {
  free: {
    rank: 0,
    requestsPerMinute: 20,
    unitsPerMinute: 80,
    readsPerMinute: 240,
    unitsPerDay: 200,
    unitsPerMonth: 4_000,
    concurrentRuns: 2,
    imagesPerRun: 4,
    stepsPerRun: 8,
    subjectRequestsPerMinute: 10,
    subjectReadsPerMinute: 60,
    keysPerTenant: 5,
    documentsPerTenant: 100,
  },
  pro: {
    rank: 1,
    requestsPerMinute: 120,
    unitsPerMinute: 480,
    readsPerMinute: 2_400,
    unitsPerDay: 5_000,
    unitsPerMonth: 100_000,
    concurrentRuns: 10,
    imagesPerRun: 8,
    stepsPerRun: 16,
    subjectRequestsPerMinute: 30,
    subjectReadsPerMinute: 300,
    keysPerTenant: 50,
    documentsPerTenant: 10_000,
  },
  enterprise: {
    rank: 2,
    requestsPerMinute: 1_200,
    unitsPerMinute: 4_800,
    readsPerMinute: 24_000,
    unitsPerDay: 1_000_000,
    unitsPerMonth: 20_000_000,
    concurrentRuns: 50,
    imagesPerRun: 8,
    stepsPerRun: 16,
    subjectRequestsPerMinute: 120,
    subjectReadsPerMinute: 1_200,
    keysPerTenant: 1_000,
    documentsPerTenant: 100_000,
  },
  // Of the local service: made by its operator only, and never in the way of a benchmark.
  development: {
    rank: 3,
    requestsPerMinute: 10_000_000,
    unitsPerMinute: 100_000_000,
    readsPerMinute: 10_000_000,
    unitsPerDay: 1_000_000_000,
    unitsPerMonth: 10_000_000_000,
    concurrentRuns: 10_000,
    imagesPerRun: 8,
    stepsPerRun: 16,
    subjectRequestsPerMinute: 10_000_000,
    subjectReadsPerMinute: 10_000_000,
    keysPerTenant: 10_000,
    documentsPerTenant: 100_000,
  },
};

/** Units that a run is known to have used, or could use at most by its `max_steps`. */
export function unitsOfRun(steps: number): number {
  return steps;
}

/** Of a plan's requests and reads a minute: what all attested installations of a key have together. */
export const ATTESTED_SHARE = 0.5;

/** An inline tool costs its request and no unit. */
export const UNITS_OF_TOOL: Readonly<Record<'edge' | 'backend', number>> = { edge: 0, backend: 1 };
export const UNITS_OF_IMAGE = 1;
