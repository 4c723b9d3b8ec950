/**
 * How alike two images are, without learned weights: one is looked for in every part of the other, upright
 * and mirrored, so that a crop, a mirrored copy or another encoding of a picture is found to be that picture.
 * Made for copies: two photos of one thing from two sides are not alike here.
 */
import { pyramidOf } from '#backend/images/pyramid';
import type { Raster } from '#backend/images/raster';
import { resizeRaster } from '#backend/tools/ocr/pixels';
import {
  COARSE_CELLS,
  type Descriptor,
  descriptorLikeness,
  descriptorOf,
  type Layout,
  layoutLikeness,
  layoutOf,
  mirrored,
  mirroredRows,
  type Window,
  wholeOf,
} from './descriptor.ts';
import { type Planes, planesOf } from './planes.ts';

/** Long sides, in pixels: the first is what windows are cut from. */
const LONG_SIDES = [128, 96, 64, 48] as const;
/** A part with less than this of the width and height that would fit is too little to know a picture by. */
const SCALE_MIN = 0.3;
const SCALE_STEP = 0.9;
/** Windows are tried at every eighth of their own size. */
const SHIFTS = 8;
/** So many of the windows whose layout fits best are moved to the best place near by and compared in full. */
const CANDIDATES = 6;
const REFINEMENTS = 5;
/** The whole of a picture is more like it than a part of it, and unmirrored more than mirrored. */
const PART_COST = 0.03;
const MIRROR_COST = 0.01;

/** What is kept of an image to compare it with others. */
export type Look = {
  readonly planes: Planes;
  /** The whole image at each of LONG_SIDES, upright and mirrored: edges depend on how fine one looks. */
  readonly wholes: readonly {
    readonly longSide: number;
    readonly upright: Descriptor;
    readonly mirror: Descriptor;
  }[];
};

export function lookOf(image: Raster): Look {
  const sized = LONG_SIDES.map((longSide) => planesOf(shrunk(image, longSide)));
  return {
    planes: sized[0] as Planes,
    wholes: sized.map((planes, level) => {
      const upright = descriptorOf(planes, wholeOf(planes));
      return { longSide: LONG_SIDES[level] as number, upright, mirror: mirrored(upright) };
    }),
  };
}

function shrunk(image: Raster, longSide: number): Raster {
  const pyramid = pyramidOf(image);
  let source = image;
  // Means of whole pixels first: the filter below reads every pixel several times.
  for (
    let level = 1;
    Math.max(source.width, source.height) >= 4 * longSide && Math.min(source.width, source.height) >= 4;
    level++
  )
    source = pyramid.level(level);
  const scale = longSide / Math.max(source.width, source.height);
  const side = (length: number): number => Math.max(2, Math.round(length * scale));
  return resizeRaster(source, side(source.width), side(source.height));
}

/** -1..1; 1 for the same image. The order of the two does not matter. */
export function likeness(a: Look, b: Look): number {
  return Math.max(wholeLikeness(a, b), partLikeness(a, b), partLikeness(b, a));
}

/** Edge to edge, whatever the aspects are: a copy may have been squeezed. */
function wholeLikeness(a: Look, b: Look): number {
  const [one, other] = [a.wholes[0], b.wholes[0]];
  if (!one || !other) return -1;
  return Math.max(
    descriptorLikeness(one.upright, other.upright),
    descriptorLikeness(one.upright, other.mirror) - MIRROR_COST,
  );
}

type Candidate = { readonly window: Window; readonly mirror: boolean; readonly fit: number };

