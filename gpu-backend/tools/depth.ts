/** Depth as the tools tell it. */

import { type Box, pixelBox, roundTo2 } from '#backend/tools/boxes';
import type { DepthMap } from '#backend/tools/roles';

/** The unit of inverse depth is the model's own; this scale gives two digits the same worth for every model. */
export const DEPTH_MAX = 10;

/**
 * The reference's `max - value`, averaged over the box, in tenths of the image's own maximum: 0 is the nearest
 * point of the image, 10 lies out of sight, larger is farther. Throws ToolFailure for a box without an area.
 */
export function depthOf(map: DepthMap, box: Box): number {
  const nearest = nearestOf(map);
  if (nearest === 0) return 0;
  const { left, top, right, bottom } = pixelBox(box, map);
  let sum = 0;
  for (let y = top; y < bottom; y++)
    for (let x = left; x < right; x++) sum += map.inverseDepth[y * map.width + x] as number;
  const mean = sum / ((right - left) * (bottom - top));
  return Math.max(0, roundTo2(DEPTH_MAX * (1 - mean / nearest)));
}

/** Of a point on each side, as a share of the image: one pixel of a depth map is as noisy as the map. */
const POINT_MARGIN = 0.03;

/** The box to measure: a point, which is a box whose corners are one, stands for what is around it. */
export function regionOf(box: Box): Box {
  const [left, top, right, bottom] = box;
  if (left !== right || top !== bottom) return box;
  return [left - POINT_MARGIN, top - POINT_MARGIN, right + POINT_MARGIN, bottom + POINT_MARGIN];
}

/** The largest inverse depth; 0 for a map without any. */
export function nearestOf({ inverseDepth }: DepthMap): number {
  return inverseDepth.reduce((most, value) => (value > most ? value : most), 0);
}
