/** GET /v1/usage and GET /v1/limits. */
import * as z from 'zod';
import { USAGE_DAYS_MAX } from '../limits.ts';
import { planName } from '../plans.ts';
import { keyId } from './keys.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

/** The query; days are those of UTC, both included. */
export const usageQuery = z
  .strictObject({
    from: z.iso.date().optional().describe('the first day; 30 days up to `to` when left out'),
    to: z.iso.date().optional().describe('the last day; today when left out'),
    group_by: z.enum(['day', 'key', 'day,key']).default('day'),
  })
  .refine(({ from, to }) => from === undefined || to === undefined || spanDays(from, to) >= 0, {
    path: ['from'],
    message: 'expected a day not after `to`',
  })
  .refine(({ from, to }) => from === undefined || to === undefined || spanDays(from, to) < USAGE_DAYS_MAX, {
    path: ['from'],
    message: `expected at most ${USAGE_DAYS_MAX} days`,
  });

function spanDays(from: string, to: string): number {
  return (Date.parse(to) - Date.parse(from)) / DAY_MS;
}

export const usageBucket = z.object({
  day: z.iso.date().optional(),
  key: keyId.optional(),
  requests: z.int(),
  runs: z.int(),
  tool_calls: z.int(),
  images: z.int(),
  steps: z.int(),
  input_tokens: z.int(),
  cached_tokens: z.int(),
  output_tokens: z.int(),
  cost_units: z.int(),
});

/** A few seconds behind. */
export const usage = z.object({
  object: z.literal('usage'),
  from: z.iso.date(),
  to: z.iso.date(),
  data: z.array(usageBucket),
});
export type Usage = z.infer<typeof usage>;

export const limitState = z.object({
  name: z.enum([
    'requests',
    'units',
    'reads',
    'subject',
    'subject-reads',
    'app',
    'app-reads',
    'app-units',
    'runs',
    'day',
    'month',
    'token-runs',
    'token-units',
  ]),
  quota: z.int(),
  window_s: z.int().optional().describe('absent for what is counted at a time'),
  remaining: z.int(),
  reset_s: z.int().describe('until the whole quota is there again'),
});

export const limitsState = z.object({
  object: z.literal('limits'),
  plan: planName,
  data: z.array(limitState),
});
export type LimitsState = z.infer<typeof limitsState>;