/** The best likeness of all of `part` and some window of `of`. */
function partLikeness(of: Look, part: Look): number {
  const first = part.wholes[0];
  if (!first) return -1;
  const layouts = { upright: first.upright.layout, mirror: first.mirror.layout };
  let best = -1;
  for (const coarse of coarseFits(of.planes, part.planes)) {
    const { window, mirror } = refined(of.planes, coarse, coarse.mirror ? layouts.mirror : layouts.upright);
    const whole = nearestLevel(part, Math.max(window.width, window.height));
    const found = descriptorLikeness(descriptorOf(of.planes, window), mirror ? whole.mirror : whole.upright);
    const covered = (window.width * window.height) / (of.planes.width * of.planes.height);
    best = Math.max(best, found - PART_COST * (1 - covered) - (mirror ? MIRROR_COST : 0));
  }
  return best;
}

function nearestLevel({ wholes }: Look, longSide: number): Look['wholes'][number] {
  const distance = (level: Look['wholes'][number]): number => Math.abs(Math.log(level.longSide / longSide));
  return wholes.reduce((best, level) => (distance(level) < distance(best) ? level : best));
}

/** The best windows by layout alone, of the part's aspect, at all scales and places. */
function coarseFits(planes: Planes, part: Planes): Candidate[] {
  const upright = layoutOf(part, wholeOf(part), COARSE_CELLS);
  const turned = mirroredRows(upright, COARSE_CELLS);
  const fit = Math.min(planes.width / part.width, planes.height / part.height);
  let best: Candidate[] = [];
  for (let scale = 1; scale >= SCALE_MIN; scale *= SCALE_STEP) {
    const [width, height] = [part.width * fit * scale, part.height * fit * scale];
    for (const y of places(planes.height - height, height)) {
      for (const x of places(planes.width - width, width)) {
        const window = { x, y, width, height };
        const layout = layoutOf(planes, window, COARSE_CELLS);
        for (const mirror of [false, true]) {
          const found = layoutLikeness(layout, mirror ? turned : upright);
          if (best.length === CANDIDATES && found <= (best.at(-1) as Candidate).fit) continue;
          best = [...best, { window, mirror, fit: found }]
            .toSorted((a, b) => b.fit - a.fit)
            .slice(0, CANDIDATES);
        }
      }
    }
  }
  return best;
}

/** From 0 to `room` in even steps of at most an eighth of the window, or one pixel: thin parts have many places. */
function places(room: number, length: number): number[] {
  const steps = Math.ceil(Math.max(0, room) / Math.max(1, length / SHIFTS) - 1e-9);
  if (steps === 0) return [Math.max(0, room) / 2];
  return Array.from({ length: steps + 1 }, (_, step) => (room * step) / steps);
}

/** Climbs to the best place and scale near by, in ever smaller steps. */
function refined(planes: Planes, from: Candidate, layout: Layout): Candidate {
  let best = { ...from, fit: layoutLikeness(layoutOf(planes, from.window), layout) };
  let step = 1 / (2 * SHIFTS);
  for (let round = 0; round < REFINEMENTS; round++, step /= 2) {
    for (let moved = true, count = 0; moved && count < 4; count++) {
      moved = false;
      for (const window of around(best.window, step, planes)) {
        const fit = layoutLikeness(layoutOf(planes, window), layout);
        if (fit <= best.fit) continue;
        best = { ...best, window, fit };
        moved = true;
      }
    }
  }
  return best;
}

/** Moved to four sides, grown and shrunk about the middle; those that stay inside. */
function around({ x, y, width, height }: Window, step: number, planes: Planes): Window[] {
  const grown = (factor: number): Window => ({
    x: x - (width * (factor - 1)) / 2,
    y: y - (height * (factor - 1)) / 2,
    width: width * factor,
    height: height * factor,
  });
  const windows = [
    { x: x - step * width, y, width, height },
    { x: x + step * width, y, width, height },
    { x, y: y - step * height, width, height },
    { x, y: y + step * height, width, height },
    grown(1 + step),
    grown(1 - step),
  ];
  const slack = 1e-6;
  return windows.filter(
    (window) =>
      window.x >= -slack &&
      window.y >= -slack &&
      window.x + window.width <= planes.width + slack &&
      window.y + window.height <= planes.height + slack,
  );
}
