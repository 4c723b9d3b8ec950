/** Vector shapes in page units (body text is BODY units high), y down, origin at the top left of the page. */
import type { PathCommand } from 'opentype.js';

/** Size of the body text in page units. */
export const BODY = 20;

export type Point = readonly [x: number, y: number];

export type Gradient = {
  readonly from: Point;
  readonly to: Point;
  /** Offset 0..1, colour, opacity 0..1. */
  readonly stops: ReadonlyArray<readonly [offset: number, color: string, opacity: number]>;
};

export type Shape = {
  readonly commands: readonly PathCommand[];
  readonly fill: string | Gradient;
  readonly opacity?: number;
};

export type Drawing = { readonly width: number; readonly height: number; readonly shapes: readonly Shape[] };

export function polygon(points: readonly Point[]): PathCommand[] {
  return [
    ...points.map(([x, y], index): PathCommand => ({ type: index === 0 ? 'M' : 'L', x, y })),
    { type: 'Z' },
  ];
}

/** A rectangle whose long edges are cut into pieces, so that it bends with a curled page. */
export function rectangle(left: number, top: number, right: number, bottom: number): PathCommand[] {
  const pieces = 10;
  const along = (y: number, from: number, to: number): Point[] =>
    Array.from({ length: pieces + 1 }, (_, index) => [from + ((to - from) * index) / pieces, y] as const);
  return polygon([...along(top, left, right), ...along(bottom, right, left)]);
}

export function ellipse(centerX: number, centerY: number, radiusX: number, radiusY: number): PathCommand[] {
  return polygon(
    Array.from({ length: 40 }, (_, index) => {
      const angle = (index / 40) * 2 * Math.PI;
      return [centerX + radiusX * Math.cos(angle), centerY + radiusY * Math.sin(angle)] as const;
    }),
  );
}

/** A rectangle with round corners of `radius` units. */
export function roundedRectangle(width: number, height: number, radius: number): PathCommand[] {
  const corners: readonly [number, number, number][] = [
    [width - radius, radius, -90],
    [width - radius, height - radius, 0],
    [radius, height - radius, 90],
    [radius, radius, 180],
  ];
  return polygon(
    corners.flatMap(([x, y, start]) =>
      Array.from({ length: 7 }, (_, index) => {
        const angle = ((start + index * 15) * Math.PI) / 180;
        return [x + radius * Math.cos(angle), y + radius * Math.sin(angle)] as const;
      }),
    ),
  );
}

/** The frame of a rectangle as four strips of `thickness` units, `inset` units inside it. */
export function border(width: number, height: number, inset: number, thickness: number): PathCommand[] {
  const [right, bottom] = [width - inset, height - inset];
  return [
    ...rectangle(inset, inset, right, inset + thickness),
    ...rectangle(inset, bottom - thickness, right, bottom),
    ...rectangle(inset, inset, inset + thickness, bottom),
    ...rectangle(right - thickness, inset, right, bottom),
  ];
}
