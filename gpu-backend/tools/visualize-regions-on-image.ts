/** VisualizeRegionsOnImage: boxes with labels under their lower left corners. */

import type { Raster } from '#backend/images/raster';
import { type Box, type PixelBox, pixelBox } from '#backend/tools/boxes';
import { colours } from '#backend/tools/colours';
import { drawRegions } from '#backend/tools/draw-regions';
import { ToolFailure, type ToolHandler } from '#backend/tools/tool';
import type { visualizeRegionsOnImage as spec } from '#shared/tools/visualize-regions-on-image';

export const visualizeRegionsOnImage: ToolHandler<typeof spec> = async (input, context) => {
  const source = await context.image(input.image);
  const regions = input.regions.map(({ bbox, label }, index) => ({
    box: boxOfRegion(bbox, index, source),
    label,
  }));
  const image = drawRegions(source, regions, colours[input.color ?? 'yellow']);
  return { observation: { drawn: regions.length }, image };
};

function boxOfRegion(box: Box, index: number, size: Raster): PixelBox {
  try {
    return pixelBox(box, size);
  } catch (error) {
    if (error instanceof ToolFailure)
      throw new ToolFailure(error.code, `regions[${index}].bbox: ${error.message}`);
    throw error;
  }
}
