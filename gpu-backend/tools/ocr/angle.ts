/** The one angle of the rows of a text, from boxes that each know it only roughly. Radians, clockwise on screen. */
import { medianOf, type RotatedBox } from './geometry.ts';

export type Direction = { readonly ux: number; readonly uy: number };

/** A short box may be off by a degree or two; rows must agree over the width of the page. */
const SEARCH_RADIANS = 0.06;
const SEARCH_STEP_RADIANS = 0.0025;
/** How much sharper the rows must get at the end of the search: tables also line up along diagonals. */
const PRIOR = 0.3;
/** Bins of the profile in a median line height. */
const BINS_PER_HEIGHT = 6;

/** The middle of the values by weight; 0 without values. */
export function weightedMedian(pairs: ReadonlyArray<readonly [value: number, weight: number]>): number {
  const sorted = [...pairs].sort((a, b) => a[0] - b[0]);
  const half = sorted.reduce((sum, [, weight]) => sum + weight, 0) / 2;
  let sum = 0;
  for (const [value, weight] of sorted) {
    sum += weight;
    if (sum >= half) return value;
  }
  return 0;
}

/** The median direction of boxes that read roughly the same way, long boxes first. (1, 0) without any. */
export function medianDirection(boxes: readonly RotatedBox[]): Direction {
  return directionOf(medianAngle(boxes));
}

/** The direction near the median in which the centre lines of the boxes fall into the fewest rows. */
export function rowDirection(boxes: readonly RotatedBox[]): Direction {
  const median = medianAngle(boxes);
  if (boxes.length < 3) return directionOf(median);
  let best = median;
  let sharpest = sharpness(boxes, median);
  const steps = Math.round(SEARCH_RADIANS / SEARCH_STEP_RADIANS);
  for (let step = -steps; step <= steps; step++) {
    const angle = median + step * SEARCH_STEP_RADIANS;
    const value = sharpness(boxes, angle) * (1 - PRIOR * (step / steps) ** 2);
    if (value <= sharpest) continue;
    sharpest = value;
    best = angle;
  }
  return directionOf(best);
}

const directionOf = (angle: number): Direction => ({ ux: Math.cos(angle), uy: Math.sin(angle) });

function medianAngle(boxes: readonly RotatedBox[]): number {
  const reference = boxes[0];
  if (reference === undefined) return 0;
  const long = boxes.filter(({ width, height }) => width >= 2 * height);
  // Angles relative to one box, so that the median does not wrap at half a turn.
  const relative = (box: RotatedBox): number =>
    Math.atan2(box.uy * reference.ux - box.ux * reference.uy, box.ux * reference.ux + box.uy * reference.uy);
  const turn = weightedMedian((long.length > 0 ? long : boxes).map((box) => [relative(box), box.width]));
  return Math.atan2(reference.uy, reference.ux) + turn;
}

/** Sum of squares of the profile of both ends and the middle of each centre line, across the angle. */
function sharpness(boxes: readonly RotatedBox[], angle: number): number {
  const bin =
    medianOf(
      boxes.map(({ height }) => height),
      1,
    ) / BINS_PER_HEIGHT;
  const sin = Math.sin(angle);
  const cos = Math.cos(angle);
  const profile = new Map<number, number>();
  for (const { x, y, width, ux, uy } of boxes) {
    for (const along of [-0.5, 0, 0.5]) {
      const across = ((y + along * width * uy) * cos - (x + along * width * ux) * sin) / bin;
      // Shared by the two nearest bins, so that the value changes smoothly with the angle.
      const low = Math.floor(across);
      profile.set(low, (profile.get(low) ?? 0) + low + 1 - across);
      profile.set(low + 1, (profile.get(low + 1) ?? 0) + across - low);
    }
  }
  let sum = 0;
  for (const value of profile.values()) sum += value * value;
  return sum;
}
