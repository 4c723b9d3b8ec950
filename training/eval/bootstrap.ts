/** How far a share of right answers may be from the truth, by resampling. */
import { randomOf } from '#training/random';

/** Shares, 0..1. */
export type Interval = readonly [low: number, high: number];

const SAMPLES = 2_000;
const SEED = 12;

/** The middle 95 % of the shares of resampled sets. The same counts give the same interval. */
export function bootstrap(right: number, items: number): Interval {
  if (items === 0) return [0, 1];
  const random = randomOf(SEED);
  const shares = Array.from({ length: SAMPLES }, () => {
    let hits = 0;
    for (let draw = 0; draw < items; draw++) if (random.next() * items < right) hits++;
    return hits / items;
  }).sort((a, b) => a - b);
  const at = (part: number): number => shares[Math.round(part * (SAMPLES - 1))] ?? 0;
  return [at(0.025), at(0.975)];
}
