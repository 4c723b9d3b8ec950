import * as z from 'zod';
import { LABEL_CHARS_MAX, REGIONS_MAX } from '../limits.ts';
import { boundingBox, defineTool, imageName } from '../tool.ts';

export const visualizeRegionsOnImage = defineTool({
  name: 'VisualizeRegionsOnImage',
  description: 'Draws boxes, with labels where given, and shows the result as a new image.',
  arguments: z.strictObject({
    image: imageName,
    regions: z
      .array(z.strictObject({ bbox: boundingBox, label: z.string().max(LABEL_CHARS_MAX).optional() }))
      .min(1)
      .max(REGIONS_MAX),
    color: z
      .enum(['yellow', 'red', 'green', 'blue', 'cyan', 'magenta', 'orange', 'white', 'black'])
      .optional()
      .describe('colour of the boxes; yellow when not given'),
  }),
  observation: z.object({ drawn: z.int().min(0).describe('number of boxes') }),
  examples: [{ arguments: { image: 'image-0', regions: [{ bbox: [0.1, 0.2, 0.4, 0.6], label: 'sign' }] } }],
  runs: 'backend',
  version: '1',
  cacheable: true,
  roles: [],
  imageArguments: ['image'],
  returnsImage: true,
  plannerFields: [],
  typicalMs: 80,
});
