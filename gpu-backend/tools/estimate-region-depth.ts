/** EstimateRegionDepth: how far away a box is, in the scale of `depth.ts`. */

import { pixelBox } from '#backend/tools/boxes';
import { depthOf } from '#backend/tools/depth';
import type { DepthModel } from '#backend/tools/roles';
import type { ToolHandler } from '#backend/tools/tool';
import type { estimateRegionDepth as spec } from '#shared/tools/estimate-region-depth';

export function estimateRegionDepth(model: DepthModel): ToolHandler<typeof spec> {
  return async ({ image, bbox }, context) => {
    const source = await context.image(image);
    // A box that is none is refused before the model is asked.
    pixelBox(bbox, source);
    return { observation: { depth: depthOf(await model.estimate(source, context.signal), bbox) } };
  };
}
