import * as z from 'zod';
import { boundingBox, defineTool, imageName } from '../tool.ts';

export const estimateRegionDepth = defineTool({
  name: 'EstimateRegionDepth',
  description:
    'Estimates how far away a box or a point of an image is. Larger is farther; compare numbers of one image only.',
  arguments: z.strictObject({
    image: imageName,
    bbox: boundingBox.describe(
      '[left, top, right, bottom], each 0..1 of the image width or height; [x, y, x, y] is the point (x, y)',
    ),
  }),
  observation: z.object({
    depth: z
      .number()
      .describe(
        'mean depth of the box or around the point, 0 to 10: 0 is the nearest point of the image, 10 is out of sight; no unit',
      ),
  }),
  examples: [{ arguments: { image: 'image-0', bbox: [0.3, 0.2, 0.5, 0.4] } }],
  runs: 'backend',
  version: '2',
  cacheable: true,
  roles: ['depth'],
  imageArguments: ['image'],
  returnsImage: false,
  plannerFields: ['depth'],
  typicalMs: 700,
});
