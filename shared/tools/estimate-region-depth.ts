import * as z from 'zod';
import { boundingBox, defineTool, imageName } from '../tool.ts';

export const estimateRegionDepth = defineTool({
  name: 'EstimateRegionDepth',
  description:
    'Estimates how far away a box of an image is. Larger is farther; compare numbers of one image only.',
  arguments: z.strictObject({ image: imageName, bbox: boundingBox }),
  observation: z.object({
    depth: z
      .number()
      .describe(
        'mean depth of the box, 0 to 10: 0 is the nearest point of the image, 10 is out of sight; no unit',
      ),
  }),
  examples: [{ arguments: { image: 'image-0', bbox: [0.3, 0.2, 0.5, 0.4] } }],
  runs: 'backend',
  version: '1',
  cacheable: true,
  roles: ['depth'],
  imageArguments: ['image'],
  returnsImage: false,
  plannerFields: ['depth'],
  typicalMs: 700,
});
