/** Rotated rectangles around point sets: convex hull, rotating calipers, growth. Units are pixels. */

export type Point = { readonly x: number; readonly y: number };

/**
 * A rectangle at any angle. `width` runs along the unit vector (ux, uy), which is the reading
 * direction; `height` runs along (-uy, ux), which points down for text that reads to the right.
 */
export type RotatedBox = {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly ux: number;
  readonly uy: number;
};

const cross = (origin: Point, a: Point, b: Point): number =>
  (a.x - origin.x) * (b.y - origin.y) - (a.y - origin.y) * (b.x - origin.x);

function halfHull(sorted: readonly Point[]): Point[] {
  const chain: Point[] = [];
  for (const point of sorted) {
    for (;;) {
      const last = chain.at(-1);
      const before = chain.at(-2);
      if (last === undefined || before === undefined || cross(before, last, point) > 0) break;
      chain.pop();
    }
    chain.push(point);
  }
  chain.pop();
  return chain;
}

/** The corners of the convex hull in turning order (Andrew's monotone chain). One point stays one point. */
export function convexHull(points: readonly Point[]): Point[] {
  const sorted = [...points].sort((a, b) => a.x - b.x || a.y - b.y);
  if (sorted.length < 2) return sorted;
  const hull = [...halfHull(sorted), ...halfHull(sorted.reverse())];
  return hull;
}

/** The tightest rectangle around the points whose reading direction is (ux, uy). */
export function boxAtDirection(points: readonly Point[], ux: number, uy: number): RotatedBox {
  let left = Number.POSITIVE_INFINITY;
  let right = Number.NEGATIVE_INFINITY;
  let top = Number.POSITIVE_INFINITY;
  let bottom = Number.NEGATIVE_INFINITY;
  for (const { x, y } of points) {
    const along = x * ux + y * uy;
    const across = y * ux - x * uy;
    left = Math.min(left, along);
    right = Math.max(right, along);
    top = Math.min(top, across);
    bottom = Math.max(bottom, across);
  }
  const along = (left + right) / 2;
  const across = (top + bottom) / 2;
  return {
    x: along * ux - across * uy,
    y: along * uy + across * ux,
    width: right - left,
    height: bottom - top,
    ux,
    uy,
  };
}

/** The rectangle of least area around a convex hull; one side lies on an edge of the hull. */
export function minAreaBox(hull: readonly Point[]): RotatedBox {
  let best = boxAtDirection(hull, 1, 0);
  for (let i = 0; i < hull.length; i++) {
    const a = hull[i];
    const b = hull[(i + 1) % hull.length];
    if (a === undefined || b === undefined) continue;
    const length = Math.hypot(b.x - a.x, b.y - a.y);
    if (length === 0) continue;
    const box = boxAtDirection(hull, (b.x - a.x) / length, (b.y - a.y) / length);
    if (box.width * box.height < best.width * best.height - 1e-9) best = box;
  }
  return best;
}

/** The same rectangle with every side moved outward by `distance`. */
export function growBox(box: RotatedBox, distance: number): RotatedBox {
  return { ...box, width: box.width + 2 * distance, height: box.height + 2 * distance };
}

/** The same rectangle read after `quarters` quarter turns clockwise of the reading direction. */
export function turnBox(box: RotatedBox, quarters: number): RotatedBox {
  let { width, height, ux, uy } = box;
  for (let turn = ((quarters % 4) + 4) % 4; turn > 0; turn--) {
    [width, height] = [height, width];
    [ux, uy] = [-uy, ux];
  }
  return { ...box, width, height, ux: ux + 0, uy: uy + 0 };
}

export function scaleBox(box: RotatedBox, factor: number, dx = 0, dy = 0): RotatedBox {
  return {
    ...box,
    x: box.x * factor + dx,
    y: box.y * factor + dy,
    width: box.width * factor,
    height: box.height * factor,
  };
}

/** Top left, top right, bottom right, bottom left, as seen by the reader of the box. */
export function cornersOf({ x, y, width, height, ux, uy }: RotatedBox): [Point, Point, Point, Point] {
  const at = (along: number, across: number): Point => ({
    x: x + (along * width * ux - across * height * uy) / 2,
    y: y + (along * width * uy + across * height * ux) / 2,
  });
  return [at(-1, -1), at(1, -1), at(1, 1), at(-1, 1)];
}

/** Axis-aligned bounds as fractions 0..1 of the image: [left, top, right, bottom]. */
export function boundsOf(
  box: RotatedBox,
  imageWidth: number,
  imageHeight: number,
): [number, number, number, number] {
  const corners = cornersOf(box);
  const fraction = (value: number, size: number): number =>
    Math.round(Math.min(1, Math.max(0, value / size)) * 1e4) / 1e4;
  const xs = corners.map((corner) => corner.x);
  const ys = corners.map((corner) => corner.y);
  return [
    fraction(Math.min(...xs), imageWidth),
    fraction(Math.min(...ys), imageHeight),
    fraction(Math.max(...xs), imageWidth),
    fraction(Math.max(...ys), imageHeight),
  ];
}

export function medianOf(values: readonly number[], fallback = 0): number {
  if (values.length === 0) return fallback;
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? fallback;
}
