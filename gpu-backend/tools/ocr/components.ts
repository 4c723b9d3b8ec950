/** From a map of text probabilities to the outlines of its connected blobs. */
import { convexHull, type Point } from './geometry.ts';

export type Blob = {
  /** Convex hull of the pixel centres, in pixels of the map. */
  readonly hull: readonly Point[];
  /** Mean probability over the pixels of the blob, 0..1. */
  readonly score: number;
  readonly pixels: number;
  /**
   * Unit vector along the blob, from the second moments of its pixels: steadier than an edge of
   * the hull, which for small blobs follows the pixel grid.
   */
  readonly axis: { readonly ux: number; readonly uy: number };
};

/** Blobs of pixels above `threshold` that touch by a side or a corner, in scan order of their first pixel. */
export function blobsOf(map: Float32Array, width: number, height: number, threshold: number): Blob[] {
  const seen = new Uint8Array(map.length);
  const stack: number[] = [];
  const blobs: Blob[] = [];
  for (let seed = 0; seed < map.length; seed++) {
    if (seen[seed] === 1 || (map[seed] ?? 0) <= threshold) continue;
    seen[seed] = 1;
    stack.push(seed);
    blobs.push(fill(map, width, height, threshold, seen, stack));
  }
  return blobs;
}

function fill(
  map: Float32Array,
  width: number,
  height: number,
  threshold: number,
  seen: Uint8Array,
  stack: number[],
): Blob {
  // Only the first and the last pixel of each row can be a corner of the hull.
  const spans = new Map<number, [number, number]>();
  let sum = 0;
  let pixels = 0;
  let [sx, sy, sxx, sxy, syy] = [0, 0, 0, 0, 0];
  for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
    const x = at % width;
    const y = (at - x) / width;
    sum += map[at] ?? 0;
    pixels++;
    sx += x;
    sy += y;
    sxx += x * x;
    sxy += x * y;
    syy += y * y;
    const span = spans.get(y);
    if (span === undefined) spans.set(y, [x, x]);
    else if (x < span[0]) span[0] = x;
    else if (x > span[1]) span[1] = x;
    const top = Math.max(0, y - 1);
    const bottom = Math.min(height - 1, y + 1);
    const right = Math.min(width - 1, x + 1);
    for (let ny = top; ny <= bottom; ny++) {
      for (let nx = Math.max(0, x - 1); nx <= right; nx++) {
        const next = ny * width + nx;
        if (seen[next] === 1 || (map[next] ?? 0) <= threshold) continue;
        seen[next] = 1;
        stack.push(next);
      }
    }
  }
  const points: Point[] = [];
  for (const [y, [first, last]] of spans) {
    points.push({ x: first + 0.5, y: y + 0.5 });
    if (last > first) points.push({ x: last + 0.5, y: y + 0.5 });
  }
  const skew = sxy - (sx * sy) / pixels;
  const angle = Math.atan2(2 * skew, sxx - (sx * sx) / pixels - (syy - (sy * sy) / pixels)) / 2;
  const axis = { ux: Math.cos(angle), uy: Math.sin(angle) };
  return { hull: convexHull(points), score: sum / pixels, pixels, axis };
}
