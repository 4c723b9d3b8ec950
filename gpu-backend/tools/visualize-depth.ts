/** VisualizeDepth: the depth of a whole image in colours. */

import type { Raster } from '#backend/images/raster';
import { roundTo2 } from '#backend/tools/boxes';
import { infernoColour } from '#backend/tools/colour-map';
import type { DepthMap, DepthModel } from '#backend/tools/roles';
import type { ToolHandler } from '#backend/tools/tool';
import type { visualizeDepth as spec } from '#shared/tools/visualize-depth';

/** No picture is larger than a screen; that of a coarse map no larger than it takes to look smooth. */
const LONG_SIDE_MAX = 1_024;
const COARSE_LONG_SIDE_MAX = 384;
/** Colours of the scale. */
const SHADES = 256;

export function visualizeDepth(model: DepthModel): ToolHandler<typeof spec> {
  return async ({ image }, context) => {
    const source = await context.image(image);
    const map = await model.estimate(source, context.signal);
    const extremes = extremesOf(map);
    return {
      observation: { nearest: placeOf(extremes.near, map), farthest: placeOf(extremes.far, map) },
      image: coloured(map, extremes, pictureSize(source, map)),
    };
  };
}

type Size = { readonly width: number; readonly height: number };

/** In the aspect of the source, and never larger. */
function pictureSize(source: Size, map: Size): Size {
  const long = Math.max(source.width, source.height);
  const most = Math.min(LONG_SIDE_MAX, Math.max(COARSE_LONG_SIDE_MAX, map.width, map.height));
  const scale = Math.min(1, most / long);
  const side = (length: number): number => Math.max(1, Math.round(length * scale));
  return { width: side(source.width), height: side(source.height) };
}

/** Places in the map. */
type Extremes = { readonly near: number; readonly far: number };

/** The first of the largest and of the smallest values. */
function extremesOf({ inverseDepth }: DepthMap): Extremes {
  let near = 0;
  let far = 0;
  for (let place = 1; place < inverseDepth.length; place++) {
    const value = inverseDepth[place] as number;
    if (value > (inverseDepth[near] as number)) near = place;
    if (value < (inverseDepth[far] as number)) far = place;
  }
  return { near, far };
}

/** The centre of a cell, as fractions to two digits. */
function placeOf(index: number, { width, height }: Size): [number, number] {
  return [roundTo2(((index % width) + 0.5) / width), roundTo2((Math.floor(index / width) + 0.5) / height)];
}

/**
 * From dark, the farthest point of the image, to bright, the nearest: the whole scale is used for each image.
 * Depth is interpolated between the values of the map, then coloured: no colour comes in that the scale has not.
 */
function coloured({ width, height, inverseDepth }: DepthMap, { near, far }: Extremes, size: Size): Raster {
  const least = inverseDepth[far] as number;
  const range = (inverseDepth[near] as number) - least;
  const gain = range > 0 ? (SHADES - 1) / range : 0;
  const rows = stepsOf(height, size.height);
  const runs = runsOf(width, size.width);
  const step = width / size.width;
  // Of the map at a row of the picture, its ends once more beside it.
  const line = new Float32Array(width + 2);
  // Colours are written as words of four bytes, the last of which is the next pixel's, or one too many.
  const bytes = size.width * size.height * 3;
  const data = new Uint8Array(bytes + 1);
  const words = new DataView(data.buffer);
  for (let y = 0, at = 0; y < size.height; y++) {
    const upper = (rows.first[y] as number) * width;
    const lower = (rows.second[y] as number) * width;
    const share = rows.share[y] as number;
    for (let x = 0; x < width; x++) {
      const value = inverseDepth[upper + x] as number;
      // Half a shade, so that cutting off rounds.
      line[x + 1] = (value + ((inverseDepth[lower + x] as number) - value) * share - least) * gain + 0.5;
    }
    line[0] = line[1] as number;
    line[width + 1] = line[width] as number;
    for (let run = 0; run <= width; run++) {
      const begin = runs[run] as number;
      const end = runs[run + 1] as number;
      const slope = (line[run + 1] as number) - (line[run] as number);
      // The same step from pixel to pixel: nothing is looked up but the colour.
      let shade = (line[run] as number) + slope * ((begin + 0.5) * step + 0.5 - run);
      for (let x = begin; x < end; x++, at += 3, shade += slope * step)
        words.setUint32(at, PALETTE[shade | 0] as number, true);
    }
  }
  return { data: data.subarray(0, bytes), ...size };
}

/** Red in the lowest byte. */
const PALETTE = Uint32Array.from({ length: SHADES }, (_, shade) => {
  const [red, green, blue] = infernoColour(shade / (SHADES - 1));
  return red | (green << 8) | (blue << 16);
});

/** Of `to` pixels, the first that lies right of the middle of each of `from` values; before them those left of all, behind them `to`. */
function runsOf(from: number, to: number): Int32Array {
  return Int32Array.from({ length: from + 2 }, (_, run) =>
    run > from ? to : Math.max(0, Math.ceil(((run - 0.5) * to) / from - 0.5)),
  );
}

/** Bilinear: for each of `to` places the two of `from` that it lies between, and the share of the second. */
function stepsOf(from: number, to: number) {
  const first = new Int32Array(to);
  const second = new Int32Array(to);
  const share = new Float32Array(to);
  for (let index = 0; index < to; index++) {
    const place = Math.min(from - 1, Math.max(0, ((index + 0.5) * from) / to - 0.5));
    first[index] = Math.floor(place);
    second[index] = Math.min(from - 1, Math.floor(place) + 1);
    share[index] = place - Math.floor(place);
  }
  return { first, second, share };
}
