/** How far a mean may be from the truth, by resampling. */
import { randomOf } from '#training/random';

/** Shares, 0..1. */
export type Interval = readonly [low: number, high: number];

const SAMPLES = 1_000;
const SEED = 12;

/** The middle 95 % of the means of resampled sets (Efron 1979). The same values give the same interval. */
export function bootstrapMean(values: readonly number[]): Interval {
  if (values.length === 0) return [0, 1];
  const random = randomOf(SEED);
  const means = Array.from({ length: SAMPLES }, () => {
    let sum = 0;
    for (let draw = 0; draw < values.length; draw++)
      sum += values[Math.floor(random.next() * values.length)] ?? 0;
    return sum / values.length;
  }).sort((a, b) => a - b);
  const at = (part: number): number => means[Math.round(part * (SAMPLES - 1))] ?? 0;
  return [at(0.025), at(0.975)];
}

/** Of the share that is right. */
export const bootstrap = (right: number, items: number): Interval =>
  bootstrapMean(Array.from({ length: items }, (_, index) => (index < right ? 1 : 0)));
