/** VisualizeDepth: the depth of a whole image in colours. */

import type { Raster } from '#backend/images/raster';
import { roundTo2 } from '#backend/tools/boxes';
import { infernoColour } from '#backend/tools/colour-map';
import { nearestOf } from '#backend/tools/depth';
import { resizeRaster } from '#backend/tools/ocr/pixels';
import type { DepthMap, DepthModel } from '#backend/tools/roles';
import type { ToolHandler } from '#backend/tools/tool';
import type { visualizeDepth as spec } from '#shared/tools/visualize-depth';

/** Maps are coarse: more pixels would show nothing more. */
const LONG_SIDE_MAX = 1_024;

export function visualizeDepth(model: DepthModel): ToolHandler<typeof spec> {
  return async ({ image }, context) => {
    const source = await context.image(image);
    const map = await model.estimate(source, context.signal);
    const scale = Math.min(1, LONG_SIDE_MAX / Math.max(source.width, source.height));
    const side = (length: number): number => Math.max(1, Math.round(length * scale));
    return {
      observation: extremesOf(map),
      image: resizeRaster(coloured(map), side(source.width), side(source.height)),
    };
  };
}

/** From dark, the farthest point of the image, to bright, the nearest: the whole scale is used for each image. */
function coloured(map: DepthMap): Raster {
  const { width, height, inverseDepth } = map;
  const most = nearestOf(map);
  const least = inverseDepth.reduce((low, value) => Math.min(low, value), most);
  const range = most - least;
  const data = new Uint8Array(width * height * 3);
  inverseDepth.forEach((value, index) => {
    data.set(infernoColour(range > 0 ? (value - least) / range : 0), index * 3);
  });
  return { data, width, height };
}

/** The centres of the nearest and of the farthest cell, as fractions to two digits. */
function extremesOf({ width, height, inverseDepth }: DepthMap): {
  nearest: [number, number];
  farthest: [number, number];
} {
  let near = 0;
  let far = 0;
  inverseDepth.forEach((value, index) => {
    if (value > (inverseDepth[near] as number)) near = index;
    if (value < (inverseDepth[far] as number)) far = index;
  });
  const place = (index: number): [number, number] => [
    roundTo2(((index % width) + 0.5) / width),
    roundTo2((Math.floor(index / width) + 0.5) / height),
  ];
  return { nearest: place(near), farthest: place(far) };
}
