/** What detectors share: boxes, their overlap, and which of them stay. */
import type { Box } from '#backend/tools/boxes';

export type Detection = { readonly box: Box; readonly score: number };

export function sigmoid(logit: number): number {
  return 1 / (1 + Math.exp(-logit));
}

/** Intersection over union, 0..1. */
export function overlap(a: Box, b: Box): number {
  const width = Math.min(a[2], b[2]) - Math.max(a[0], b[0]);
  const height = Math.min(a[3], b[3]) - Math.max(a[1], b[1]);
  if (width <= 0 || height <= 0) return 0;
  const shared = width * height;
  return shared / (areaOf(a) + areaOf(b) - shared);
}

function areaOf([left, top, right, bottom]: Box): number {
  return (right - left) * (bottom - top);
}

/** Best first; of boxes that overlap by more than `limit`, the best stays. */
export function suppress<Found extends Detection>(
  found: readonly Found[],
  limit: number,
  max: number,
): Found[] {
  const kept: Found[] = [];
  for (const candidate of found.toSorted((a, b) => b.score - a.score)) {
    if (kept.length === max) break;
    if (kept.every(({ box }) => overlap(box, candidate.box) <= limit)) kept.push(candidate);
  }
  return kept;
}

/** Clipped to the image; undefined where nothing of the box, or no number, is left. */
export function inImage(left: number, top: number, right: number, bottom: number): Box | undefined {
  const clip = (value: number): number => Math.min(1, Math.max(0, value));
  const box: Box = [clip(left), clip(top), clip(right), clip(bottom)];
  return box[0] < box[2] && box[1] < box[3] ? box : undefined;
}
