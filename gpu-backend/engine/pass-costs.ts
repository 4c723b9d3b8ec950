/**
 * What a decode pass costs, learnt from the passes themselves: a straight line over its width for each size of batch.
 * It differs from machine to machine and from model to model, and moves as the pasts grow.
 */
import { PASS_COST_CELLS } from './pass-plan.ts';

/** Weight of all earlier passes when one more comes in: the last hundred or so count. */
const KEPT = 0.99;
/** Too little was seen, or all of about one width, to draw a line. */
const WEIGHT_MIN = 16;
const VARIANCE_MIN = 0.5;
/** A pass during which the machine did something else. */
const OUTLIER = 3;
const FIXED_MAX = 64;

type Sums = { weight: number; x: number; y: number; xx: number; xy: number };

export class PassCosts {
  /** By the number of rows, in powers of two. */
  readonly #lines = new Map<number, Sums>();

  /** A pass of `rows` rows that were `width` tokens wide took `ms`. */
  learn(rows: number, width: number, ms: number): void {
    const key = sizeOf(rows);
    const sums = this.#lines.get(key) ?? { weight: 0, x: 0, y: 0, xx: 0, xy: 0 };
    this.#lines.set(key, sums);
    const line = lineOf(sums);
    const y = line ? Math.min(ms, OUTLIER * (line.fixed + line.slope * width)) : ms;
    sums.weight = KEPT * sums.weight + 1;
    sums.x = KEPT * sums.x + width;
    sums.y = KEPT * sums.y + y;
    sums.xx = KEPT * sums.xx + width * width;
    sums.xy = KEPT * sums.xy + width * y;
  }

  /**
   * What a pass of `rows` rows costs besides its width, in what one more token of width costs: the more, the longer
   * a draft may be.
   */
  fixed(rows: number): number {
    const sums = this.#lines.get(sizeOf(rows));
    const line = sums && lineOf(sums);
    if (!line) return PASS_COST_CELLS / rows;
    return line.slope <= 0 ? FIXED_MAX : Math.min(FIXED_MAX, Math.max(0, line.fixed / line.slope));
  }
}

const sizeOf = (rows: number): number => Math.floor(Math.log2(Math.max(1, rows)));

function lineOf({ weight, x, y, xx, xy }: Sums): { fixed: number; slope: number } | undefined {
  const variance = xx / weight - (x / weight) ** 2;
  if (weight < WEIGHT_MIN || variance < VARIANCE_MIN) return undefined;
  const slope = (xy / weight - (x / weight) * (y / weight)) / variance;
  return { slope, fixed: y / weight - slope * (x / weight) };
}
