import * as z from 'zod';
import { boundingBox, defineTool, imageName, label } from '../tool.ts';

export const estimateObjectDepth = defineTool({
  name: 'EstimateObjectDepth',
  description:
    'Estimates how far away a named object is. Larger is farther; compare numbers of one image only. An object that is not found is an error.',
  arguments: z.strictObject({
    image: imageName,
    object: label.describe('a short phrase, such as "the left chair"'),
  }),
  observation: z.object({
    depth: z
      .number()
      .describe(
        'mean depth of the object, 0 to 10: 0 is the nearest point of the image, 10 is out of sight; no unit',
      ),
    bbox: boundingBox.describe('where the object was found'),
  }),
  examples: [{ arguments: { image: 'image-0', object: 'wooden chair' } }],
  runs: 'backend',
  version: '1',
  cacheable: true,
  roles: ['objects', 'depth'],
  imageArguments: ['image'],
  returnsImage: false,
  plannerFields: ['depth'],
  typicalMs: 1_500,
});
