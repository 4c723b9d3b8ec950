/** EstimateRegionDepth: how far away a box or a point is, in the scale of `depth.ts`. */

import { pixelBox } from '#backend/tools/boxes';
import { depthOf, regionOf } from '#backend/tools/depth';
import type { DepthModel } from '#backend/tools/roles';
import type { ToolHandler } from '#backend/tools/tool';
import type { estimateRegionDepth as spec } from '#shared/tools/estimate-region-depth';

export function estimateRegionDepth(model: DepthModel): ToolHandler<typeof spec> {
  return async ({ image, bbox }, context) => {
    const source = await context.image(image);
    const region = regionOf(bbox);
    // A box that is none is refused before the model is asked.
    pixelBox(region, source);
    return { observation: { depth: depthOf(await model.estimate(source, context.signal), region) } };
  };
}
