/** Page units to pixels: curl, projective map of the four corners, rotation. */
import type { PathCommand } from 'opentype.js';
import type { Point, Shape } from './drawing.ts';
import type { Photo } from './photo.ts';

export type Warp = {
  readonly width: number;
  readonly height: number;
  /** Pixels of one page unit, about, for the corners move. */
  readonly scale: number;
  map(x: number, y: number): Point;
};

/** Shorter and longer limit of the long side of a picture, in pixels. */
const LONG_SIDE_MIN = 500;
const LONG_SIDE_MAX = 1600;

/**
 * Where the page of `width` x `height` units lies in the picture. The picture's size follows from
 * the photo's text height and surroundings, within 500..1600 pixels for the long side.
 */
export function warpOf(width: number, height: number, bodyUnits: number, photo: Photo): Warp {
  const turn = (photo.angle * Math.PI) / 180;
  const short = Math.min(width, height);
  const corner = (x: number, y: number, at: number): Point => {
    const [dx, dy] = [
      x - width / 2 + (photo.corners[at] ?? 0) * short,
      y - height / 2 + (photo.corners[at + 1] ?? 0) * short,
    ];
    return [dx * Math.cos(turn) - dy * Math.sin(turn), dx * Math.sin(turn) + dy * Math.cos(turn)];
  };
  const corners = [
    corner(0, 0, 0),
    corner(width, 0, 2),
    corner(width, height, 4),
    corner(0, height, 6),
  ] as const;
  const [xs, ys] = [corners.map(([x]) => x), corners.map(([, y]) => y)];
  const bend = Math.abs(photo.curl) * width;
  const around = photo.surroundings * short;
  const [left, top] = [Math.min(...xs) - around, Math.min(...ys) - around - bend];
  const [spanX, spanY] = [Math.max(...xs) - left + around, Math.max(...ys) - top + around + bend];
  const long = Math.max(spanX, spanY);
  const scale = Math.min(Math.max(photo.bodyPx / bodyUnits, LONG_SIDE_MIN / long), LONG_SIDE_MAX / long);
  const project = projection(corners);
  return {
    width: Math.round(spanX * scale),
    height: Math.round(spanY * scale),
    scale,
    map: (x, y) => {
      const bent = y + photo.curl * width * Math.sin((Math.PI * x) / width);
      const [px, py] = project(x / width, bent / height);
      return [(px - left) * scale, (py - top) * scale];
    },
  };
}

/** The projective map of the unit square onto four corners (Heckbert 1989, closed form). */
function projection(corners: readonly [Point, Point, Point, Point]): (u: number, v: number) => Point {
  const [[x0, y0], [x1, y1], [x2, y2], [x3, y3]] = corners;
  const [dx1, dx2, dx3] = [x1 - x2, x3 - x2, x0 - x1 + x2 - x3];
  const [dy1, dy2, dy3] = [y1 - y2, y3 - y2, y0 - y1 + y2 - y3];
  const determinant = dx1 * dy2 - dx2 * dy1;
  const g = (dx3 * dy2 - dx2 * dy3) / determinant;
  const h = (dx1 * dy3 - dx3 * dy1) / determinant;
  const [a, b] = [x1 - x0 + g * x1, x3 - x0 + h * x3];
  const [d, e] = [y1 - y0 + g * y1, y3 - y0 + h * y3];
  return (u, v) => {
    const w = g * u + h * v + 1;
    return [(a * u + b * v + x0) / w, (d * u + e * v + y0) / w];
  };
}

/** The `d` attribute of a path, one decimal. Control points are mapped like points: exact enough for mild warps. */
export function pathData(commands: readonly PathCommand[], { map }: Pick<Warp, 'map'>): string {
  const at = (x: number, y: number): string => {
    const [px, py] = map(x, y);
    return `${Math.round(px * 10) / 10} ${Math.round(py * 10) / 10}`;
  };
  const parts: string[] = [];
  for (const command of commands) {
    if (command.type === 'Z') parts.push('Z');
    else if (command.type === 'Q') parts.push(`Q${at(command.x1, command.y1)} ${at(command.x, command.y)}`);
    else if (command.type === 'C') {
      parts.push(`C${at(command.x1, command.y1)} ${at(command.x2, command.y2)} ${at(command.x, command.y)}`);
    } else parts.push(`${command.type}${at(command.x, command.y)}`);
  }
  return parts.join('');
}

/** An SVG picture of the shapes, transparent elsewhere, with a soft shadow of `outline` beneath them. */
export function svgOf(shapes: readonly Shape[], outline: readonly PathCommand[], warp: Warp): string {
  const definitions: string[] = [];
  const body = shapes.map(({ commands, fill, opacity }, index) => {
    const paint = typeof fill === 'string' ? fill : `url(#g${index})`;
    if (typeof fill !== 'string') {
      const [[x1, y1], [x2, y2]] = [warp.map(...fill.from), warp.map(...fill.to)];
      const stops = fill.stops.map(
        ([offset, color, alpha]) =>
          `<stop offset="${offset}" stop-color="${color}" stop-opacity="${alpha}"/>`,
      );
      definitions.push(
        `<linearGradient id="g${index}" gradientUnits="userSpaceOnUse" x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}">${stops.join('')}</linearGradient>`,
      );
    }
    return `<path fill="${paint}" fill-opacity="${opacity ?? 1}" d="${pathData(commands, warp)}"/>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${warp.width}" height="${warp.height}"><defs>${definitions.join('')}</defs>${shadowOf(outline, warp)}${body.join('')}</svg>`;
}

/** Stacked faint strokes stand in for a blur, which SVG filters do far more slowly. */
function shadowOf(outline: readonly PathCommand[], warp: Warp): string {
  const d = pathData(outline, warp);
  const reach = Math.min(warp.width, warp.height) * 0.02;
  const layers = [0.25, 0.5, 0.75, 1].map(
    (share) =>
      `<path d="${d}" fill="#000" fill-opacity=".07" stroke="#000" stroke-opacity=".07" stroke-width="${(2 * reach * share).toFixed(1)}"/>`,
  );
  return `<g transform="translate(${(reach * 0.4).toFixed(1)} ${(reach * 0.5).toFixed(1)})">${layers.join('')}</g>`;
}
